#include "server/print_config.hpp"

#include <algorithm>

#include "server/print_sites.hpp"
#include "server/quoted_text.hpp"
#include "server/setting_value.hpp"

namespace rouse::server {
namespace {

constexpr std::size_t comment_column = 40;

}  // namespace

std::string print_config(const loaded_settings& loaded) {
    std::string text;
    std::string_view table;
    for (std::size_t row = 0; row < setting_table().size(); ++row) {
        const setting& entry = setting_table()[row];
        if (entry.table != table) {
            text += (table.empty() ? "[" : "\n[") + std::string(entry.table) + "]\n";
            table = entry.table;
        }
        std::string line = std::string(entry.key) + " = " + toml_value(entry, loaded.values);
        line.resize(std::max(line.size(), comment_column), ' ');
        line += "  # ";
        // A file's name may hold a line break, which would end the comment.
        append_escaped(line, loaded.origins[row]);
        text += line + '\n';
    }
    return text + print_sites(loaded);
}

}  // namespace rouse::server
