#include "protocols/http/middleware/password_hash.hpp"

#include <crypt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>

#include "protocols/http/byte_class.hpp"

namespace rouse::http {
namespace {

// Costs above these keep a thread for a minute or longer.
constexpr int bcrypt_cost_min = 5;
constexpr int bcrypt_cost_max = 16;
constexpr int sha_rounds_max = 5'000'000;

// The alphabet of all of them (crypt(5), "hashed passphrase format").
bool is_hash_text(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char byte) {
        return is_in(byte, byte_class::alphanumeric) || byte == '.' || byte == '/';
    });
}

int number_in(std::string_view text) noexcept {
    int number = -1;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? number : -1;
}

constexpr const char* cut_short = "the hash is not whole";

// $2y$12$ and 53 characters of salt and hash.
const char* bcrypt_fault(std::string_view text) noexcept {
    constexpr std::size_t bcrypt_bytes = 60;
    if (text.size() != bcrypt_bytes || text[6] != '$' || !is_hash_text(text.substr(7))) {
        return cut_short;
    }
    const int cost = number_in(text.substr(4, 2));
    return cost < bcrypt_cost_min || cost > bcrypt_cost_max ? "the bcrypt cost is not 5 to 16"
                                                            : nullptr;
}

// $id$[parameters$]salt$hash.
const char* sectioned_fault(std::string_view text, std::size_t hash_bytes) noexcept {
    const std::size_t last = text.rfind('$');
    if (text.size() - last - 1 != hash_bytes || !is_hash_text(text.substr(last + 1))) {
        return cut_short;
    }
    constexpr std::string_view rounds_name = "rounds=";
    const std::size_t rounds = text.find(rounds_name);
    if (rounds == std::string_view::npos) {
        return nullptr;
    }
    const std::string_view value = text.substr(rounds + rounds_name.size());
    const int count = number_in(value.substr(0, value.find('$')));
    return count < 0 || count > sha_rounds_max ? "more than 5,000,000 rounds" : nullptr;
}

struct hash_format {
    std::string_view prefix;
    std::size_t hash_bytes;  // 0 for bcrypt.
};
constexpr std::array formats = {
    hash_format{"$2a$", 0},  hash_format{"$2b$", 0}, hash_format{"$2y$", 0}, hash_format{"$y$", 43},
    hash_format{"$gy$", 43}, hash_format{"$7$", 43}, hash_format{"$6$", 86}, hash_format{"$5$", 43},
};

const char* fault_of(std::string_view text) noexcept {
    if (!text.starts_with('$')) {
        return "not a hash, or one of the old DES formats: use htpasswd -B or mkpasswd";
    }
    const auto* const format = std::ranges::find_if(
        formats, [text](const hash_format& each) { return text.starts_with(each.prefix); });
    if (format == formats.end()) {
        return "a weak or unknown format: use bcrypt, yescrypt or SHA-512";
    }
    const char* const fault =
        format->hash_bytes == 0 ? bcrypt_fault(text) : sectioned_fault(text, format->hash_bytes);
    if (fault != nullptr) {
        return fault;
    }
    // CRYPT_SALT_METHOD_LEGACY is what it says of SHA-256 too, which is good enough here.
    return ::crypt_checksalt(std::string(text).c_str()) != CRYPT_SALT_INVALID
               ? nullptr
               : "libcrypt does not know this format";
}

// No branch depends on where the two differ.
bool are_equal(std::string_view left, std::string_view right) noexcept {
    unsigned difference = left.size() == right.size() ? 0 : 1;
    for (std::size_t index = 0; index < std::min(left.size(), right.size()); ++index) {
        difference |= static_cast<unsigned char>(left[index]) ^
                      static_cast<unsigned>(static_cast<unsigned char>(right[index]));
    }
    return difference == 0;
}

}  // namespace

std::expected<password_hash, std::string> password_hash::parse(std::string_view text) {
    if (const char* const fault = fault_of(text)) {
        return std::unexpected<std::string>(fault);
    }
    return password_hash(text);
}

bool password_hash::matches(const std::string& password) const {
    // 32 KiB: too much for a stack of unknown size.
    const auto memory = std::make_unique<crypt_data>();
    const char* const made =
        ::crypt_rn(password.c_str(), text_.c_str(), memory.get(), sizeof *memory);
    const bool is_equal = made != nullptr && are_equal(made, text_);
    // What crypt leaves there has the password in it.
    ::explicit_bzero(memory.get(), sizeof *memory);
    return is_equal;
}

}  // namespace rouse::http
