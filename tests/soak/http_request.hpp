#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/soak/content.hpp"

namespace rouse::soak {

/// What an answer's body must be.
enum class body_kind : std::uint8_t {
    none,     ///< No bytes follow the head, whatever it says of their number.
    text,     ///< Exactly `text`.
    digits,   ///< `length` bytes of "0123456789abcdef", over and over.
    content,  ///< `length` bytes of the content with `key`.
    peer,     ///< `text`, a port that only the server may know, and `text_after`.
};

/// The answer that one request must get.
struct expected_answer {
    std::uint64_t begin = 0;  ///< The request stands here in the bytes that its client sends,
    std::uint64_t end = 0;    ///< up to here.
    std::string_view status = "200 OK";
    body_kind body = body_kind::none;
    bool chunked = false;      ///< Of unknown length, so in chunks.
    bool says_length = true;   ///< Has Content-Length, also when no body follows.
    bool says_close = false;   ///< The request asked for it.
    std::uint64_t length = 0;  ///< Bytes of the body; for `peer` unknown, and 0.
    std::uint64_t key = 0;     ///< Of content.
    std::string content_type = "text/plain; charset=utf-8";
    std::string text;
    std::string text_after;
};

/// Appends the `index`th request of a connection to `out`, drawn from all routes that have an
/// answer that can be foretold. Answers say which request they belong to wherever a route allows.
/// `last`: asks for the close of the connection.
[[nodiscard]] expected_answer append_request(std::string& out, draws& from,
                                             std::uint64_t connection, std::uint64_t index,
                                             bool last);

}  // namespace rouse::soak
