#pragma once

#include <string>
#include <string_view>

namespace rouse::server {

/// How much of a text a message shows.
inline constexpr std::size_t quoted_bytes_max = 120;

/// Appends text with \" \\ \n \r \t and \u00XX for what would break a quoted string on one line:
/// valid inside the quotes of JSON and of a TOML basic string. Bytes that are not UTF-8 become
/// U+FFFD.
void append_escaped(std::string& line, std::string_view text);

/// A text that has its own quotes, made fit for one line of a message: as append_escaped would
/// write it, but with " and \ as they are.
[[nodiscard]] std::string one_line(std::string_view text);

/// How long the UTF-8 sequence at the start of a text, which is not empty, is; 0 if it is none. See
/// RFC 3629, section 4.
[[nodiscard]] std::size_t utf8_sequence_bytes(std::string_view text) noexcept;

/// True when append_escaped would replace nothing by U+FFFD.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// Text in quotes and escaped, for messages to an operator; "..." follows what is left out of a
/// long one.
[[nodiscard]] std::string quoted_text(std::string_view text);

}  // namespace rouse::server
