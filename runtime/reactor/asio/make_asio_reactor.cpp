#include "runtime/reactor/asio/make_asio_reactor.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include "runtime/reactor/asio/asio_reactor.hpp"

namespace rouse {

std::expected<std::unique_ptr<reactor>, setup_failure> make_asio_reactor(
    const reactor_options& options) {
    auto buffers = epoll::buffer_pool::make({.buffers = options.buffers,
                                             .buffers_max = options.buffers_max,
                                             .buffer_bytes = options.buffer_bytes});
    if (!buffers) {
        return std::unexpected(setup_failure{
            buffers.error(), "no address space for receive buffers: " + buffers.error().message() +
                                 "; lower uring.buffers_max or raise the limit (ulimit -v)"});
    }
    try {
        return std::make_unique<asio_reactor>(std::move(*buffers), options.limits);
    } catch (const std::system_error& error) {
        const bool descriptors = error.code().value() == EMFILE || error.code().value() == ENFILE;
        return std::unexpected(setup_failure{
            error.code(),
            std::string("epoll: ") + error.what() +
                (descriptors
                     ? ": no descriptor is free; raise the nofile limit (ulimit -n, LimitNOFILE=)"
                     : "")});
    }
}

}  // namespace rouse
