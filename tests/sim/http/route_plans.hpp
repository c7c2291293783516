#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/sim/http/request_draft.hpp"

namespace rouse::sim::route_plans {

/// What the plans of the routes share.
inline constexpr std::string_view plain_text = "text/plain; charset=utf-8";
inline constexpr std::string_view octets = "application/octet-stream";

inline void append_number(std::string& text, std::uint64_t number) {
    std::array<char, 20> digits{};
    text.append(digits.data(),
                std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

/// The route `path`, followed by a number.
inline void set_path(request_draft& draft, std::string_view path, std::uint64_t number) {
    draft.path.assign(path);
    append_number(draft.path, number);
}

[[nodiscard]] inline std::uint64_t draw_number(request_draft& draft) {
    return draft.draw.below(100'000);
}

/// Mostly short, so that a world of many requests needs few turns of its clock.
[[nodiscard]] inline std::uint64_t draw_milliseconds(request_draft& draft) {
    const bool is_long = draft.draw.chance(100'000);
    return draft.draw.between(1, is_long ? 200 : 8);
}

inline void set_query(request_draft& draft, std::uint64_t number) {
    draft.has_query = true;
    append_number(draft.query, number);
}

inline void answer_fixed(request_draft& draft, std::string_view text,
                         std::string_view type = plain_text) {
    draft.made.answer.fixed = text;
    draft.made.answer.content_type = type;
}

inline void answer_status(request_draft& draft, int status, std::string_view text) {
    draft.made.answer.status = status;
    answer_fixed(draft, text, text.empty() ? std::string_view() : plain_text);
}

inline void answer_error(request_draft& draft) {
    answer_status(draft, 500, "500 Internal Server Error\n");
}

/// One for each group of routes: draws one of them, and what it answers.
void literal(request_draft& draft);
void say(request_draft& draft);
void path(request_draft& draft);
void show(request_draft& draft);
void bytes(request_draft& draft);
void status(request_draft& draft);
void mute(request_draft& draft);
void wait(request_draft& draft);
void close(request_draft& draft);
void headers(request_draft& draft);
void stream(request_draft& draft);
void failing_stream(request_draft& draft);
void exception(request_draft& draft);
void tell(request_draft& draft);
void echo(request_draft& draft);
void slow(request_draft& draft);
void piece(request_draft& draft);
void ignore(request_draft& draft);
void away(request_draft& draft);
void missing(request_draft& draft);
void whole_server(request_draft& draft);

}  // namespace rouse::sim::route_plans
