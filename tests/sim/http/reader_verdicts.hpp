#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/sim/http/answer_reader.hpp"

namespace rouse::sim {

/// Lines of the answers: text that the compiler puts together.
#define DATE "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
#define PLAIN "Content-Type: text/plain; charset=utf-8\r\n"

inline constexpr std::string_view right =
    "HTTP/1.1 200 OK\r\nServer: rouse\r\n" DATE PLAIN "Content-Length: 6\r\n\r\nhello\n";
inline constexpr std::string_view right_chunked = "HTTP/1.1 200 OK\r\n" DATE PLAIN
                                                  "Transfer-Encoding: chunked\r\n\r\n"
                                                  "1\r\nh\r\n5\r\nello\n\r\n0\r\n\r\n";
inline constexpr std::string_view right_refusal = "HTTP/1.1 400 Bad Request\r\n" DATE PLAIN
                                                  "Content-Length: 22\r\nConnection: close\r\n\r\n"
                                                  "400 Bad Request: why?\n";

/// GET, and "hello" as its answer.
[[nodiscard]] inline planned_exchange get(answer_framing framing = answer_framing::length) {
    planned_exchange made;
    made.bytes = "GET /plain HTTP/1.1\r\nHost: sim\r\n\r\n";
    made.head_bytes = made.bytes.size();
    made.answerable_from = made.bytes.size();
    made.answered_from = made.bytes.size();
    made.answer.framing = framing;
    made.answer.fixed = "hello\n";
    made.answer.length = made.answer.fixed.size();
    made.answer.content_type = "text/plain; charset=utf-8";
    return made;
}

[[nodiscard]] inline planned_exchange head() {
    planned_exchange made = get();
    made.is_head = true;
    made.answer.rule = content_rule::absent;
    return made;
}

[[nodiscard]] inline planned_exchange refused() {
    planned_exchange made = get();
    made.answer = refusal(400);
    return made;
}

[[nodiscard]] inline planned_exchange continued(continue_rule rule) {
    planned_exchange made = get();
    made.bytes += "body";
    made.interim = rule;
    return made;
}

template <class Change>
[[nodiscard]] planned_exchange changed(planned_exchange made, Change change) {
    change(made.answer);
    return made;
}

/// Which part of a reader complains, if one does.
enum class verdict : std::uint8_t { accepted, missing, wrong };

/// Reads an answer and the end of the connection.
[[nodiscard]] inline verdict read(const planned_exchange& planned, std::string_view answer,
                                  std::size_t piece_bytes, std::uint64_t sent = 1'000) {
    answer_reader reader;
    reader.expect(planned);
    while (!answer.empty()) {
        const std::string_view piece = answer.substr(0, piece_bytes);
        answer.remove_prefix(piece.size());
        if (reader.feed(piece, sent)) {
            return verdict::wrong;
        }
    }
    return reader.end(true) ? verdict::missing : verdict::accepted;
}

inline void reads_as(verdict wanted, const planned_exchange& planned, std::string_view answer) {
    for (std::size_t piece_bytes = 1; piece_bytes <= answer.size(); ++piece_bytes) {
        const bool is_so = read(planned, answer, piece_bytes) == wanted;
        CHECK_MESSAGE(is_so, std::string(answer) << " in pieces of " << piece_bytes);
    }
}

inline void accepts(const planned_exchange& planned, std::string_view answer) {
    reads_as(verdict::accepted, planned, answer);
}

/// There is no excuse for it.
inline void refuses(const planned_exchange& planned, std::string_view answer) {
    reads_as(verdict::wrong, planned, answer);
}

/// Right so far, and not whole.
inline void misses(const planned_exchange& planned, std::string_view answer) {
    reads_as(verdict::missing, planned, answer);
}

/// The right answer with one text in it replaced by another.
[[nodiscard]] inline std::string with(std::string_view answer, std::string_view text,
                                      std::string_view instead) {
    std::string made(answer);
    REQUIRE(made.find(text) != std::string::npos);
    return made.replace(made.find(text), text.size(), instead);
}

}  // namespace rouse::sim
