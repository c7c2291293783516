#include "protocols/http/middleware/keyed_hash.hpp"

#include <sys/random.h>

#include <bit>
#include <cerrno>
#include <cstddef>
#include <system_error>

namespace rouse::http {
namespace {

// The names are those of the paper.
struct sip_state {
    std::uint64_t v0, v1, v2, v3;

    void round() noexcept {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
    void compress(std::uint64_t word) noexcept {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
    [[nodiscard]] std::uint64_t finish() noexcept {
        for (int rounds = 0; rounds < 4; ++rounds) {
            round();
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
};

// Up to eight bytes, the first the lowest.
std::uint64_t word_of(std::string_view bytes) noexcept {
    std::uint64_t word = 0;
    for (std::size_t index = 0; index < bytes.size(); ++index) {
        word |= std::uint64_t{static_cast<unsigned char>(bytes[index])} << (8 * index);
    }
    return word;
}

}  // namespace

hash_value keyed_hash(const hash_key& key, std::string_view text) noexcept {
    constexpr std::size_t word_bytes = 8;
    // 0xee and 0xdd make it the variant of 128 bits.
    sip_state state{key[0] ^ 0x736f6d6570736575U, key[1] ^ 0x646f72616e646f6dU ^ 0xeeU,
                    key[0] ^ 0x6c7967656e657261U, key[1] ^ 0x7465646279746573U};
    const std::uint64_t size = text.size();
    for (; text.size() >= word_bytes; text.remove_prefix(word_bytes)) {
        state.compress(word_of(text.substr(0, word_bytes)));
    }
    state.compress(word_of(text) | (size << 56U));
    state.v2 ^= 0xeeU;
    const std::uint64_t first = state.finish();
    state.v1 ^= 0xddU;
    return {first, state.finish()};
}

hash_key make_hash_key() {
    hash_key key{};
    // So few bytes come whole or not at all.
    if (::getrandom(key.data(), sizeof key, 0) != static_cast<ssize_t>(sizeof key)) {
        throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    return key;
}

}  // namespace rouse::http
