#include "protocols/http/status.hpp"

#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>

namespace rouse::http {
namespace {

struct registered_status {
    int code;
    std::string_view phrase;
};

constexpr registered_status registry[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {102, "Processing"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {208, "Already Reported"},
    {226, "IM Used"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {506, "Variant Also Negotiates"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {511, "Network Authentication Required"},
};

constexpr std::string_view line_head = "HTTP/1.1 ";
constexpr std::size_t line_phrase_offset = line_head.size() + 4;

// Every line has the same storage size, so that one is copied by a constant number of vector moves.
struct line {
    std::array<char, status_line_bytes_max> text{};
    std::uint8_t size = 0;
};

constexpr line make_line(int code, std::string_view phrase) {
    line made;
    const auto put = [&made](char byte) { made.text[made.size++] = byte; };
    for (const char byte : line_head) {
        put(byte);
    }
    put(static_cast<char>('0' + code / 100));
    put(static_cast<char>('0' + code / 10 % 10));
    put(static_cast<char>('0' + code % 10));
    put(' ');
    for (const char byte : phrase) {
        put(byte);
    }
    put('\r');
    put('\n');
    return made;
}

constexpr std::size_t status_count = status_max - status_min + 1;
constexpr std::uint8_t unregistered = std::size(registry);

struct tables {
    std::array<line, std::size(registry)> lines{};
    std::array<std::uint8_t, status_count> index{};
};

constexpr tables make_tables() {
    tables made;
    made.index.fill(unregistered);
    for (std::size_t entry = 0; entry < std::size(registry); ++entry) {
        made.lines[entry] = make_line(registry[entry].code, registry[entry].phrase);
        made.index[static_cast<std::size_t>(registry[entry].code - status_min)] =
            static_cast<std::uint8_t>(entry);
    }
    return made;
}

constexpr tables precomputed = make_tables();

const line* find_line(int status) noexcept {
    if (status < status_min || status > status_max) {
        return nullptr;
    }
    const std::uint8_t entry = precomputed.index[static_cast<std::size_t>(status - status_min)];
    return entry == unregistered ? nullptr : &precomputed.lines[entry];
}

}  // namespace

std::string_view reason_phrase(int status) noexcept {
    const std::string_view whole = status_line(status);
    return whole.empty() ? whole
                         : whole.substr(line_phrase_offset, whole.size() - line_phrase_offset - 2);
}

std::string_view status_line(int status) noexcept {
    const line* found = find_line(status);
    return found == nullptr ? std::string_view()
                            : std::string_view(found->text.data(), found->size);
}

char* write_status_line(char* out, int status) noexcept {
    assert(status >= status_min && status <= status_max);
    const line* found = find_line(status);
    if (found == nullptr) [[unlikely]] {
        const line made = make_line(status, {});
        std::memcpy(out, made.text.data(), made.text.size());
        return out + made.size;
    }
    std::memcpy(out, found->text.data(), found->text.size());
    return out + found->size;
}

}  // namespace rouse::http
