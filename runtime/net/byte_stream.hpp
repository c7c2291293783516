#pragma once

#include <concepts>
#include <utility>

#include "runtime/base/owned_bytes.hpp"
#include "runtime/base/result.hpp"
#include "runtime/reactor/buffer_lease.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

/// Bytes both ways, in order, each way closed on its own: TCP and unix streams, and later TLS over
/// them.
///
/// - `recv()` is a future of result<buffer_lease>; an empty lease is the peer's clean end. Dropping
/// it loses nothing.
/// - `send(bytes)` is a future of result<>: all bytes or an error. One send at a time. `start()`
/// hands it over without
///   waiting. Dropping it in flight leaves the stream fit only for closing.
/// - `shutdown_write()` is a future of result<>: the peer's recv sees the end after what was sent.
template <class S>
concept byte_stream = std::movable<S> && requires(S& stream, owned_bytes bytes) {
    { stream.recv() } -> future;
    requires std::same_as<future_output_t<decltype(stream.recv())>, result<buffer_lease>>;
    { stream.send(std::move(bytes)) } -> future;
    requires std::same_as<future_output_t<decltype(stream.send(std::move(bytes)))>, result<>>;
    { stream.shutdown_write() } -> future;
    requires std::same_as<future_output_t<decltype(stream.shutdown_write())>, result<>>;
};

}  // namespace rouse
