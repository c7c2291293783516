#pragma once

#include <expected>
#include <memory>

#include "runtime/reactor/make_reactor.hpp"

namespace rouse {

/// An asio_reactor, whose header brings Asio with it. Fails with the cause and the cure. Throws
/// std::system_error when there is no descriptor for its signal, and bad_alloc.
[[nodiscard]] std::expected<std::unique_ptr<reactor>, setup_failure> make_asio_reactor(
    const reactor_options& options);

}  // namespace rouse
