#pragma once

#include <optional>
#include <string>

#include "protocols/http/input.hpp"
#include "protocols/http/output_buffer.hpp"
#include "protocols/http/request_body.hpp"
#include "protocols/http/request_parser.hpp"
#include "protocols/http/response.hpp"

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
};

}  // namespace rouse::http
