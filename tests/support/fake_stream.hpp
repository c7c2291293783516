#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/net/address.hpp"
#include "runtime/net/byte_stream.hpp"
#include "tests/support/poison.hpp"

namespace rouse::test {

/// Buffers to lease, outside a reactor. One that was given back is poisoned: a view of it that is
/// used is an error.
class test_buffers final : public buffer_source {
   public:
    static constexpr std::size_t size = 4'096;
    static constexpr std::uint16_t count = 64;

    test_buffers() : test_buffers(std::make_unique<std::byte[]>(size * count)) {}
    ~test_buffers() override { ASAN_UNPOISON_MEMORY_REGION(storage_.get(), size * count); }

    void recycle(std::uint16_t index) noexcept override {
        ASAN_UNPOISON_MEMORY_REGION(buffer(index), size);
        std::memset(buffer(index), 0xdd, size);
        ASAN_POISON_MEMORY_REGION(buffer(index), size);
        free_.push_back(index);
    }

    /// Up to `size` bytes in a buffer of their own.
    [[nodiscard]] buffer_lease lease(std::string_view bytes) {
        REQUIRE(bytes.size() <= size);
        REQUIRE(!free_.empty());
        const std::uint16_t index = free_.back();
        free_.pop_back();
        ASAN_UNPOISON_MEMORY_REGION(buffer(index), bytes.size());
        if (!bytes.empty()) {
            std::memcpy(buffer(index), bytes.data(), bytes.size());
        }
        return {*this, index, 0, bytes.size()};
    }

   private:
    explicit test_buffers(std::unique_ptr<std::byte[]> storage)
        : buffer_source(storage.get(), size), storage_(std::move(storage)) {
        free_.reserve(count);
        for (std::uint16_t index = 0; index < count; ++index) {
            free_.push_back(index);
        }
        ASAN_POISON_MEMORY_REGION(storage_.get(), size * count);
    }

    std::unique_ptr<std::byte[]> storage_;
    std::vector<std::uint16_t> free_;
};

/// The other end of a fake_stream, and what its sends do: the test's side. It outlives the stream.
class fake_peer {
   public:
    enum class send_mode : unsigned char {
        immediately,  ///< A send is over at its first poll.
        in_turns,     ///< A send is over at the next take_turn(), as with a reactor.
        held,         ///< A send is over when finish_send() is called.
    };

    fake_peer() = default;
    fake_peer(const fake_peer&) = delete;
    fake_peer& operator=(const fake_peer&) = delete;

    /// The bytes arrive, in as many buffers as they need.
    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const std::size_t taken = std::min(bytes.size(), test_buffers::size);
            arrived_.emplace_back(bytes.substr(0, taken));
            bytes.remove_prefix(taken);
        }
        wake(receiver_);
    }
    /// What is received after all that was sent: the clean end, or an error.
    void end() { end_with(std::error_code()); }
    void end_with(std::error_code error) {
        end_ = error;
        wake(receiver_);
    }

    /// All that was sent to the peer and is over, and each send on its own.
    std::string output;
    std::vector<std::string> sends;

    send_mode mode = send_mode::in_turns;
    std::optional<std::size_t> fail_send;   ///< The send with this number, from 0, fails.
    std::optional<std::size_t> throw_send;  ///< The send with this number throws bad_alloc.
    std::size_t sends_started = 0;
    std::size_t receives = 0;                ///< Leases that were taken.
    std::optional<std::uint64_t> delivered;  ///< What fake_stream::delivered answers.
    bool write_ended = false;                ///< By shutdown_write.
    bool is_closed = false;                  ///< The stream was destroyed.

    [[nodiscard]] std::size_t unread() const noexcept { return arrived_.size(); }
    [[nodiscard]] bool is_sending() const noexcept { return in_flight_ && !in_flight_->is_over; }
    [[nodiscard]] std::string in_flight() const {
        return is_sending() ? text_of(in_flight_->parts) : std::string();
    }
    [[nodiscard]] std::uint32_t leased() const noexcept { return buffers_.leased(); }

    /// The send in flight is over.
    void finish_send() {
        REQUIRE(is_sending());
        complete();
        wake(sender_);
    }
    /// What a turn of a reactor would bring; false when that is nothing.
    bool take_turn() {
        if (mode != send_mode::in_turns || !is_sending()) {
            return false;
        }
        finish_send();
        return true;
    }

   private:
    friend class fake_stream;
    friend class fake_receive;
    friend class fake_send;

    struct send_record {
        std::vector<owned_bytes> parts;
        bool is_over = false;
        result<> answer{};
    };

    static std::string text_of(const std::vector<owned_bytes>& parts) {
        std::string text;
        for (const owned_bytes& part : parts) {
            text.append(reinterpret_cast<const char*>(part.data()), part.size());
        }
        return text;
    }
    static void wake(local_waker& waker) {
        if (waker) {
            std::exchange(waker, local_waker()).wake_by_ref();
        }
    }
    void complete() {
        in_flight_->is_over = true;
        if (fail_send == sends_started - 1) {
            in_flight_->answer = failure(errno_code(EPIPE));
        } else {
            sends.push_back(text_of(in_flight_->parts));
            output += sends.back();
        }
        in_flight_->parts.clear();
    }
    void start(std::vector<owned_bytes> parts) {
        REQUIRE_MESSAGE(!in_flight_, "one send at a time");
        REQUIRE_MESSAGE(!write_ended, "a send after the end");
        in_flight_.emplace(std::move(parts));
        ++sends_started;
    }

    test_buffers buffers_;
    std::deque<std::string> arrived_;
    std::optional<std::error_code> end_;
    std::optional<send_record> in_flight_;
    local_waker receiver_;
    local_waker sender_;
};

class [[nodiscard]] fake_receive {
   public:
    explicit fake_receive(fake_peer& peer) noexcept : peer_(peer) {}

    [[nodiscard]] rouse::poll<result<buffer_lease>> poll(context& cx) {
        const bool is_there = !peer_.arrived_.empty() || peer_.end_;
        if (!is_there || !cx.consume_budget()) {
            store_waker(peer_.receiver_, cx);
            return pending;
        }
        if (peer_.arrived_.empty()) {
            return *peer_.end_ ? result<buffer_lease>(failure(*peer_.end_))
                               : result<buffer_lease>();
        }
        const std::string bytes = std::move(peer_.arrived_.front());
        peer_.arrived_.pop_front();
        ++peer_.receives;
        return result<buffer_lease>(peer_.buffers_.lease(bytes));
    }

   private:
    fake_peer& peer_;
};

class [[nodiscard]] fake_send {
   public:
    fake_send(fake_peer& peer, std::vector<owned_bytes> parts) noexcept
        : peer_(&peer), parts_(std::move(parts)) {}
    fake_send(fake_send&& other) noexcept
        : peer_(std::exchange(other.peer_, nullptr)),
          parts_(std::move(other.parts_)),
          started_(other.started_) {}
    ~fake_send() {
        if (peer_ != nullptr && started_) {
            peer_->in_flight_.reset();
        }
    }

    void start() {
        if (!started_) {
            started_ = true;
            peer_->start(std::move(parts_));
        }
    }
    [[nodiscard]] rouse::poll<result<>> poll(context& cx) {
        start();
        if (peer_->mode == fake_peer::send_mode::immediately && peer_->is_sending()) {
            peer_->complete();
        }
        if (!peer_->in_flight_->is_over || !cx.consume_budget()) {
            store_waker(peer_->sender_, cx);
            return pending;
        }
        return peer_->in_flight_->answer;
    }

   private:
    fake_peer* peer_;
    std::vector<owned_bytes> parts_;
    bool started_ = false;
};

class [[nodiscard]] fake_shutdown {
   public:
    explicit fake_shutdown(fake_peer& peer) noexcept : peer_(peer) {}
    [[nodiscard]] rouse::poll<result<>> poll(context& /*cx*/) noexcept {
        peer_.write_ended = true;
        return result<>();
    }

   private:
    fake_peer& peer_;
};

/// A byte_stream in memory, whose completions the test makes, one by one.
class fake_stream {
   public:
    explicit fake_stream(fake_peer& peer) noexcept : peer_(&peer) {}
    fake_stream(fake_stream&& other) noexcept : peer_(std::exchange(other.peer_, nullptr)) {}
    fake_stream& operator=(fake_stream&& other) noexcept {
        std::swap(peer_, other.peer_);
        return *this;
    }
    ~fake_stream() {
        if (peer_ != nullptr) {
            // Sends and receives are dropped before their stream.
            CHECK_MESSAGE(!peer_->in_flight_, "a send outlives its stream");
            peer_->is_closed = true;
            peer_->receiver_ = local_waker();
            peer_->sender_ = local_waker();
        }
    }

    [[nodiscard]] fake_receive recv() noexcept { return fake_receive(*peer_); }
    [[nodiscard]] fake_send send(owned_bytes bytes) {
        std::vector<owned_bytes> parts;
        parts.push_back(std::move(bytes));
        return send(std::move(parts));
    }
    [[nodiscard]] fake_send send(std::vector<owned_bytes> parts) {
        if (peer_->throw_send == peer_->sends_started) {
            throw std::bad_alloc();
        }
        return {*peer_, std::move(parts)};
    }
    [[nodiscard]] fake_shutdown shutdown_write() noexcept { return fake_shutdown(*peer_); }
    [[nodiscard]] address peer_address() const { return address::parse("192.0.2.1:4321").value(); }
    [[nodiscard]] std::optional<std::uint64_t> delivered() const noexcept {
        return peer_->delivered;
    }

   private:
    fake_peer* peer_;
};

static_assert(byte_stream<fake_stream>);

}  // namespace rouse::test
