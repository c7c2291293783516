#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "protocols/http/body_source.hpp"
#include "runtime/base/shared_bytes.hpp"

namespace rouse::http {

// Arrays rather than views of literals: an array has one address in the whole program.
inline constexpr char text_plain_text[] = "text/plain; charset=utf-8";
inline constexpr char text_html_text[] = "text/html; charset=utf-8";
inline constexpr char application_json_text[] = "application/json";
inline constexpr std::string_view text_plain = text_plain_text;
inline constexpr std::string_view text_html = text_html_text;
inline constexpr std::string_view application_json = application_json_text;

/// A header line that a handler adds. A name or value that http::is_valid refuses becomes a 500, so
/// that no text from a peer can break a response apart.
struct response_header {
    std::string_view name;  ///< Outlives the response: a literal.
    std::string value;
};

/// Header lines that many responses have in common, such as all of one file in memory: checked and
/// put into their form once.
class shared_headers {
   public:
    /// Throws bad_alloc.
    explicit shared_headers(std::vector<response_header> headers);

    [[nodiscard]] const std::vector<response_header>& headers() const noexcept { return headers_; }
    /// "ETag: "abc"\r\nVary: ...\r\n". Empty when they are not writable.
    [[nodiscard]] std::string_view lines() const noexcept { return lines_; }
    /// As is_writable of a response that has them.
    [[nodiscard]] bool is_writable() const noexcept { return is_writable_; }
    /// Whether there is one of this name, compared without case.
    [[nodiscard]] bool has(std::string_view name) const noexcept;
    /// Whether a name is in both.
    [[nodiscard]] bool overlaps(const shared_headers& other) const noexcept;

   private:
    std::vector<response_header> headers_;
    std::string lines_;
    bool is_writable_;
    std::uint64_t name_lengths_ = 0;  // A bit for each that a name has.
};

/// The headers of handlers are few: more than this is a mistake of the handler.
inline constexpr std::size_t response_headers_max = 32;

/// What a handler answers. Date, Server, Content-Length, Transfer-Encoding and Connection are made
/// by the connection, and Content-Type is `content_type`: none of them may stand in `headers`.
struct response {
    /// Text that outlives the response (a literal), text that it owns, a body in pieces, or bytes
    /// that other responses share.
    using body_type =
        std::variant<std::string_view, std::string, std::unique_ptr<body_source>, shared_bytes>;

    int status = 200;
    std::string_view content_type{};  ///< A literal, or text of the request that is answered.
    body_type body{};
    std::vector<response_header> headers{};
    /// More of them, in front of the others, and of response_headers_max for itself. Middleware
    /// that changes responses sees none: see unshare().
    std::shared_ptr<const shared_headers> shared{};
    /// The same behind the others: what middleware says of everything. Outlives the response.
    const shared_headers* common = nullptr;
    bool close = false;  ///< The connection closes after this response.
    bool quiet = false;  ///< Not for the access log, unless that is to have everything.

    /// `text` outlives the response.
    [[nodiscard]] static response literal(std::string_view text,
                                          std::string_view content_type = text_plain) {
        return {.content_type = content_type, .body = text};
    }
    [[nodiscard]] static response text(std::string text,
                                       std::string_view content_type = text_plain) {
        return {.content_type = content_type, .body = std::move(text)};
    }
    [[nodiscard]] static response stream(std::unique_ptr<body_source> body,
                                         std::string_view content_type) {
        return {.content_type = content_type, .body = std::move(body)};
    }
    /// A status with its own name as the body: "404 Not Found\n".
    [[nodiscard]] static response of_status(int status);
};

/// False for a response that would come out broken: a status that is not a final one, a header or
/// content type with a control character, more headers than response_headers_max, one that the
/// connection makes itself, Content-Type, a stream of nothing.
[[nodiscard]] bool is_writable(const response& made) noexcept;

/// Makes the shared and the common headers of a response its own, in the order in which they are
/// sent. Throws bad_alloc.
void unshare(response& made);

/// A body of text up to this size is copied behind its head; a longer one is sent in pieces.
inline constexpr std::size_t body_bytes_copied_max = 16'384;

/// Shared bytes up to this size are copied behind their head too, which costs less than a vectored
/// send.
inline constexpr std::size_t shared_bytes_copied_max = 2'048;

/// Shared bytes up to this size leave in one send, uncopied; more of them in pieces.
inline constexpr std::size_t shared_body_bytes_max = 1'048'576;

/// The text of a body that is no stream.
[[nodiscard]] inline std::string_view text_of(const response& made) noexcept {
    if (const auto* literal = std::get_if<std::string_view>(&made.body)) {
        return *literal;
    }
    if (const auto* owned = std::get_if<std::string>(&made.body)) {
        return *owned;
    }
    if (const auto* shared = std::get_if<shared_bytes>(&made.body)) {
        return shared->text();
    }
    return {};
}

/// Whether the whole response goes into the output buffer at once.
[[nodiscard]] inline bool fits_behind_head(const response& made) noexcept {
    const bool is_shared = std::holds_alternative<shared_bytes>(made.body);
    return !std::holds_alternative<std::unique_ptr<body_source>>(made.body) &&
           text_of(made).size() <= (is_shared ? shared_bytes_copied_max : body_bytes_copied_max);
}

}  // namespace rouse::http
