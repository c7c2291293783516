#include "protocols/http/parse_failure.hpp"

#include <array>
#include <cstddef>

namespace rouse::http {
namespace {

struct rule {
    parse_error reason;
    int status;
    std::string_view text;
};

using enum parse_error;

// In the order of the enumeration. The section is of RFC 9112 unless 9110 is said.
constexpr std::array rules = {
    rule{none, 400, "no failure"},
    rule{bare_cr, 400, "a CR without LF"},                                              // 2.2
    rule{bare_lf, 400, "an LF without CR"},                                             // 2.2
    rule{too_many_empty_lines, 400, "too many empty lines before the request"},         // 2.2
    rule{method_invalid, 400, "the method is not a token"},                             // 3.1
    rule{method_too_long, 501, "the method is longer than any that is known"},          // 3
    rule{method_not_implemented, 501, "CONNECT is not implemented"},                    // 3.2.3
    rule{method_unknown, 501, "the method is not known here"},                          // 9110, 9.1
    rule{target_invalid, 400, "the request target is malformed"},                       // 3.2
    rule{target_too_long, 414, "the request target is too long"},                       // 3
    rule{version_invalid, 400, "the HTTP version is malformed"},                        // 2.3
    rule{version_not_supported, 505, "only HTTP/1.0 and HTTP/1.1 are supported here"},  // 2.3
    rule{line_folding, 400, "a header line begins with white space"},                   // 5.2, 2.2
    rule{field_name_invalid, 400, "a header name is not a token"},                      // 5
    rule{field_colon_spaced, 400, "white space before the colon of a header"},          // 5.1
    rule{field_value_invalid, 400, "a control character in a header value"},            // 9110, 5.5
    rule{too_many_fields, 431, "too many header lines"},                  // RFC 6585, 5
    rule{head_too_long, 431, "the request head is too long"},             // RFC 6585, 5
    rule{host_missing, 400, "Host is missing"},                           // 3.2
    rule{host_duplicate, 400, "more than one Host"},                      // 3.2
    rule{host_invalid, 400, "Host is malformed"},                         // 3.2
    rule{content_length_invalid, 400, "Content-Length is not a number"},  // 6.2
    rule{content_length_duplicate, 400, "more than one Content-Length"},  // 6.3
    rule{transfer_encoding_invalid, 400, "Transfer-Encoding does not end in chunked"},  // 6.3
    rule{transfer_encoding_unknown, 501, "a transfer coding is not implemented"},       // 6.1
    rule{transfer_encoding_duplicate, 400, "more than one Transfer-Encoding"},          // 6.1
    rule{transfer_encoding_in_http_1_0, 400, "Transfer-Encoding in HTTP/1.0"},          // 6.1
    rule{transfer_encoding_and_content_length, 400,
         "both Transfer-Encoding and Content-Length"},                          // 6.3
    rule{expectation_unknown, 417, "an expectation other than 100-continue"},   // 9110, 10.1.1
    rule{chunk_size_invalid, 400, "a chunk size is not a hexadecimal number"},  // 7.1
    rule{chunk_size_too_large, 400, "a chunk size has too many digits"},        // 7.1
    rule{chunk_extension_invalid, 400, "a chunk extension is malformed"},       // 7.1.1
    rule{chunk_extension_too_long, 400, "the chunk extensions are too long"},   // 7.1.1
    rule{chunk_end_invalid, 400, "a chunk does not end in CR LF"},              // 7.1
    rule{trailer_invalid, 400, "a trailer line is malformed"},                  // 7.1.2
    rule{trailer_too_long, 431, "the trailer is too long"},                     // RFC 6585, 5
};

constexpr bool are_in_order() {
    for (std::size_t index = 0; index < rules.size(); ++index) {
        if (static_cast<std::size_t>(rules[index].reason) != index) {
            return false;
        }
    }
    return true;
}
static_assert(are_in_order());
static_assert(rules.size() == parse_error_count);

}  // namespace

std::string_view parse_failure::text() const noexcept {
    return rules[static_cast<std::size_t>(reason)].text;
}

parse_failure make_parse_failure(parse_error reason) noexcept {
    return {.status = rules[static_cast<std::size_t>(reason)].status, .reason = reason};
}

}  // namespace rouse::http
