#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/result.hpp"
#include "runtime/base/unique_fd.hpp"
#include "runtime/fs/file_block.hpp"
#include "runtime/fs/file_status.hpp"
#include "runtime/reactor/operation_handle.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

/// Asks for the status of an open file. Lazy; it may be dropped at any time. Errors: errno of
/// statx(2), errc::cancelled, errc::limit_exceeded (no record was free).
class [[nodiscard]] stat_future {
   public:
    explicit stat_future(operation_handle asked) noexcept : operation_(std::move(asked)) {}
    [[nodiscard]] rouse::poll<result<file_status>> poll(context& cx) noexcept;

   private:
    operation_handle operation_;
};

/// Reads one piece of an open file. Lazy; dropped at any time, even in flight, it takes the block
/// along, which stays with the reactor until the kernel is done. Errors: errno of pread(2),
/// errc::cancelled, errc::limit_exceeded (no record was free); the block is gone then.
class [[nodiscard]] read_future {
   public:
    explicit read_future(operation_handle asked) noexcept : operation_(std::move(asked)) {}
    [[nodiscard]] rouse::poll<result<file_block>> poll(context& cx) noexcept;

   private:
    operation_handle operation_;
};

/// An open file. Any number of its futures may be under way at a time, and it may be destroyed
/// before they are: the descriptor is closed when the last of them is over. Must not outlive the
/// reactor.
class file {
   public:
    /// Takes over a descriptor. Throws bad_alloc; errc::limit_exceeded.
    [[nodiscard]] static result<file> adopt(reactor& io, unique_fd opened);
    /// Of a descriptor that is shared with others.
    explicit file(descriptor_handle opened) noexcept : descriptor_(std::move(opened)) {}

    /// Its status now. See statx(2). Throws bad_alloc.
    [[nodiscard]] stat_future status() const;

    /// Reads from `offset`, at most 2^63 - 1, into the room of `into`, of which there is some,
    /// behind the bytes that are there: up to `bytes_max`, and less where the file ends or as the
    /// kernel pleases. The answer is the block; with nothing more in it than before, `offset` is at
    /// the end of the file or beyond. For regular files: on others it may wait for ever, or fail.
    /// See pread(2). Throws bad_alloc.
    [[nodiscard]] read_future read(file_block into, std::uint64_t offset,
                                   std::size_t bytes_max = SIZE_MAX) const;

    /// For who sends it without reading it.
    [[nodiscard]] descriptor_handle share_descriptor() const noexcept {
        return descriptor_.share();
    }

   private:
    descriptor_handle descriptor_;
};

static_assert(future<stat_future> && future<read_future>);

}  // namespace rouse
