#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "protocols/http/connection.hpp"
#include "runtime/net/byte_stream.hpp"
#include "runtime/net/tcp_stream.hpp"
#include "runtime/task/future.hpp"
#include "runtime/task/task.hpp"

namespace rouse::http {

/// A stream that sends files without reading them: see tcp_stream::send_file.
template <class S>
concept file_sending_stream = requires(S& stream, const file& from) {
    {
        stream.send_file(owned_bytes(), from, std::uint64_t{}, std::size_t{})
    } -> std::same_as<send_file_future>;
};

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
    void start_send(owned_bytes bytes) override { start(stream_.send(std::move(bytes))); }
    void start_send(std::vector<owned_bytes> parts) override {
        start(stream_.send(std::move(parts)));
    }
    [[nodiscard]] bool can_send_files() const noexcept override { return sends_files; }
    void start_send(owned_bytes head, const file_part& part) override {
        if constexpr (sends_files) {
            start(stream_.send_file(std::move(head), part.from, part.offset, part.bytes));
        }
    }
    [[nodiscard]] bool is_sending() const noexcept override { return sending_.index() != 0; }
    [[nodiscard]] rouse::poll<result<std::size_t>> poll_sent(context& cx) override {
        if constexpr (sends_files) {
            if (auto* const of_file = std::get_if<file_sending>(&sending_)) {
                return over(of_file->poll(cx));
            }
        }
        auto sent = std::get<sending>(sending_).poll(cx);
        if (sent.is_pending()) {
            return pending;
        }
        if (!sent.value()) {
            return over(result<std::size_t>(failure(sent.value().error())));
        }
        return over(result<std::size_t>(0UZ));
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
    static constexpr bool sends_files = file_sending_stream<Stream>;
    using sending = decltype(std::declval<Stream&>().send(owned_bytes()));
    using file_sending = std::conditional_t<sends_files, send_file_future, std::monostate>;

    template <class Future>
    void start(Future made) {
        sending_.template emplace<Future>(std::move(made)).start();
    }
    [[nodiscard]] rouse::poll<result<std::size_t>> over(rouse::poll<result<std::size_t>> sent) {
        if (sent.is_ready()) {
            sending_.template emplace<0>();
        }
        return sent;
    }

    Stream stream_;
    // After the stream, so that it is dropped first.
    std::variant<std::monostate, sending, file_sending> sending_;
};

static_assert(future<stream_connection<tcp_stream>>);

/// Serves HTTP/1.x on a stream until either side is done with it: a future, to be spawned or
/// awaited. The service outlives it.
template <byte_stream Stream>
[[nodiscard]] stream_connection<Stream> serve(service& shared, Stream stream) noexcept {
    return stream_connection<Stream>(shared, std::move(stream));
}

}  // namespace rouse::http
