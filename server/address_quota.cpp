#include "server/address_quota.hpp"

namespace rouse::server {

std::optional<address_quota::place> address_quota::enter(const ip_address& from) {
    if (!is_bounded() || !from.is_specified()) {
        return place();
    }
    const ip_address key = from.client();
    const std::scoped_lock locked(mutex_);
    client& counted =
        clients_.try_emplace(key, client{.owner = *this, .from = key, .open = 0}).first->second;
    if (counted.open == connections_max_) {
        return std::nullopt;
    }
    ++counted.open;
    return place(counted);
}

void address_quota::leave(client& counted) noexcept {
    const std::scoped_lock locked(mutex_);
    if (--counted.open == 0) {
        clients_.erase(clients_.find(counted.from));
    }
}

std::size_t address_quota::clients() const {
    const std::scoped_lock locked(mutex_);
    return clients_.size();
}

}  // namespace rouse::server
