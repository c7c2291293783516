#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/reactor/buffer_lease.hpp"

namespace rouse::http {

/// Received bytes that are not dealt with yet. Ordinarily they stay in the reactor's buffer, and
/// are looked at there. What must outlast it, such as the beginning of a head whose end has not
/// come, is copied, and the buffer goes back: a slow peer holds no buffer of the pool.
class input {
   public:
    [[nodiscard]] bool empty() const noexcept { return text().empty() && lease_.empty(); }

    /// Appends. Throws bad_alloc.
    void add(buffer_lease arrived) {
        if (empty()) {
            clear();
            lease_ = std::move(arrived);
            return;
        }
        keep();
        kept_.append(arrived.text());
    }

    /// All bytes, in one piece. Throws bad_alloc when they have to be copied together.
    [[nodiscard]] std::string_view view() {
        if (!text().empty() && !lease_.empty()) {
            keep();
        }
        return text().empty() ? lease_.text() : text();
    }

    /// The first `count` bytes of view() are dealt with. Their memory stays as it is until the next
    /// add, keep or clear.
    void consume(std::size_t count) noexcept {
        if (!text().empty()) {
            kept_begin_ += count;
        } else {
            lease_.remove_prefix(count);
        }
    }

    /// Copies what is there, and gives the buffer back.
    void keep() {
        kept_.erase(0, std::exchange(kept_begin_, 0));
        kept_.append(lease_.text());
        lease_.reset();
    }

    /// What was copied and is not consumed: it comes before what is in the buffer.
    [[nodiscard]] std::string_view kept() const noexcept { return text(); }

    /// The buffer, empty when there is none.
    [[nodiscard]] buffer_lease take_lease() noexcept { return std::move(lease_); }

    /// Puts bytes aside that come after all others, while views of what is kept are in use. Throws
    /// bad_alloc.
    void set_aside(std::string_view bytes) { aside_.append(bytes); }

    /// No view is in use any more: what was put aside is next.
    void end_of_views() {
        if (!aside_.empty()) {
            keep();
            kept_.append(aside_);
            aside_.clear();
        }
    }

    /// Forgets everything, and the memory too when it has grown large.
    void clear() noexcept {
        lease_.reset();
        kept_begin_ = 0;
        kept_.clear();
        aside_.clear();
        if (kept_.capacity() > kept_bytes_max) {
            kept_ = std::string();
        }
    }

   private:
    static constexpr std::size_t kept_bytes_max = 32'768;

    [[nodiscard]] std::string_view text() const noexcept {
        return std::string_view(kept_).substr(kept_begin_);
    }

    std::string kept_;  // Comes before the lease.
    std::size_t kept_begin_ = 0;
    std::string aside_;  // Comes after it.
    buffer_lease lease_;
};

}  // namespace rouse::http
