#pragma once

#include "runtime/base/unique_fd.hpp"

namespace rouse {

/// Ends a reactor's sleep from any thread: an eventfd that the reactor waits for besides its
/// operations. It is shared, because a waker may outlive the reactor; raising it then does nothing
/// that anyone sees. See eventfd(2).
class wake_signal {
   public:
    /// Throws std::system_error when no descriptor can be had (EMFILE, ENFILE).
    wake_signal();

    /// Thread-safe. Raises before sleep are kept: the next wait returns at once.
    void raise() const noexcept;

    /// Forgets all raises so far.
    void clear() const noexcept;

    [[nodiscard]] int fd() const noexcept { return event_.get(); }

   private:
    unique_fd event_;
};

}  // namespace rouse
