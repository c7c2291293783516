#include "server/toml_nodes.hpp"

#include <algorithm>
#include <sstream>

namespace rouse::server {

std::vector<toml_item> in_order(const toml::table& table) {
    std::vector<toml_item> items;
    for (const auto& [key, node] : table) {
        items.emplace_back(&key, &node);
    }
    std::ranges::sort(items, {}, [](const toml_item& each) {
        const toml::source_position begin = each.first->source().begin;
        return std::pair(begin.line, begin.column);
    });
    return items;
}

std::string place_of(const std::string& path, const toml::source_region& source) {
    return path + ':' + std::to_string(source.begin.line) + ':' +
           std::to_string(source.begin.column);
}

std::string wrong_type(const toml::node& node) {
    std::ostringstream what;
    node.visit([&what](const auto& value) {
        if constexpr (toml::is_value<decltype(value)>) {
            what << value << " is a value of the wrong type (" << value.type() << ')';
        } else {
            what << "a value of the wrong type (" << value.type() << ')';
        }
    });
    return what.str();
}

}  // namespace rouse::server
