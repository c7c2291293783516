#include "tests/sim/files/answer_fields.hpp"

#include <utility>

#include "tests/sim/http/answer_head.hpp"
#include "tests/sim/http/route_content.hpp"

namespace rouse::sim {

bool answer_fields::read_line(std::string_view name, std::string_view value) {
    constexpr std::pair<std::string_view, std::string answer_fields::*> kept[] = {
        {"ETag", &answer_fields::tag},
        {"Last-Modified", &answer_fields::modified},
        {"Accept-Ranges", &answer_fields::accept_ranges},
        {"Content-Range", &answer_fields::range},
        {"Content-Type", &answer_fields::type},
        {"Content-Encoding", &answer_fields::coding},
        {"Vary", &answer_fields::vary},
        {"Cache-Control", &answer_fields::cache_control},
        {"Location", &answer_fields::location},
        {"Content-Security-Policy", &answer_fields::security_policy},
    };
    for (const auto& [known, member] : kept) {
        if (name == known) {
            const bool is_first = (this->*member).empty();
            this->*member = value;
            return is_first && !value.empty();
        }
    }
    if (name == "Content-Length") {
        const bool is_first = !length;
        length = parse_number(value);
        return is_first && length;
    }
    if (name == "Transfer-Encoding") {
        is_chunked = value == "chunked";
        return is_chunked;
    }
    if (name == "Connection") {
        says_close = value == "close";
        return true;
    }
    return name == "Date" || name == "Server" || name == "Retry-After";
}

std::optional<std::string> answer_fields::read(std::string_view text) {
    const std::size_t line_end = text.find("\r\n");
    status = parse_status_line(text.substr(0, line_end));
    if (status == 0) {
        return "not a status line: " + std::string(text.substr(0, line_end));
    }
    text.remove_prefix(line_end + 2);
    while (text != "\r\n") {
        const std::size_t end = text.find("\r\n");
        const std::string_view line = text.substr(0, end);
        const std::size_t colon = line.find(": ");
        if (colon == std::string_view::npos ||
            !read_line(line.substr(0, colon), line.substr(colon + 2))) {
            return "a header line that nobody made: " + std::string(line);
        }
        text.remove_prefix(end + 2);
    }
    return std::nullopt;
}

}  // namespace rouse::sim
