#include "protocols/http/files/ranges_body.hpp"

#include <random>

namespace rouse::http {

rouse::poll<result<owned_bytes>> ranges_body::poll_next(context& cx) {
    while (range_) {
        auto piece = range_->poll_next(cx);
        if (piece.is_pending()) {
            return pending;
        }
        result<owned_bytes> given = std::move(piece).value();
        if (!given || !given->empty()) {
            return given;
        }
        range_.reset();
        ++index_;
    }
    if (index_ < plan_.ranges().size()) {
        range_ = source_(plan_.ranges()[index_]);
        return result<owned_bytes>(owned_bytes::from_string(plan_.part_head(index_)));
    }
    if (std::exchange(is_closed_, true)) {
        return result<owned_bytes>();
    }
    return result<owned_bytes>(owned_bytes::from_string(plan_.closing()));
}

std::string random_boundary() {
    constexpr std::size_t digits = 32;
    constexpr std::string_view alphabet = "0123456789abcdef";
    std::random_device random;
    std::string made;
    while (made.size() < digits) {
        for (unsigned bits = random(), count = 0; count < 8; ++count, bits >>= 4U) {
            made.push_back(alphabet[bits & 0xfU]);
        }
    }
    return made;
}

}  // namespace rouse::http
