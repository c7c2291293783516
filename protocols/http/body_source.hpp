#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "runtime/base/owned_bytes.hpp"
#include "runtime/base/result.hpp"
#include "runtime/fs/file.hpp"
#include "runtime/task/future.hpp"

namespace rouse::http {

/// A part of an open file.
struct file_part {
    const file& from;
    std::uint64_t offset = 0;
    std::size_t bytes = 0;  ///< At least one, at most send_file_bytes_max.
};

/// A body that comes in pieces: of a request as the peer sends it, of a response as a handler makes
/// it. Asked for the next piece only when the one before is dealt with, so it takes constant memory
/// and follows the slower side.
class body_source {
   public:
    body_source() = default;
    body_source(const body_source&) = delete;
    body_source& operator=(const body_source&) = delete;
    virtual ~body_source() = default;

    /// The next piece; an empty one is the end, after which it is not asked again. An error ends
    /// the connection: of a body that is cut short, the receiver must not think that it is whole.
    [[nodiscard]] virtual rouse::poll<result<owned_bytes>> poll_next(context& cx) = 0;

    /// The next bytes as a part of a file, where they are one: who can send that without reading it
    /// asks before poll_next(), and when the answer is a part, calls part_sent() when of it so many
    /// bytes have left; fewer than all of it when poll_next() shall read on.
    [[nodiscard]] virtual std::optional<file_part> next_part() noexcept { return std::nullopt; }
    virtual void part_sent(std::size_t /*bytes*/) noexcept {}

    /// The length in bytes, where it is known at the start: then the response has a Content-Length,
    /// and exactly so many bytes must come. Otherwise it is chunked.
    [[nodiscard]] virtual std::optional<std::uint64_t> length() const noexcept {
        return std::nullopt;
    }
};

/// Waits for the next piece: `co_await next(source)`.
class [[nodiscard]] next_piece_future {
   public:
    explicit next_piece_future(body_source& source) noexcept : source_(source) {}
    [[nodiscard]] rouse::poll<result<owned_bytes>> poll(context& cx) {
        return source_.poll_next(cx);
    }

   private:
    body_source& source_;
};
static_assert(future<next_piece_future>);

[[nodiscard]] inline next_piece_future next(body_source& source) noexcept {
    return next_piece_future(source);
}

}  // namespace rouse::http
