#include "tests/sim/http/route_content.hpp"

#include <cassert>
#include <charconv>

#include "tests/sim/random_source.hpp"

namespace rouse::sim {
namespace {

std::string make_noise() {
    std::string made;
    made.reserve(noise_bytes + sizeof(std::uint64_t));
    for (std::uint64_t word = 0; made.size() < noise_bytes; ++word) {
        const std::uint64_t drawn = mix(word);
        for (unsigned shift = 0; shift < 64; shift += 8) {
            made.push_back(static_cast<char>((drawn >> shift) & 0xffU));
        }
    }
    made.resize(noise_bytes);
    return made;
}

}  // namespace

std::string_view noise(std::size_t begin, std::size_t count) noexcept {
    static const std::string all = make_noise();
    assert(begin + count <= all.size());
    return std::string_view(all).substr(begin, count);
}

std::size_t noise_begin_of(std::uint64_t number) noexcept {
    return mix(number) % noise_begin_max;
}

std::string_view stream_shape::content() const noexcept {
    std::size_t total = 0;
    for (const std::size_t size : sizes) {
        total += size;
    }
    return noise(begin, total);
}

stream_shape stream_shape_of(std::uint64_t number) noexcept {
    constexpr std::uint64_t small_bytes_max = 200;
    constexpr std::uint64_t large_bytes_max = 6'000;
    stream_shape shape{.begin = noise_begin_of(number), .count = mix(~number) % 6, .sizes = {}};
    for (std::size_t index = 0; index < shape.count; ++index) {
        const std::uint64_t drawn = mix(number * shape.sizes.size() + index);
        const std::uint64_t most = drawn % 16 == 0 ? large_bytes_max : small_bytes_max;
        shape.sizes[index] = 1 + (drawn >> 8U) % most;
    }
    return shape;
}

std::optional<std::uint64_t> parse_number(std::string_view text) noexcept {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stopped == end ? std::optional(value) : std::nullopt;
}

std::string describe(const head_facts& facts) {
    std::string text;
    text.reserve(64 + facts.target.size() + facts.path.size() + facts.query.size());
    text.append(facts.method).append(" ").append(facts.target).append("\npath ");
    text.append(facts.path).append("\nquery ").append(facts.query).append("\nhost ");
    text.append(facts.host).append("\ntag ").append(facts.tag).append("\n1.");
    text.push_back(static_cast<char>('0' + facts.minor_version));
    std::array<char, 8> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), facts.header_count).ptr;
    text.append(" with ").append(digits.data(), end).append(" lines\n");
    return text;
}

}  // namespace rouse::sim
