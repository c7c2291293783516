#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <nlohmann/json.hpp>

#include "server/duration_text.hpp"
#include "server/log_line.hpp"
#include "server/quoted_text.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/reference_text.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::server;
using nlohmann::json;
using rouse::address;
using rouse::fuzz::byte_reader;
using rouse::fuzz::first_code_point;
using rouse::fuzz::is_plain_line;
using rouse::fuzz::require;
using time_point = std::chrono::system_clock::time_point;

// What a reader must get back: each byte that is not UTF-8 is U+FFFD.
std::string readable(std::string_view text) {
    std::string made;
    while (!text.empty()) {
        const std::size_t bytes = first_code_point(text).bytes;
        made += bytes == 0 ? "\xEF\xBF\xBD" : text.substr(0, bytes);
        text.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
    return made;
}
std::string shown(std::string_view text) {
    return readable(text.substr(0, log_value_bytes_max)) +
           (text.size() > log_value_bytes_max ? "..." : "");
}

// One field beside what a line must say of it.
struct sample {
    std::string key;
    log_value value;
    json expected;
};

// The texts that values borrow.
struct storage {
    std::vector<std::string> texts;
    std::vector<address> addresses;
};

sample read_sample(byte_reader& reader, storage& kept, std::size_t index) {
    std::string key = "key_" + std::to_string(index);
    switch (reader.below(8)) {
        case 0: {
            const bool flag = reader.flag();
            return {std::move(key), flag, flag};
        }
        case 1: {
            const auto number = reader.number<std::int64_t>();
            return {std::move(key), number, number};
        }
        case 2: {
            const auto number = reader.number<std::uint64_t>();
            return {std::move(key), number, number};
        }
        case 3: {
            const std::chrono::milliseconds wait(reader.number<std::int64_t>());
            return {std::move(key), wait,
                    duration_text(std::max(wait, std::chrono::milliseconds(0)))};
        }
        case 4: {
            const std::string_view raw = reader.counted_text();
            sockaddr_storage bytes{};
            raw.copy(reinterpret_cast<char*>(&bytes), sizeof bytes);
            const auto size = static_cast<socklen_t>(std::min(raw.size(), sizeof bytes));
            const address& where = kept.addresses.emplace_back(
                address::from_sockaddr(reinterpret_cast<const sockaddr*>(&bytes), size));
            return {std::move(key), where, shown(where.to_string())};
        }
        case 5: {
            const std::error_code error(reader.number<std::uint8_t>(), std::generic_category());
            return {std::move(key), error, shown(error.message())};
        }
        default: {
            std::string text(reader.counted_text());
            // Longer than what is shown, from a short input.
            for (std::size_t copies = reader.below(8); copies > 0 && text.size() < 2'000;
                 --copies) {
                text += text;
            }
            const std::string& stays = kept.texts.emplace_back(std::move(text));
            return {std::move(key), stays, shown(stays)};
        }
    }
}

void check_time(std::string_view text) {
    constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd.dddZ";
    require(text.size() == form.size());
    for (std::size_t at = 0; at < form.size(); ++at) {
        require(form[at] == 'd' ? text[at] >= '0' && text[at] <= '9' : text[at] == form[at]);
    }
}

// A reader of the text form: a word up to the next space, or what JSON has in quotes.
std::string take_value(std::string_view& rest) {
    if (!rest.starts_with('"')) {
        const std::string word(rest.substr(0, rest.find(' ')));
        require(!word.empty() && word.find_first_of("\"=\\") == std::string::npos);
        rest.remove_prefix(word.size());
        return word;
    }
    std::size_t end = 1;
    while (end < rest.size() && rest[end] != '"') {
        end += rest[end] == '\\' ? 2U : 1U;
    }
    require(end < rest.size());
    const std::string_view quoted = rest.substr(0, end + 1);
    rest.remove_prefix(end + 1);
    return json::parse(quoted).get<std::string>();
}

void check_text(std::string_view line, std::string_view event, log_level level,
                const std::vector<sample>& samples) {
    const auto take = [&line](std::string_view expected) {
        require(line.starts_with(expected));
        line.remove_prefix(expected.size());
    };
    check_time(line.substr(0, line.find(' ')));
    line.remove_prefix(line.find(' '));
    take(" ");
    take(level_name(level));
    take(" ");
    require(take_value(line) == shown(event));
    for (const sample& each : samples) {
        take(" ");
        take(each.key);
        take("=");
        const std::string value = take_value(line);
        require(value == (each.expected.is_string() ? each.expected.get<std::string>()
                                                    : each.expected.dump()));
    }
    require(line.empty());
}

void check_json(std::string_view line, std::string_view event, log_level level,
                const std::vector<sample>& samples) {
    const json parsed = json::parse(line);
    require(parsed.is_object() && parsed.size() == samples.size() + 3);
    check_time(parsed.at("time").get<std::string>());
    require(parsed.at("level") == level_name(level) && parsed.at("event") == shown(event));
    for (const sample& each : samples) {
        require(parsed.at(each.key) == each.expected);
    }
}

void check_quoted(std::string_view text) {
    const std::string quoted = quoted_text(text);
    const std::string_view mark = text.size() > quoted_bytes_max ? "..." : "";
    require(is_plain_line(quoted) && quoted.ends_with(mark));
    const std::string_view literal =
        std::string_view(quoted).substr(0, quoted.size() - mark.size());
    require(json::parse(literal) == readable(text.substr(0, quoted_bytes_max)));
}

}  // namespace

// Any bytes in, one line out: a terminal can take it, and whoever reads it gets every value back,
// as JSON or as words and quotes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t fields_max = 16;
    byte_reader reader(data, size);
    const auto level = static_cast<log_level>(reader.below(4));
    // No clock shows the first and the last day that a time_point can say.
    const time_point time{time_point::duration(reader.number<std::int64_t>() / 2)};
    const std::string_view event = reader.counted_text();
    storage kept;
    kept.texts.reserve(fields_max);
    kept.addresses.reserve(fields_max);
    std::vector<sample> samples;
    while (!reader.empty() && samples.size() < fields_max) {
        samples.push_back(read_sample(reader, kept, samples.size()));
    }
    std::vector<log_field> fields;
    for (const sample& each : samples) {
        fields.push_back({.key = each.key, .value = each.value});
    }
    for (const log_format format : {log_format::text, log_format::json}) {
        const std::string line = log_line(format, level, time, event, fields);
        require(line.ends_with('\n'));
        const std::string_view content = std::string_view(line).substr(0, line.size() - 1);
        require(is_plain_line(content));
        // The longest form of a byte is \u00XX.
        require(content.size() <= 128 + (fields.size() + 1) * (6 * log_value_bytes_max + 32));
        (format == log_format::text ? check_text : check_json)(content, event, level, samples);
    }
    check_quoted(event);
    return 0;
}
