#pragma once

#include "runtime/base/unique_fd.hpp"

namespace rouse::server {

/// SIGTERM and SIGINT, and SIGUSR1, which asks for log files to be opened anew, as something to
/// wait for among other things: no handler interrupts anyone. They are blocked in the thread that
/// makes it and in those that it starts afterwards. See signalfd(2).
class termination_signals {
   public:
    /// Throws std::system_error when no descriptor can be had.
    termination_signals();

    /// Readable when one has come.
    [[nodiscard]] int fd() const noexcept { return signals_.get(); }

    /// Takes one that has come: its number, or 0.
    [[nodiscard]] int take() const noexcept;

   private:
    unique_fd signals_;
};

}  // namespace rouse::server
