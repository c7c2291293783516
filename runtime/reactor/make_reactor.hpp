#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "runtime/reactor/backend.hpp"
#include "runtime/reactor/reactor.hpp"
#include "runtime/reactor/setup_failure.hpp"

namespace rouse {

struct reactor_options {
    backend wanted = backend::automatic;
    unsigned entries = 1024;  ///< Submission entries of a ring: a power of two, 64..32,768.
    unsigned completion_entries = 4096;  ///< Of a ring: a power of two, at least `entries`.
    std::uint16_t buffers = 512;         ///< Receive buffers at the start: a power of two.
    std::uint16_t buffers_max = 8192;    ///< Receive buffers at most: a power of two, up to 32,768.
    std::uint32_t buffer_bytes = 4096;   ///< 512..65,536.
    reactor_limits limits{};
};

struct made_reactor {
    std::unique_ptr<reactor> io;
    /// Why it is not io_uring, though that was tried first: cause and cure. Else empty.
    std::string fallback;
};

/// A reactor for the thread that calls. Fails with the cause and the cure; backend::automatic falls
/// back to epoll from whatever stands in the way of a ring, except a lack of descriptors, which
/// would stand in its way too. Throws std::system_error when there is no descriptor for its signal,
/// and bad_alloc.
[[nodiscard]] std::expected<made_reactor, setup_failure> make_reactor(
    const reactor_options& options = {});

}  // namespace rouse
