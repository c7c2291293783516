#include "runtime/executor/wake_signal.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace rouse {

wake_signal::wake_signal() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_) {
        throw std::system_error(errno, std::generic_category(), "eventfd");
    }
}

void wake_signal::raise() const noexcept {
    const std::uint64_t one = 1;
    // It fails only when the counter is full: then it is raised already.
    [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
}

void wake_signal::clear() const noexcept {
    std::uint64_t raises = 0;
    [[maybe_unused]] const auto read = ::read(event_.get(), &raises, sizeof raises);
}

}  // namespace rouse
