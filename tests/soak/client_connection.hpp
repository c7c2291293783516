#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/unique_fd.hpp"
#include "tests/soak/conversation.hpp"
#include "tests/soak/fault_plan.hpp"
#include "tests/soak/tally.hpp"

namespace rouse::soak {

/// How a client leaves.
enum class farewell : std::uint8_t {
    close,         ///< After the last answer.
    half_close,    ///< Ends its side after the last request, and reads up to the server's end.
    server_close,  ///< Asks for the close with the last request, and reads up to it. HTTP only.
    reset,         ///< After the last answer, with a reset.
    close_midway,  ///< As soon as the last request is sent.
    reset_midway,  ///< The same with a reset.
    silent,        ///< At once, without a byte.
};

struct client_options {
    sockaddr_in target{};
    bool echo = false;
    conversation_size size;
    std::uint64_t seed = 0;
    bool proxied = false;    ///< Through the faulty proxy, which has the same seed.
    bool may_close = false;  ///< The server may drain: a close between two answers is no loss.
    bool may_fail = false;   ///< The server may lack memory: no end is a loss, nor is a 500.
};

/// One connection of a client: it sends what the model of its conversation says, compares what
/// comes, and judges the end.
class client_connection {
   public:
    /// Begins to connect.
    client_connection(const client_options& options, std::uint32_t number);
    client_connection(const client_connection&) = delete;
    client_connection& operator=(const client_connection&) = delete;

    [[nodiscard]] int fd() const noexcept { return socket_.get(); }
    [[nodiscard]] bool is_over() const noexcept { return !socket_; }
    [[nodiscard]] std::uint32_t number() const noexcept { return number_; }
    /// What was wrong, for people; empty when nothing was.
    [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

    /// Nobody listens there (any more).
    [[nodiscard]] bool is_refused() const noexcept { return refused_; }

    /// Goes on as far as the socket allows; it is edge-triggered.
    void advance(tally& into);
    /// Nothing has happened for too long.
    void give_up(tally& into);

   private:
    [[nodiscard]] bool send_some();
    [[nodiscard]] bool receive_some(tally& into);
    [[nodiscard]] bool say_farewell(tally& into);
    void judge_end(int error, tally& into);
    [[nodiscard]] bool is_cut(int error) const noexcept;
    [[nodiscard]] bool awaits_end() const noexcept;
    void judge_bytes(std::string_view bytes, tally& into);
    void leave(bool by_reset) noexcept;
    void count_end(tally& into, std::uint64_t tally::* rest) const;
    void lose(const std::string& why, tally& into);

    std::uint32_t number_;
    farewell farewell_;
    bool may_close_;
    bool may_fail_;
    fault_plan plan_;
    std::uint64_t limit_;  ///< What the proxy hands on to the server before it ends that direction.
    std::unique_ptr<conversation> talk_;
    unique_fd socket_;
    bool write_ended_ = false;
    bool refused_ = false;
    int error_ = 0;  ///< Of the connect, or of a send.
    std::string fault_;
};

}  // namespace rouse::soak
