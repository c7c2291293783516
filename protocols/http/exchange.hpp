#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/http/input.hpp"
#include "protocols/http/output_buffer.hpp"
#include "protocols/http/request_body.hpp"
#include "protocols/http/request_parser.hpp"
#include "protocols/http/response.hpp"
#include "runtime/base/owned_bytes.hpp"
#include "runtime/time/clock.hpp"

namespace rouse::http {

/// What of a request the writing of its response needs, after its text is gone.
struct response_terms {
    bool with_body = true;   ///< False for HEAD.
    bool keep_alive = true;  ///< As the client asked.
    bool http_1_0 = false;
};

/// The working memory of a connection between its first received byte and its last sent one. An
/// idle connection has none.
class exchange {
   public:
    exchange(const parser_limits& limits, output_pool& outputs) noexcept
        : parser(limits), out(outputs), body(in) {}

    request_parser parser;
    input in;
    output_buffer out;
    request_body body;
    response_terms terms;
    /// An answer that cannot be copied behind the others: to be written by the coroutine.
    std::optional<response> waiting_response;
    std::string content_type;  ///< Of waiting_response, whose own view may be of the request.
    /// Shared bytes that go out behind what is in `out`; nothing is added to that meanwhile.
    owned_bytes tail;

    bool is_asked_once = false;  ///< Of an either_handler, at_once has been called and had nothing.
    bool is_understood = false;  ///< The parser has the head that is being answered.
    bool is_quiet = false;       ///< Of the response: see response::quiet.
    int status = 0;              ///< Of the response, for the access log.
    std::string_view user;       ///< Who asked, for the same: see request::set_user.
    std::uint32_t gathered = 0;  ///< Requests that were answered since the last send.
    time_point began{};          ///< When the request's head was whole.
    duration body_waited{};      ///< For the peer to send more of the body.
    time_point body_asked_at{};  ///< When the wait that is under way began.
    std::uint64_t body_received = 0;
    std::optional<std::uint64_t> delivered;  ///< What the peer had taken at the last look.
    time_point moved_at{};                   ///< When it had last taken more, or the send began.
};

}  // namespace rouse::http
