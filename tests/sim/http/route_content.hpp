#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rouse::sim {

/// What the routes answer and the plans expect: made once, the same on every machine.

/// More than fits behind a head, than one piece of a long text, and than what a connection reads of
/// a body that nobody wants.
inline constexpr std::size_t noise_bytes = 400'000;

/// Bytes of all values without a pattern, from `begin` on; lives for ever. `begin + count` is at
/// most noise_bytes.
[[nodiscard]] std::string_view noise(std::size_t begin, std::size_t count) noexcept;

/// Where the content that belongs to a number begins in the noise.
inline constexpr std::size_t noise_begin_max = 65'536;
[[nodiscard]] std::size_t noise_begin_of(std::uint64_t number) noexcept;

/// The pieces of the stream with this number: none to five, one behind the other in the noise.
struct stream_shape {
    std::size_t begin = 0;
    std::size_t count = 0;
    std::array<std::size_t, 5> sizes{};

    [[nodiscard]] std::string_view content() const noexcept;
};
[[nodiscard]] stream_shape stream_shape_of(std::uint64_t number) noexcept;

/// A whole decimal number, as the routes take it from a path.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text) noexcept;

/// What a server has understood of a head: what `/show` and `/tell` answer.
struct head_facts {
    std::string_view method;
    std::string_view target;
    std::string_view path;
    std::string_view query;
    std::string_view host;
    std::string_view tag;  ///< The value of the first X-Tag.
    unsigned minor_version = 1;
    std::size_t header_count = 0;
};
[[nodiscard]] std::string describe(const head_facts& facts);

}  // namespace rouse::sim
