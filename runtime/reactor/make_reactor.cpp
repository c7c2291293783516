#include "runtime/reactor/make_reactor.hpp"

#include <utility>

#include "runtime/reactor/asio/make_asio_reactor.hpp"
#include "runtime/reactor/uring/uring_reactor.hpp"

namespace rouse {

std::expected<made_reactor, setup_failure> make_reactor(const reactor_options& options) {
    std::string fallback;
    if (options.wanted != backend::epoll) {
        auto made = uring_reactor::make(options);
        if (made) {
            return made_reactor{.io = std::move(*made), .fallback = {}};
        }
        if (options.wanted == backend::io_uring) {
            return std::unexpected(std::move(made.error()));
        }
        fallback = std::move(made.error().message);
    }
    auto made = make_asio_reactor(options);
    if (!made) {
        return std::unexpected(std::move(made.error()));
    }
    return made_reactor{.io = std::move(*made), .fallback = std::move(fallback)};
}

}  // namespace rouse
