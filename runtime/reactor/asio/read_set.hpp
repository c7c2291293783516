#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <system_error>

#include "runtime/base/unique_fd.hpp"

namespace rouse::epoll {

struct descriptor_watch;

/// An epoll set of what is read from: listeners, streams and datagram sockets. Asio sleeps on its
/// descriptor, and not on each of theirs, because each of Asio's waits costs an epoll_ctl(2), and
/// here a socket is added once. Events are edges: who is told reads until there is no more.
class read_set {
   public:
    /// Events of one look at most: what is read in one turn is answered before more is.
    static constexpr std::size_t events_max = 128;

    /// Throws std::system_error when there is no descriptor for it.
    read_set();

    [[nodiscard]] int fd() const noexcept { return set_.get(); }

    /// From now on `watch` comes with the events of this descriptor. The error of epoll_ctl(2).
    [[nodiscard]] std::error_code add(int fd, descriptor_watch& watch) noexcept;
    /// A close alone would leave it there for as long as there is a duplicate of it.
    void remove(int fd) noexcept;

    /// Calls `handle(descriptor_watch&, std::uint32_t events)` for what is ready now, and returns
    /// how many that were.
    template <class Handle>
    std::size_t look(Handle handle) noexcept {
        std::array<epoll_event, events_max> events;
        const int count = ::epoll_wait(set_.get(), events.data(), events_max, 0);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            handle(*static_cast<descriptor_watch*>(event.data.ptr), event.events);
        }
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }

   private:
    unique_fd set_;
};

}  // namespace rouse::epoll
