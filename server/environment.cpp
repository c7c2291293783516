#include "server/environment.hpp"

#include <string>
#include <vector>

#include "protocols/http/header_field.hpp"
#include "server/nearest_name.hpp"
#include "server/quoted_text.hpp"

namespace rouse::server {
namespace {

constexpr std::string_view prefix = "ROUSED_";

bool is_from_kubernetes(std::string_view name) noexcept {
    return name.ends_with("_PORT") || name.contains("_PORT_") || name.ends_with("_SERVICE_HOST") ||
           name.contains("_SERVICE_PORT");
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> parts;
    for (;;) {
        const std::size_t comma = text.find(',');
        parts.emplace_back(http::trim(text.substr(0, comma)));
        if (comma == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(comma + 1);
    }
}

void read_variable(std::string_view name, std::string_view value, settings_builder& builder) {
    if (name == root_variable) {
        builder.set_root(value, "environment " + std::string(name));
        return;
    }
    std::vector<std::string> names{std::string(config_variable), std::string(root_variable)};
    for (const setting& entry : setting_table()) {
        names.push_back(environment_name_of(entry));
        if (names.back() != name) {
            continue;
        }
        const std::string where = "environment " + names.back();
        const bool is_list = std::holds_alternative<listen_rule>(entry.rule);
        raw_value raw{raw_kind::plain, {std::string(value)}};
        if (is_list) {
            raw.texts = split_list(value);
        }
        builder.set(entry, raw, where, where);
        return;
    }
    if (name != config_variable && !is_from_kubernetes(name)) {
        builder.add_warning("environment variable " + quoted_text(name) +
                            " is not known and has no effect" + suggestion(name, names));
    }
}

}  // namespace

std::optional<std::string_view> find_variable(environment variables,
                                              std::string_view name) noexcept {
    for (environment each = variables; each != nullptr && *each != nullptr; ++each) {
        const std::string_view variable = *each;
        if (variable.size() > name.size() + 1 && variable.starts_with(name) &&
            variable[name.size()] == '=') {
            return variable.substr(name.size() + 1);
        }
    }
    return std::nullopt;
}

void read_environment(environment variables, settings_builder& builder) {
    for (environment each = variables; each != nullptr && *each != nullptr; ++each) {
        const std::string_view variable = *each;
        const std::size_t equals = variable.find('=');
        if (!variable.starts_with(prefix) || equals == std::string_view::npos ||
            equals + 1 == variable.size()) {
            continue;
        }
        read_variable(variable.substr(0, equals), variable.substr(equals + 1), builder);
    }
}

}  // namespace rouse::server
