#include "protocols/http/middleware/encoded_body.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace rouse::http {

result<owned_bytes> encoded_body::take() {
    const std::size_t left = out_.size() - given_;
    if (given_ == 0 && left <= 2 * piece_bytes) {
        return owned_bytes::from_string(std::exchange(out_, std::string()));
    }
    const std::size_t count = std::min(left, piece_bytes);
    auto piece = owned_bytes::from_string(out_.substr(given_, count));
    given_ += count;
    if (given_ == out_.size()) {
        out_ = std::string();
        given_ = 0;
    }
    return piece;
}

result<> encoded_body::finish() {
    is_ended_ = true;
    auto ended = encoder_->encode({}, encoder_step::end, out_);
    encoder_.reset();
    permit_.reset();
    plain_.reset();
    return ended;
}

rouse::poll<result<owned_bytes>> encoded_body::poll_next(context& cx) {
    // The end of every coding has bytes of its own, so an empty piece is only ever the last.
    if (is_ended_ || given_ > 0) {
        return take();
    }
    std::size_t encoded = 0;
    while (out_.size() < piece_bytes) {
        if (encoded >= poll_bytes_max) {
            cx.local().wake_by_ref();
            return pending;
        }
        if (taken_ == piece_.size()) {
            auto next = plain_->poll_next(cx);
            if (next.is_pending()) {
                if (!std::exchange(is_flushed_, true)) {
                    if (const auto flushed = encoder_->encode({}, encoder_step::flush, out_);
                        !flushed) {
                        return result<owned_bytes>(failure(flushed.error()));
                    }
                }
                if (out_.empty()) {
                    return pending;
                }
                return take();
            }
            if (!next.value()) {
                return next;
            }
            piece_ = *std::move(next.value());
            taken_ = 0;
            if (piece_.empty()) {
                const auto ended = finish();
                return ended ? take() : result<owned_bytes>(failure(ended.error()));
            }
        }
        const auto slice = piece_.bytes().subspan(
            taken_, std::min(piece_.size() - taken_, poll_bytes_max - encoded));
        if (const auto done = encoder_->encode(slice, encoder_step::more, out_); !done) {
            return result<owned_bytes>(failure(done.error()));
        }
        is_flushed_ = false;
        taken_ += slice.size();
        encoded += slice.size();
    }
    return take();
}

}  // namespace rouse::http
