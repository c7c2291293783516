#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocols/http/method.hpp"
#include "tests/sim/http/exchange_plan.hpp"

namespace rouse::sim {

/// What a handler does with the body of its request.
enum class body_use : std::uint8_t {
    ignored,      ///< The answer is made without it.
    passed_by,    ///< The same, and the answer is a stream.
    read,         ///< To its end, before the answer.
    echoed,       ///< The answer is a stream made of it.
    first_piece,  ///< One piece, before the answer.
};

enum class request_framing : std::uint8_t { none, length, chunked };

/// What is wrong with the body.
enum class body_fault : std::uint8_t {
    none,
    malformed,  ///< What refused_requests.hpp draws.
    too_long,   ///< More data in chunks than the limit permits.
    announced,  ///< The same by Content-Length.
};

/// A request on its way to become a planned_exchange. What the route decides comes first, then what
/// the request is, then what its text shows.
struct request_draft {
    request_draft(random_source& source, const http::service_limits& bounds,
                  planned_exchange& into) noexcept
        : draw(source), limits(bounds), made(into) {}

    random_source& draw;
    const http::service_limits& limits;
    planned_exchange& made;

    std::string path;
    std::string query;
    bool has_query = false;
    bool is_missing = false;       ///< No route has this path.
    bool is_whole_server = false;  ///< `OPTIONS *`.
    http::method_mask methods = http::to_mask(http::method::get);
    body_use use = body_use::ignored;
    bool has_surplus = false;       ///< The stream goes on behind the whole answer.
    bool tells_head = false;        ///< The answer begins with describe() of the head.
    bool tells_body = false;        ///< The body of the request follows in it.
    bool has_type_of_body = false;  ///< Its content type is that of the request.

    http::method verb = http::method::get;
    std::string_view method_name = "GET";
    unsigned minor_version = 1;
    bool keeps_alive = true;
    std::string_view connection;  ///< The value of Connection; empty for no such line.
    std::string_view content_type;
    request_framing framing = request_framing::none;
    body_fault fault = body_fault::none;
    int malformed_status = 400;  ///< What a malformed body is answered with.
    bool has_expect = false;
    std::string_view data;          ///< Of the body, without what is wrong with it.
    std::uint64_t data_length = 0;  ///< Of the whole body, as Content-Length says.

    std::size_t target_begin = 0;  ///< In made.bytes.
    std::size_t target_bytes = 0;
    std::string_view host;
    std::string_view tag = "-";
    std::size_t header_count = 0;
    std::size_t fault_at = 0;  ///< In made.bytes: behind the byte that shows what is wrong.

    /// The client asks to be told to send the body.
    [[nodiscard]] bool expects() const noexcept {
        return has_expect && minor_version != 0 &&
               (framing == request_framing::chunked || data_length > 0);
    }
};

/// Draws the route, and what it answers to a GET or POST of HTTP/1.1 without a body.
void plan_route(request_draft& draft);
/// Draws only among the routes whose requests have a body.
void plan_body_route(request_draft& draft);

/// Draws method, version, Connection and body.
void plan_request(request_draft& draft);

/// Writes the request as planned, in one of the ways that the grammar permits.
void write_request(request_draft& draft);

/// Makes the answer what the request, other than a plain GET, turns it into.
void settle_answer(request_draft& draft);

}  // namespace rouse::sim
