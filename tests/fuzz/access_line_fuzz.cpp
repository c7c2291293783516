#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "runtime/net/address.hpp"
#include "server/access_line.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/reference_text.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::server;
using nlohmann::json;
using rouse::fuzz::byte_reader;
using rouse::fuzz::exact_copy;
using rouse::fuzz::first_code_point;
using rouse::fuzz::is_plain_line;
using rouse::fuzz::lower;
using rouse::fuzz::require;
using rouse::http::access_record;
using rouse::http::header_field;
using rouse::http::request_head;

// What is shown of a text. The reference for where it is cut: before a character that the bound
// falls into, if the bytes before look like one.
std::string shown(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) {
        return std::string(text);
    }
    const auto continues = [text](std::size_t at) {
        return (static_cast<std::uint8_t>(text[at]) & 0xC0U) == 0x80;
    };
    std::size_t end = bytes_max;
    while (continues(end) && bytes_max - end < 3) {
        --end;
    }
    return std::string(text.substr(0, continues(end) ? bytes_max : end)) + "...";
}

// Each byte that is not UTF-8 as U+FFFD.
std::string readable(std::string_view text) {
    std::string made;
    while (!text.empty()) {
        const std::size_t bytes = first_code_point(text).bytes;
        made += bytes == 0 ? "\xEF\xBF\xBD" : text.substr(0, bytes);
        text.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
    return made;
}

std::string escaped(std::string_view text) {
    std::string made;
    for (const char letter : text) {
        const auto byte = static_cast<std::uint8_t>(letter);
        if (byte < 0x20 || byte > 0x7E || letter == '"' || letter == '\\') {
            constexpr std::string_view digits = "0123456789ABCDEF";
            made += "\\x";
            made += digits[byte / 16];
            made += digits[byte % 16];
        } else {
            made += letter;
        }
    }
    return made;
}

std::string value_of(const std::vector<header_field>& headers, std::string_view name) {
    for (const header_field& field : headers) {
        if (lower(field.name) == name) {
            return std::string(field.value);
        }
    }
    return "-";
}

/// The texts of a request, some longer than what is shown of them.
class text_source {
   public:
    explicit text_source(byte_reader& reader) : reader_(reader) {}
    std::string next() {
        std::string text(reader_.counted_text());
        for (std::size_t copies = reader_.below(16); copies > 0 && text.size() < 4'000; --copies) {
            text += text;
        }
        return text;
    }

   private:
    byte_reader& reader_;
};

rouse::ip_address read_peer(byte_reader& reader) {
    const std::string_view raw = reader.text(sizeof(sockaddr_in6));
    sockaddr_storage bytes{};
    raw.copy(reinterpret_cast<char*>(&bytes), sizeof bytes);
    return rouse::ip_address(rouse::address::from_sockaddr(
        reinterpret_cast<const sockaddr*>(&bytes), static_cast<socklen_t>(raw.size())));
}

std::string written(access_format format, const access_record& record, const access_time& time) {
    const auto room = std::make_unique_for_overwrite<std::array<char, access_line_bytes_max>>();
    std::string line(write_access_line(format, record, time, *room));
    require(line.ends_with('\n') && line.find('\n') == line.size() - 1);
    line.pop_back();
    require(is_plain_line(line));
    return line;
}

// Without quotes around it, so that a space is escaped too.
std::string combined_user(std::string_view user) {
    std::string made = user.empty() ? "-" : escaped(shown(user, access_user_bytes_max));
    for (std::size_t at = made.find(' '); at != std::string::npos; at = made.find(' ')) {
        made.replace(at, 1, "\\x20");
    }
    return made;
}

void check_combined(const access_record& record, const access_time& time) {
    std::string expected = record.peer.to_string() + " - " + combined_user(record.user) + " [" +
                           std::string(time.combined()) + "] \"";
    std::string referer = "-";
    std::string user_agent = "-";
    if (record.head == nullptr) {
        expected += '-';
    } else {
        const request_head& head = *record.head;
        const std::vector<header_field> headers(head.headers.begin(), head.headers.end());
        expected += escaped(shown(head.method_name, access_method_bytes_max)) + ' ' +
                    escaped(shown(head.target, access_target_bytes_max)) + " HTTP/1." +
                    std::to_string(head.minor_version);
        referer = shown(value_of(headers, "referer"), access_referer_bytes_max);
        user_agent = shown(value_of(headers, "user-agent"), access_user_agent_bytes_max);
    }
    expected += "\" " + std::to_string(record.status) + ' ' + std::to_string(record.body_bytes) +
                " \"" + escaped(referer) + "\" \"" + escaped(user_agent) + '"';
    require(written(access_format::combined, record, time) == expected);
}

void check_json(const access_record& record, const access_time& time) {
    const std::string line = written(access_format::json, record, time);
    const json object = json::parse(line);
    const auto is = [&object](const char* key, const std::string& text, std::size_t bytes_max) {
        require(object.at(key).get<std::string>() == readable(shown(text, bytes_max)));
    };
    require(object.size() == 13);
    require(object.at("time").get<std::string>() == time.rfc3339());
    require(object.at("peer").get<std::string>() == record.peer.to_string());
    require(object.at("status").get<int>() == record.status);
    require(object.at("bytes").get<std::uint64_t>() == record.body_bytes);
    require(object.at("cut").get<bool>() == record.is_cut);
    require(object.at("duration_us").get<std::int64_t>() ==
            std::max<std::int64_t>(record.took.count(), 0) / 1'000);
    is("user", record.user.empty() ? "-" : std::string(record.user), access_user_bytes_max);
    if (record.head == nullptr) {
        for (const char* const key :
             {"method", "target", "protocol", "referer", "user_agent", "host"}) {
            require(object.at(key).get<std::string>() == "-");
        }
        return;
    }
    const request_head& head = *record.head;
    const std::vector<header_field> headers(head.headers.begin(), head.headers.end());
    is("method", std::string(head.method_name), access_method_bytes_max);
    is("target", std::string(head.target), access_target_bytes_max);
    is("host", head.host.empty() ? "-" : std::string(head.host), access_host_bytes_max);
    is("referer", value_of(headers, "referer"), access_referer_bytes_max);
    is("user_agent", value_of(headers, "user-agent"), access_user_agent_bytes_max);
    require(object.at("protocol").get<std::string>() ==
            "HTTP/1." + std::to_string(head.minor_version));
}

}  // namespace

// Any answer to any request is one line of either format, byte for byte what the plainest code
// makes of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader reader(data, size);
    text_source texts(reader);
    access_record record;
    record.status = static_cast<int>(reader.number<std::uint16_t>() % 1'000);
    record.body_bytes = reader.number<std::uint64_t>();
    record.took = rouse::duration(reader.number<std::int64_t>());
    record.is_cut = reader.flag();
    access_time time;
    time.set(std::chrono::sys_time<std::chrono::milliseconds>(
        std::chrono::milliseconds(reader.number<std::int64_t>() >> 16)));
    const bool is_understood = reader.below(8) != 0;
    record.peer = read_peer(reader);

    const std::string method = texts.next();
    const std::string target = texts.next();
    const std::string host = texts.next();
    const exact_copy copies[] = {exact_copy(method), exact_copy(target), exact_copy(host)};
    std::vector<std::string> values;
    constexpr std::size_t headers_max = 4;
    for (std::size_t count = reader.below(headers_max + 1); count > 0; --count) {
        values.push_back(texts.next());
    }
    std::vector<header_field> headers;
    constexpr std::string_view names[] = {"Referer", "user-agent", "USER-AGENT", "Refererr"};
    for (const std::string& value : values) {
        headers.push_back({.name = names[reader.below(4)], .value = value});
    }
    request_head head;
    head.minor_version = static_cast<std::uint8_t>(reader.below(2));
    head.method_name = copies[0].text();
    head.target = copies[1].text();
    head.host = copies[2].text();
    head.headers = headers;
    record.head = is_understood ? &head : nullptr;
    const std::string user = texts.next();
    const exact_copy user_copy(user);
    record.user = user_copy.text();
    check_combined(record, time);
    check_json(record, time);
    return 0;
}
