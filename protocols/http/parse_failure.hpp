#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rouse::http {

/// Why a request was refused. The rule, its section and the status to answer with stand in
/// parse_failure.cpp.
enum class parse_error : std::uint8_t {
    none,
    bare_cr,
    bare_lf,
    too_many_empty_lines,
    method_invalid,
    method_too_long,
    method_not_implemented,
    method_unknown,
    target_invalid,
    target_too_long,
    version_invalid,
    version_not_supported,
    line_folding,
    field_name_invalid,
    field_colon_spaced,
    field_value_invalid,
    too_many_fields,
    head_too_long,
    host_missing,
    host_duplicate,
    host_invalid,
    content_length_invalid,
    content_length_duplicate,
    transfer_encoding_invalid,
    transfer_encoding_unknown,
    transfer_encoding_duplicate,
    transfer_encoding_in_http_1_0,
    transfer_encoding_and_content_length,
    expectation_unknown,
    chunk_size_invalid,
    chunk_size_too_large,
    chunk_extension_invalid,
    chunk_extension_too_long,
    chunk_end_invalid,
    trailer_invalid,
    trailer_too_long,
};
inline constexpr std::size_t parse_error_count =
    static_cast<std::size_t>(parse_error::trailer_too_long) + 1;

/// The answer to a request that could not be parsed, or whose method nobody here knows. The
/// connection closes after it: where the next request would begin is not known.
struct parse_failure {
    int status = 400;
    parse_error reason = parse_error::none;

    /// One line for a log or a response body. Lives for ever; has nothing of the request in it.
    [[nodiscard]] std::string_view text() const noexcept;
};

/// The reason with the status that RFC 9110 and RFC 9112 give it.
[[nodiscard]] parse_failure make_parse_failure(parse_error reason) noexcept;

}  // namespace rouse::http
