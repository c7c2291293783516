#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "protocols/http/files/accept_encoding.hpp"
#include "runtime/base/result.hpp"

namespace rouse::http {

/// What an encoder does besides taking bytes in.
enum class encoder_step : std::uint8_t {
    more,   ///< Keeps back what it likes, for a better ratio.
    flush,  ///< Gives out all that it was given, so that the receiver can decode it.
    end,    ///< That, and the end of the coding. Nothing follows.
};

/// Makes one body of a content coding, piece by piece. Its memory does not grow with the body.
class content_encoder {
   public:
    content_encoder() = default;
    content_encoder(const content_encoder&) = delete;
    content_encoder& operator=(const content_encoder&) = delete;
    virtual ~content_encoder() = default;

    /// Encodes all of `piece`, and appends to `out` what comes of it: at most a little more than
    /// what was put in since the last flush. Errors: errno ENOMEM, or EIO when the library says
    /// that it cannot go on; then the body is lost. Throws bad_alloc.
    [[nodiscard]] virtual result<> encode(std::span<const std::byte> piece, encoder_step step,
                                          std::string& out) = 0;
};

/// How hard each coding tries. On text, each of these has made 23 to 34 % of it in about the time
/// that gzip 4 takes or less, where one level more costs up to half as much again for a percent;
/// gzip 5 is the last before its time doubles. Measured with zlib 1.2.13, brotli 1.0.9, zstd 1.5.4.
struct encoder_levels {
    int gzip = 5;
    int br = 4;
    int zstd = 3;
};

inline constexpr int gzip_level_max = 9;
inline constexpr int br_level_max = 11;
inline constexpr int zstd_level_max = 19;

/// An encoder of a coding other than identity. Throws bad_alloc.
[[nodiscard]] std::unique_ptr<content_encoder> make_content_encoder(content_coding coding,
                                                                    const encoder_levels& levels);

/// See RFC 1952. Its memory is 264 KiB.
[[nodiscard]] std::unique_ptr<content_encoder> make_gzip_encoder(int level);
/// See RFC 7932. Its memory is up to 2 MiB at level 4.
[[nodiscard]] std::unique_ptr<content_encoder> make_brotli_encoder(int level);
/// See RFC 8878, and RFC 9659 for the window. Its memory is 1.8 MiB at level 3, 13 MiB at 9.
[[nodiscard]] std::unique_ptr<content_encoder> make_zstd_encoder(int level);

}  // namespace rouse::http
