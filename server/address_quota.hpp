#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "runtime/net/ip_address.hpp"

namespace rouse::server {

/// Counts the open connections of each client address, those of all workers together, and lets no
/// more in than a bound. Any thread; it takes a lock when a connection opens and closes, never on
/// the path of a request, and not at all without a bound. Outlives every place.
class address_quota {
    struct client {
        address_quota& owner;
        ip_address from;
        std::uint32_t open = 0;
    };

   public:
    /// One open connection: given back when destroyed.
    class [[nodiscard]] place {
       public:
        place() noexcept = default;
        place(place&& other) noexcept : client_(std::exchange(other.client_, nullptr)) {}
        place& operator=(place&&) = delete;
        ~place() {
            if (client_ != nullptr) {
                client_->owner.leave(*client_);
            }
        }

       private:
        friend class address_quota;
        explicit place(client& counted) noexcept : client_(&counted) {}
        client* client_ = nullptr;
    };

    /// 0: no bound.
    explicit address_quota(std::uint32_t connections_max) noexcept
        : connections_max_(connections_max) {}
    address_quota(const address_quota&) = delete;
    address_quota& operator=(const address_quota&) = delete;

    [[nodiscard]] bool is_bounded() const noexcept { return connections_max_ > 0; }

    /// A place for one more connection of a client, nothing when it has as many as it may. An IPv6
    /// client counts by its /64 network. A peer without an address, as of a unix socket, always
    /// gets in. Throws bad_alloc.
    [[nodiscard]] std::optional<place> enter(const ip_address& from);

    /// Clients that are connected now.
    [[nodiscard]] std::size_t clients() const;

   private:
    void leave(client& counted) noexcept;

    std::uint32_t connections_max_;
    mutable std::mutex mutex_;
    std::unordered_map<ip_address, client> clients_;  // Its nodes do not move.
};

}  // namespace rouse::server
