#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "protocols/http/body_source.hpp"
#include "protocols/http/files/byte_range.hpp"
#include "runtime/base/shared_bytes.hpp"
#include "runtime/fs/file.hpp"
#include "runtime/fs/file_block.hpp"
#include "runtime/time/clock.hpp"

namespace rouse::http {

/// How the bytes of a file get to the peer.
enum class file_delivery : std::uint8_t {
    read,  ///< Copied out of the file: what has left is what the file had.
    sent,  ///< From the file's own memory, where the connection can do that: for files that nobody
           ///< changes in place. Of one that is, the peer may get what it became, and zeros behind
           ///< a new end, as with nginx's sendfile. See tcp_stream::send_file.
};

/// A part of an open file as a body. Unless it is sent as it is, the connection asks for the next
/// piece while the one before is sent, so two blocks are in use at most: small ones, and large ones
/// as long as the peer takes each within a moment.
///
/// A file that ends too early is an error, errno ENODATA, for which nothing stands in; bytes that
/// it got behind its announced end are not read. Must not outlive the blocks and the reactor.
class file_body final : public body_source {
   public:
    /// A peer that takes a block in this time gets large ones.
    static constexpr milliseconds block_time_max{50};

    file_body(std::shared_ptr<const file> opened, byte_range part, file_blocks& blocks,
              file_delivery how = file_delivery::read) noexcept
        : opened_(std::move(opened)),
          part_(part),
          blocks_(blocks),
          may_be_sent_(how == file_delivery::sent) {}

    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& cx) override;
    [[nodiscard]] std::optional<file_part> next_part() noexcept override;
    void part_sent(std::size_t bytes) noexcept override;
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept override {
        return part_.bytes;
    }

   private:
    void start_reading(const context& cx);

    std::shared_ptr<const file> opened_;
    byte_range part_;
    file_blocks& blocks_;
    std::uint64_t given_ = 0;
    bool may_be_sent_;  // Until nothing of a part is in memory.
    std::optional<read_future> reading_;
    std::optional<time_point> asked_at_;  // For the piece before.
};

/// A part of shared bytes as a body.
class shared_range_body final : public body_source {
   public:
    shared_range_body(shared_bytes bytes, byte_range part) noexcept
        : bytes_(std::move(bytes)), part_(part) {}

    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& cx) override;
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept override {
        return part_.bytes;
    }

   private:
    shared_bytes bytes_;
    byte_range part_;
    std::uint64_t given_ = 0;
};

}  // namespace rouse::http
