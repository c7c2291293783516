#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/address_list.hpp"
#include "server/duration_text.hpp"
#include "server/nearest_name.hpp"
#include "server/setting_value.hpp"
#include "server/size_text.hpp"
#include "tests/fuzz/reference_text.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::server;
using rouse::fuzz::is_plain_line;
using rouse::fuzz::require;
using rouse::fuzz::split;
using unit = std::pair<std::string_view, std::uint64_t>;

// Digits and then exactly the name of a unit; nothing beyond `max`.
std::optional<std::uint64_t> quantity(std::string_view text, const std::vector<unit>& units,
                                      std::uint64_t max) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    std::uint64_t number = 0;
    for (const char digit : text.substr(0, digits)) {
        const auto value = static_cast<std::uint64_t>(digit - '0');
        if (number > (max - value) / 10) {
            return std::nullopt;
        }
        number = number * 10 + value;
    }
    const auto named = std::ranges::find(units, text.substr(digits), &unit::first);
    if (digits == 0 || named == units.end() || number > max / named->second) {
        return std::nullopt;
    }
    return number * named->second;
}

void check_duration(std::string_view text) {
    constexpr auto max = std::numeric_limits<std::int64_t>::max();
    const auto expected = quantity(text, {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}},
                                   std::uint64_t{max});
    const auto parsed = parse_duration(text);
    require(parsed.has_value() == expected.has_value());
    if (parsed) {
        require(static_cast<std::uint64_t>(parsed->count()) == *expected);
        const std::string written = duration_text(*parsed);
        require(parse_duration(written) == *parsed && written.size() <= 22);
    }
}

void check_size(std::string_view text) {
    constexpr std::uint64_t kibi = 1024;
    const auto expected = quantity(text,
                                   {{"", 1},
                                    {"KiB", kibi},
                                    {"MiB", kibi * kibi},
                                    {"GiB", kibi * kibi * kibi},
                                    {"TiB", kibi * kibi * kibi * kibi}},
                                   std::numeric_limits<std::size_t>::max());
    require(parse_size(text) == expected);
    if (expected) {
        require(parse_size(size_text(*expected)) == expected);
    }
}

void check_addresses(const std::vector<std::string>& texts) {
    const auto parsed = parse_address_list(texts);
    if (!parsed) {
        require(is_plain_line(parsed.error()) && !parsed.error().empty());
        return;
    }
    require(parsed->size() <= listen_addresses_max);
    require(parsed->size() == texts.size() || (parsed->empty() && texts.front() == "off"));
    for (std::size_t at = 0; at < parsed->size(); ++at) {
        require(rouse::address::parse(texts[at]) == (*parsed)[at]);
    }
}

// A value is stored and reads back as itself, or nothing is stored and one line says why.
void check_assign(const setting& entry, const raw_value& raw, const settings& defaults) {
    settings values = defaults;
    const auto assigned = assign(entry, raw, values);
    if (!assigned) {
        require(values == defaults);
        require(is_plain_line(assigned.error()) && !assigned.error().empty());
        return;
    }
    const std::string toml = toml_value(entry, values);
    require(!toml.contains('\n'));
    settings without = values;
    require(
        assign(entry, {raw_kind::plain, {std::string(entry.default_text)}}, without).has_value());
    require(without == defaults);
    if (toml.starts_with('"') || std::holds_alternative<count_rule>(entry.rule)) {
        const bool is_text = toml.starts_with('"');
        const std::string plain = is_text ? toml.substr(1, toml.size() - 2) : toml;
        settings again = defaults;
        require(assign(entry, {is_text ? raw_kind::text : raw_kind::integer, {plain}}, again)
                    .has_value());
        require(again == values);
    }
}

// The reference for the nearest name: from the end, each pair of rests once.
std::size_t edits_between(std::string_view left, std::string_view right) {
    std::vector<std::vector<std::size_t>> edits(left.size() + 1,
                                                std::vector<std::size_t>(right.size() + 1));
    for (std::size_t i = left.size() + 1; i-- > 0;) {
        for (std::size_t j = right.size() + 1; j-- > 0;) {
            if (i == left.size() || j == right.size()) {
                edits[i][j] = left.size() - i + right.size() - j;
                continue;
            }
            edits[i][j] = std::min({edits[i + 1][j] + 1, edits[i][j + 1] + 1,
                                    edits[i + 1][j + 1] + (left[i] == right[j] ? 0 : 1)});
        }
    }
    return edits[0][0];
}

void check_suggestion(std::string_view name, const std::vector<std::string>& names) {
    const std::string said = suggestion(name, names);
    constexpr std::size_t name_bytes_max = 64;
    if (name.size() > name_bytes_max) {
        require(said.empty());
        return;
    }
    std::string expected;
    std::size_t fewest = std::max<std::size_t>(1, name.size() / 3) + 1;
    for (const std::string& each : names) {
        if (const std::size_t edits = edits_between(name, each); edits < fewest) {
            fewest = edits;
            expected = " (did you mean " + each + "?)";
        }
    }
    require(said == expected);
}

}  // namespace

// One text as every kind of value that a setting may have.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const settings defaults = default_settings();
    static const std::vector<std::string> names{"listen", "idle_timeout", "body_timeout"};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_duration(text);
    check_size(text);
    std::vector<std::string> parts;
    for (const std::string_view part : split(text, ',')) {
        parts.emplace_back(part);
    }
    check_addresses(parts);
    check_suggestion(text, names);
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + size, number);
    for (const setting& entry : setting_table()) {
        check_assign(entry, {raw_kind::plain, {std::string(text)}}, defaults);
        check_assign(entry, {raw_kind::text, {std::string(text)}}, defaults);
        check_assign(entry, {raw_kind::list, parts}, defaults);
        if (read.ec == std::errc()) {
            check_assign(entry, {raw_kind::integer, {std::to_string(number)}}, defaults);
        }
    }
    return 0;
}
