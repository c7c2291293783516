#include "server/setting_value.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>
#include <optional>

#include "server/address_list.hpp"
#include "server/duration_text.hpp"
#include "server/quoted_text.hpp"
#include "server/size_text.hpp"

namespace rouse::server {
namespace {

template <class... Functions>
struct overloaded : Functions... {
    using Functions::operator()...;
};

std::string shown(const raw_value& raw) {
    return raw.kind == raw_kind::integer ? raw.texts.back() : quoted_text(raw.texts.back());
}

std::unexpected<std::string> refused(const setting& entry, std::string_view what) {
    return std::unexpected(std::string(what) + ": want " + limits_text(entry));
}

std::expected<void, std::string> assign_count(const setting& entry, const count_rule& rule,
                                              const raw_value& raw, settings& values) {
    const std::string& text = raw.texts.back();
    if (rule.automatic && text == "auto") {
        rule.at.write(values) = 0;
        return {};
    }
    if (raw.kind == raw_kind::text) {
        return refused(entry, shown(raw) + " is text");
    }
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc::invalid_argument || stop != end) {
        return refused(entry, shown(raw) + " is not a whole number");
    }
    if (error != std::errc{} || number < rule.min || number > rule.max) {
        return refused(entry, shown(raw) + " is out of range");
    }
    const auto count = static_cast<unsigned>(number);
    if (rule.power_of_two && !std::has_single_bit(count)) {
        return refused(entry, shown(raw) + " is not a power of two");
    }
    rule.at.write(values) = count;
    return {};
}

std::expected<void, std::string> assign_size(const setting& entry, const size_rule& rule,
                                             const raw_value& raw, settings& values) {
    const auto size = parse_size(raw.texts.back());
    if (!size) {
        return refused(entry, shown(raw) + " is not a size");
    }
    if (*size < rule.min || *size > rule.max) {
        return refused(entry, shown(raw) + " is out of range");
    }
    rule.at.write(values) = *size;
    return {};
}

std::expected<void, std::string> assign_duration(const setting& entry, const duration_rule& rule,
                                                 const raw_value& raw, settings& values) {
    const auto duration = parse_duration(raw.texts.back());
    if (!duration) {
        return refused(entry, shown(raw) + " is not a duration");
    }
    if (*duration < rule.min || *duration > rule.max) {
        return refused(entry, shown(raw) + " is out of range");
    }
    rule.at.write(values) = *duration;
    return {};
}

std::expected<void, std::string> assign_choice(const setting& entry, const choice_rule& rule,
                                               const raw_value& raw, settings& values) {
    const auto found = std::ranges::find(rule.names, raw.texts.back());
    if (found == rule.names.end()) {
        return refused(entry, shown(raw) + " is not known");
    }
    rule.write(values, static_cast<std::size_t>(found - rule.names.begin()));
    return {};
}

std::expected<void, std::string> assign_listen(const setting& entry, const listen_rule& rule,
                                               const raw_value& raw, settings& values) {
    if (raw.kind == raw_kind::integer) {
        return refused(entry, shown(raw) + " is a number");
    }
    auto addresses = parse_address_list(raw.texts);
    if (!addresses) {
        return std::unexpected(std::move(addresses.error()));
    }
    rule.at.write(values) = std::move(*addresses);
    return {};
}

std::expected<void, std::string> assign_flag(const setting& entry, const flag_rule& rule,
                                             const raw_value& raw, settings& values) {
    const std::string& text = raw.texts.back();
    if (raw.kind == raw_kind::text) {
        return refused(entry, shown(raw) + " is text");
    }
    if (text != "true" && text != "false") {
        return refused(entry, shown(raw) + " is neither");
    }
    rule.at.write(values) = text == "true";
    return {};
}

bool needs_no_escapes(const std::string& text) {
    std::string escaped;
    append_escaped(escaped, text);
    return escaped == text;
}

std::expected<void, std::string> assign_text(const setting& entry, const text_rule& rule,
                                             const raw_value& raw, settings& values) {
    const std::string& text = raw.texts.back();
    if (raw.kind == raw_kind::integer) {
        return refused(entry, shown(raw) + " is a number");
    }
    if (text.empty() || text.size() > text_bytes_max || !needs_no_escapes(text)) {
        return refused(entry, shown(raw) + " cannot be used");
    }
    rule.at.write(values) = text;
    return {};
}

std::string in_quotes(std::string_view text) {
    std::string line = "\"";
    append_escaped(line, text);
    return line + '"';
}

std::string toml_list(const std::vector<address>& addresses) {
    std::string list;
    for (const address& each : addresses) {
        list += (list.empty() ? "[" : ", ") + in_quotes(each.to_string());
    }
    return list.empty() ? in_quotes("off") : list + ']';
}

std::string choice_names(const choice_rule& rule, std::string_view between) {
    std::string names;
    for (const std::string_view name : rule.names) {
        names += names.empty() ? std::string(name) : std::string(between) + std::string(name);
    }
    return names;
}

std::string count_limits(const count_rule& rule) {
    return std::string(rule.power_of_two ? "a power of two" : "a whole number") + " from " +
           std::to_string(rule.min) + " to " + std::to_string(rule.max) +
           (rule.automatic ? " or \"auto\"" : "");
}

}  // namespace

std::expected<void, std::string> assign(const setting& entry, const raw_value& raw,
                                        settings& values) {
    const bool is_list = std::holds_alternative<listen_rule>(entry.rule);
    if (!is_list && (raw.kind == raw_kind::list || raw.texts.empty())) {
        return refused(entry, "a list");
    }
    return std::visit(
        overloaded{
            [&](const count_rule& rule) { return assign_count(entry, rule, raw, values); },
            [&](const size_rule& rule) { return assign_size(entry, rule, raw, values); },
            [&](const duration_rule& rule) { return assign_duration(entry, rule, raw, values); },
            [&](const choice_rule& rule) { return assign_choice(entry, rule, raw, values); },
            [&](const listen_rule& rule) { return assign_listen(entry, rule, raw, values); },
            [&](const flag_rule& rule) { return assign_flag(entry, rule, raw, values); },
            [&](const text_rule& rule) { return assign_text(entry, rule, raw, values); }},
        entry.rule);
}

std::string toml_value(const setting& entry, const settings& values) {
    return std::visit(
        overloaded{
            [&](const count_rule& rule) {
                const unsigned count = rule.at.read(values);
                return rule.automatic && count == 0 ? in_quotes("auto") : std::to_string(count);
            },
            [&](const size_rule& rule) { return in_quotes(size_text(rule.at.read(values))); },
            [&](const duration_rule& rule) {
                return in_quotes(duration_text(rule.at.read(values)));
            },
            [&](const choice_rule& rule) { return in_quotes(rule.names[rule.read(values)]); },
            [&](const listen_rule& rule) { return toml_list(rule.at.read(values)); },
            [&](const flag_rule& rule) -> std::string {
                return rule.at.read(values) ? "true" : "false";
            },
            [&](const text_rule& rule) { return in_quotes(rule.at.read(values)); }},
        entry.rule);
}

std::string toml_default(const setting& entry) {
    static const settings defaults = default_settings();
    return toml_value(entry, defaults);
}

std::string limits_text(const setting& entry) {
    return std::visit(
        overloaded{[](const count_rule& rule) { return count_limits(rule); },
                   [](const size_rule& rule) {
                       return "a size from " + size_text(rule.min) + " to " + size_text(rule.max) +
                              " in bytes, KiB, MiB, GiB or TiB";
                   },
                   [](const duration_rule& rule) {
                       return "a duration from " + duration_text(rule.min) + " to " +
                              duration_text(rule.max) + " in ms, s, m or h";
                   },
                   [](const choice_rule& rule) { return "one of " + choice_names(rule, ", "); },
                   [](const listen_rule&) {
                       return "a list of up to " + std::to_string(listen_addresses_max) +
                              " addresses, or \"off\"";
                   },
                   [](const flag_rule&) -> std::string { return "true or false"; },
                   [](const text_rule& rule) { return std::string(rule.wanted); }},
        entry.rule);
}

std::string placeholder(const setting& entry) {
    return std::visit(overloaded{[](const count_rule&) -> std::string { return "NUMBER"; },
                                 [](const size_rule&) -> std::string { return "SIZE"; },
                                 [](const duration_rule&) -> std::string { return "DURATION"; },
                                 [](const choice_rule& rule) { return choice_names(rule, "|"); },
                                 [](const listen_rule&) -> std::string { return "ADDRESS"; },
                                 [](const flag_rule&) -> std::string { return "true|false"; },
                                 [](const text_rule&) -> std::string { return "TEXT"; }},
                      entry.rule);
}

}  // namespace rouse::server
