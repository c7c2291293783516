#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "protocols/http/connection.hpp"
#include "runtime/net/byte_stream.hpp"
#include "runtime/net/tcp_stream.hpp"
#include "runtime/task/future.hpp"
#include "runtime/task/task.hpp"

namespace rouse::http {

/// A connection over any byte stream.
template <byte_stream Stream>
class [[nodiscard]] stream_connection final : public connection {
   public:
    stream_connection(service& shared, Stream&& stream) noexcept
        : connection(shared), stream_(std::move(stream)) {}
    stream_connection(stream_connection&& other) noexcept
        // The base moves only its own part.
        // NOLINTNEXTLINE(bugprone-use-after-move)
        : connection(std::move(other)), stream_(std::move(other.stream_)) {}
    stream_connection& operator=(stream_connection&&) = delete;
    ~stream_connection() override { drop_coroutine(); }  // It may use the stream.

   protected:
    [[nodiscard]] rouse::poll<result<buffer_lease>> poll_receive(context& cx) override {
        return stream_.recv().poll(cx);
    }
    void start_send(owned_bytes bytes) override {
        sending_.emplace(stream_.send(std::move(bytes))).start();
    }
    void start_send(std::vector<owned_bytes> parts) override {
        sending_.emplace(stream_.send(std::move(parts))).start();
    }
    [[nodiscard]] bool is_sending() const noexcept override { return sending_.has_value(); }
    [[nodiscard]] rouse::poll<result<>> poll_sent(context& cx) override {
        auto sent = sending_->poll(cx);
        if (sent.is_ready()) {
            sending_.reset();
        }
        return sent;
    }
    [[nodiscard]] task<result<>> shutdown_write() override {
        co_return co_await stream_.shutdown_write();
    }
    [[nodiscard]] address peer_address() const override { return stream_.peer_address(); }
    [[nodiscard]] std::optional<std::uint64_t> delivered() const noexcept override {
        if constexpr (requires { stream_.delivered(); }) {
            return stream_.delivered();
        } else {
            return std::nullopt;
        }
    }

   private:
    Stream stream_;
    // After the stream, so that it is dropped first.
    std::optional<decltype(std::declval<Stream&>().send(owned_bytes()))> sending_;
};

static_assert(future<stream_connection<tcp_stream>>);

/// Serves HTTP/1.x on a stream until either side is done with it: a future, to be spawned or
/// awaited. The service outlives it.
template <byte_stream Stream>
[[nodiscard]] stream_connection<Stream> serve(service& shared, Stream stream) noexcept {
    return stream_connection<Stream>(shared, std::move(stream));
}

}  // namespace rouse::http
