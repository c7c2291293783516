#pragma once

#include <utility>

#include "runtime/base/result.hpp"
#include "runtime/reactor/buffer_lease.hpp"
#include "runtime/reactor/reactor.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

/// Waits for the next piece of bytes of a stream. It only looks at the stream's receive operation,
/// which goes on by itself; so dropping it, before or after its first poll, loses nothing: the next
/// one has the bytes. At most one at a time.
class [[nodiscard]] receive_future {
   public:
    receive_future(reactor& io, operation& receiving) noexcept
        : reactor_(io), operation_(receiving) {}

    [[nodiscard]] rouse::poll<result<buffer_lease>> poll(context& cx) noexcept {
        const auto answer = reactor_.take(operation_, cx);
        if (!answer) {
            return pending;
        }
        if (answer->result < 0) {
            return result<buffer_lease>(failure(completion_error(answer->result)));
        }
        if (!answer->has_buffer) {
            return result<buffer_lease>();
        }
        return result<buffer_lease>(std::in_place, reactor_.buffers(), answer->buffer, 0,
                                    static_cast<std::size_t>(answer->result));
    }

   private:
    reactor& reactor_;
    operation& operation_;
};

static_assert(future<receive_future>);

}  // namespace rouse
