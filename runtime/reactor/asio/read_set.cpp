#include "runtime/reactor/asio/read_set.hpp"

#include <cerrno>

#include "runtime/base/error.hpp"

namespace rouse::epoll {

read_set::read_set() : set_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (!set_) {
        throw std::system_error(errno_code(errno), "epoll_create1");
    }
}

std::error_code read_set::add(int fd, descriptor_watch& watch) noexcept {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &watch;
    return ::epoll_ctl(set_.get(), EPOLL_CTL_ADD, fd, &event) == 0 ? std::error_code()
                                                                   : errno_code(errno);
}

void read_set::remove(int fd) noexcept {
    (void)::epoll_ctl(set_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

}  // namespace rouse::epoll
