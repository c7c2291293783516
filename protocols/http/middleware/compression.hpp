#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

#include "protocols/http/handler.hpp"
#include "protocols/http/middleware/content_encoder.hpp"

namespace rouse::http {

/// Which responses are compressed on the fly. One that has a secret and text that the asker chooses
/// beside each other tells the secret by its length (the BREACH attack): such a response says
/// Cache-Control: no-transform.
struct compression_options {
    /// In order of preference, where a client has none.
    std::vector<content_coding> codings = {content_coding::br, content_coding::zstd,
                                           content_coding::gzip};
    encoder_levels levels{};
    /// Media types without parameters: "text/html", "text/*", or "application/*+json".
    std::vector<std::string> types = {"text/*",
                                      "application/javascript",
                                      "application/json",
                                      "application/manifest+json",
                                      "application/wasm",
                                      "application/xml",
                                      "application/*+json",
                                      "application/*+xml",
                                      "font/otf",
                                      "font/ttf",
                                      "image/bmp",
                                      "image/svg+xml",
                                      "image/vnd.microsoft.icon",
                                      "image/x-icon"};
    /// Shorter bodies gain nothing.
    std::size_t body_bytes_min = 1'024;
    /// Up to here a body that is in memory is compressed in one go, and has a Content-Length;
    /// beyond it, piece by piece while it is sent.
    std::size_t body_bytes_at_once_max = 65'536;
    /// How many responses may be compressed piece by piece at once, on all workers: each keeps its
    /// encoder, of up to 2 MiB, as long as its client takes. The next stays as it is.
    std::size_t streams_max = 128;
};

inline constexpr std::size_t compression_types_max = 256;
inline constexpr std::size_t compression_streams_max = 65'536;
inline constexpr std::size_t compression_at_once_bytes_max = 1'048'576;

/// Compresses what the client accepts compressed (RFC 9110, 12.5.3). Every response of a type that
/// it would compress gets Vary: Accept-Encoding, compressed or not. It leaves alone what has a
/// Content-Encoding, Content-Range, digest or Cache-Control: no-transform (RFC 9111, 5.2.2.6), the
/// statuses 204, 205, 206 and 304. What it compresses loses Accept-Ranges. An answer to HEAD says
/// what that to GET would (RFC 9110, 9.3.2), but never the length of a body that is compressed
/// piece by piece.
///
/// A strong ETag gets the coding as a suffix, because the bytes differ (RFC 9110, 8.8.3.3); and as
/// the handler cannot know that one, a GET or HEAD whose If-None-Match has it is answered 304 here.
///
/// Errors: a level, type, coding or size that is none.
[[nodiscard]] std::expected<middleware, std::string> make_compression(
    compression_options options = {});

}  // namespace rouse::http
