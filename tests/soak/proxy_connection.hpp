#pragma once

#include <netinet/in.h>

#include <cstdint>

#include "runtime/base/unique_fd.hpp"
#include "tests/soak/fault_plan.hpp"
#include "tests/soak/proxy_flow.hpp"

namespace rouse::soak {

struct proxy_options {
    sockaddr_in target{};
    std::uint64_t seed = 0;
    spoiling spoils = spoiling::none;  ///< On one connection in four, what the server sends.
};

/// One client, the connection to the server that belongs to it, and the plan of what befalls them.
class proxy_connection {
   public:
    /// Begins to connect to the server, from the client's address.
    proxy_connection(const proxy_options& options, unique_fd client, const sockaddr_in& source);
    proxy_connection(const proxy_connection&) = delete;
    proxy_connection& operator=(const proxy_connection&) = delete;

    [[nodiscard]] int client_fd() const noexcept { return client_.get(); }
    [[nodiscard]] int server_fd() const noexcept { return server_.get(); }
    [[nodiscard]] bool is_over() const noexcept { return !client_; }
    /// When to advance, besides when a socket is ready.
    [[nodiscard]] proxy_clock::time_point due() const noexcept;
    void advance(proxy_clock::time_point now, proxy_counters& count);

   private:
    enum class phase : std::uint8_t {
        carrying,
        ending,    ///< Both sides were told the end; what they still send is dropped, for a while.
        vanished,  ///< Nothing moves any more, for a while.
        hung,      ///< Nothing moves any more.
    };

    void carry(proxy_clock::time_point now, proxy_counters& count);
    void end_both(proxy_clock::time_point now);
    void cut(direction which, proxy_clock::time_point now, proxy_counters& count);
    void reset_both() noexcept;
    void close_both() noexcept;

    fault_plan plan_;
    proxy_flow to_server_;
    proxy_flow to_client_;
    unique_fd client_;
    unique_fd server_;
    phase phase_ = phase::carrying;
    proxy_clock::time_point until_ = never;  ///< The end of `ending` or `vanished`.
};

}  // namespace rouse::soak
