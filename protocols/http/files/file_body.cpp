#include "protocols/http/files/file_body.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "protocols/http/text_body.hpp"
#include "runtime/net/tcp_stream.hpp"
#include "runtime/time/timer_wheel.hpp"

namespace rouse::http {

rouse::poll<result<owned_bytes>> file_body::poll_next(context& cx) {
    if (given_ == part_.bytes) {
        return result<owned_bytes>();
    }
    if (!reading_) {
        start_reading(cx);
    }
    auto answer = reading_->poll(cx);
    if (answer.is_pending()) {
        return pending;
    }
    result<file_block> filled = std::move(answer).value();
    reading_.reset();
    if (!filled) {
        return result<owned_bytes>(failure(filled.error()));
    }
    if (filled->empty()) {
        return result<owned_bytes>(failure(errno_code(ENODATA)));
    }
    given_ += filled->size();
    return result<owned_bytes>(filled->take_bytes());
}

std::optional<file_part> file_body::next_part() noexcept {
    if (given_ == part_.bytes || reading_ || !may_be_sent_) {
        return std::nullopt;
    }
    return file_part{.from = *opened_,
                     .offset = part_.first + given_,
                     .bytes = static_cast<std::size_t>(
                         std::min<std::uint64_t>(part_.bytes - given_, send_file_bytes_max))};
}

void file_body::part_sent(std::size_t bytes) noexcept {
    // What follows has to be read from a disk, and may be in memory behind that; but a file of
    // which nothing was is not asked about again and again.
    may_be_sent_ = bytes > 0;
    given_ += bytes;
}

void file_body::start_reading(const context& cx) {
    // The connection asks when the block before last has left: so the time since is what the peer
    // takes for one.
    bool is_fast = false;
    if (cx.timers() != nullptr) {
        const time_point now = cx.timers()->now();
        is_fast = asked_at_ && now - *asked_at_ <= block_time_max;
        asked_at_ = now;
    }
    const std::uint64_t left = part_.bytes - given_;
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(
        left, is_fast ? file_blocks::large_bytes : file_blocks::small_bytes));
    reading_.emplace(opened_->read(blocks_.take(wanted), part_.first + given_, wanted));
}

rouse::poll<result<owned_bytes>> shared_range_body::poll_next(context& /*cx*/) {
    const std::uint64_t begin = part_.first + given_;
    const std::uint64_t count =
        std::min<std::uint64_t>(part_.bytes - given_, text_body::piece_bytes_max);
    if (count == 0) {
        return result<owned_bytes>();
    }
    given_ += count;
    return result<owned_bytes>(
        bytes_.share(static_cast<std::size_t>(begin), static_cast<std::size_t>(count)));
}

}  // namespace rouse::http
