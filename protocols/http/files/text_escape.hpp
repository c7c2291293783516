#pragma once

#include <string>
#include <string_view>

namespace rouse::http {

/// Each of these appends `text`, which may be any bytes, so that the result stands safely where the
/// name says. What is no UTF-8 becomes U+FFFD, one for each byte that is part of no character.

/// One segment of a path: all but the unreserved characters of RFC 3986, 2.3 as %XX, byte by byte,
/// so that nothing is lost. A ':' too, so that a name is never taken for a scheme.
void append_percent_encoded(std::string& out, std::string_view text);

/// Text or a quoted attribute value of HTML. Control characters become U+FFFD, too: the HTML
/// Standard forbids them.
void append_html_escaped(std::string& out, std::string_view text);

/// What stands between the quotes of a JSON string. See RFC 8259, 7.
void append_json_escaped(std::string& out, std::string_view text);

}  // namespace rouse::http
