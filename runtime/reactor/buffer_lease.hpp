#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "runtime/base/owned_bytes.hpp"

namespace rouse {

/// Where the buffers of received bytes come from and go back to. Every buffer has the same size;
/// the bytes of buffer i begin at memory() + i * buffer_bytes().
class buffer_source {
   public:
    [[nodiscard]] std::byte* memory() const noexcept { return memory_; }
    [[nodiscard]] std::size_t buffer_bytes() const noexcept { return buffer_bytes_; }
    [[nodiscard]] std::uint32_t leased() const noexcept { return leased_; }

    [[nodiscard]] std::byte* buffer(std::uint16_t index) const noexcept {
        return memory_ + std::size_t{index} * buffer_bytes_;
    }
    [[nodiscard]] std::uint16_t index_of(const std::byte* data) const noexcept {
        return static_cast<std::uint16_t>(static_cast<std::size_t>(data - memory_) / buffer_bytes_);
    }

    /// The buffer may be filled again.
    virtual void recycle(std::uint16_t index) noexcept = 0;

   protected:
    buffer_source(std::byte* memory, std::size_t buffer_bytes) noexcept
        : memory_(memory), buffer_bytes_(buffer_bytes) {}
    buffer_source(const buffer_source&) = delete;
    buffer_source& operator=(const buffer_source&) = delete;
    virtual ~buffer_source() { assert(leased_ == 0 && "a buffer_lease outlives its reactor"); }

   private:
    friend class buffer_lease;

    std::byte* memory_;
    std::size_t buffer_bytes_;
    std::uint32_t leased_ = 0;
};

/// Received bytes in a buffer of the reactor, on loan: the buffer is not filled again until the
/// lease is destroyed. Hold it only as long as the bytes are needed, because the pool is shared by
/// all connections of the worker. It must not outlive the reactor. An empty lease has no buffer:
/// the peer has closed its side.
class buffer_lease {
   public:
    buffer_lease() noexcept = default;
    /// Takes over buffer `index`, of which the bytes from `offset` are of interest.
    buffer_lease(buffer_source& source, std::uint16_t index, std::size_t offset,
                 std::size_t size) noexcept
        : source_(&source),
          data_(source.buffer(index) + offset),
          size_(static_cast<std::uint32_t>(size)),
          index_(index) {
        ++source.leased_;
    }
    buffer_lease(buffer_lease&& other) noexcept
        : source_(std::exchange(other.source_, nullptr)),
          data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          index_(other.index_) {}
    buffer_lease& operator=(buffer_lease&& other) noexcept {
        if (this != &other) {
            reset();
            source_ = std::exchange(other.source_, nullptr);
            data_ = std::exchange(other.data_, nullptr);
            size_ = std::exchange(other.size_, 0);
            index_ = other.index_;
        }
        return *this;
    }
    ~buffer_lease() { reset(); }

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
    [[nodiscard]] std::string_view text() const noexcept {
        return {reinterpret_cast<const char*>(data_), size_};
    }

    /// The bytes, to be changed in place: nobody else reads them while they are leased.
    [[nodiscard]] char* writable() noexcept {
        return const_cast<char*>(reinterpret_cast<const char*>(data_));
    }

    /// Leaves out the first `count` bytes; the buffer is kept.
    void remove_prefix(std::size_t count) noexcept {
        assert(count <= size_);
        data_ += count;
        size_ -= static_cast<std::uint32_t>(count);
    }

    /// Keeps the first `count` bytes only.
    void truncate(std::size_t count) noexcept {
        assert(count <= size_);
        size_ = static_cast<std::uint32_t>(count);
    }

    /// Makes the bytes sendable without a copy: the buffer goes back when the send is over.
    [[nodiscard]] owned_bytes into_bytes() && noexcept {
        if (size_ == 0) {
            reset();
            return {};
        }
        buffer_source* source = std::exchange(source_, nullptr);
        return {{std::exchange(data_, nullptr), std::exchange(size_, 0)},
                source,
                [](void* owner, const std::byte* data) noexcept {
                    auto& from = *static_cast<buffer_source*>(owner);
                    give_back(from, from.index_of(data));
                }};
    }

    /// Gives the buffer back now.
    void reset() noexcept {
        if (source_ != nullptr) {
            give_back(*std::exchange(source_, nullptr), index_);
        }
        data_ = nullptr;
        size_ = 0;
    }

   private:
    static void give_back(buffer_source& source, std::uint16_t index) noexcept {
        --source.leased_;
        source.recycle(index);
    }

    buffer_source* source_ = nullptr;
    const std::byte* data_ = nullptr;
    std::uint32_t size_ = 0;
    std::uint16_t index_ = 0;
};

}  // namespace rouse
