#pragma once

#include <cerrno>
#include <cstdint>
#include <system_error>

#include "runtime/base/error.hpp"

namespace rouse {

/// One answer of the kernel to an operation, as the reactor stores it until the operation's future
/// takes it. The loop that reads completions only stores them and wakes; no task runs inside it.
struct completion {
    /// Bytes, a descriptor, or zero; negative: -errno.
    std::int32_t result = 0;
    /// A buffer of the reactor's pool that came with it; valid if has_buffer.
    std::uint16_t buffer = 0;
    bool has_buffer = false;
    /// A datagram longer than the buffer has lost its end.
    bool truncated = false;
    /// Where in the buffer the sender's address and the payload of a datagram begin.
    std::uint16_t address_offset = 0;
    std::uint16_t address_bytes = 0;
    std::uint16_t payload_offset = 0;

    completion* next = nullptr;
};

/// An error_code for a completion's negative result: errc::cancelled, or the errno.
[[nodiscard]] inline std::error_code completion_error(std::int32_t negative) noexcept {
    return negative == -ECANCELED ? make_error_code(errc::cancelled) : errno_code(-negative);
}

/// The completions of one operation that nobody has taken yet, first in, first out. Owned by the
/// reactor's slab.
class completion_queue {
   public:
    [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }

    void push(completion& added) noexcept {
        if (tail_ == nullptr) {
            head_ = &added;
        } else {
            tail_->next = &added;
        }
        tail_ = &added;
    }

    /// Null when there is none.
    [[nodiscard]] completion* pop() noexcept {
        completion* first = head_;
        if (first != nullptr) {
            head_ = first->next;
            if (head_ == nullptr) {
                tail_ = nullptr;
            }
        }
        return first;
    }

   private:
    completion* head_ = nullptr;
    completion* tail_ = nullptr;
};

}  // namespace rouse
