#include "protocols/http/middleware/token_buckets.hpp"

#include <algorithm>
#include <iterator>

namespace rouse::http {
std::size_t token_buckets::keyed::operator()(const ip_address& client) const noexcept {
    const std::size_t plain = client.hash();
    return keyed_hash(key, {reinterpret_cast<const char*>(&plain), sizeof plain})[0];
}

token_buckets::token_buckets(duration interval, std::size_t burst, std::size_t clients_max)
    : interval_(interval),
      capacity_(interval * static_cast<duration::rep>(burst)),
      shard_clients_max_((clients_max + shard_count - 1) / shard_count),
      hash_{make_hash_key()} {
    for (std::size_t index = 0; index < shard_count; ++index) {
        shards_.emplace_back(hash_);
    }
}

std::optional<duration> token_buckets::take_from(time_point& full_at,
                                                 time_point now) const noexcept {
    const time_point taken = std::max(full_at, now) + interval_;
    if (taken > now + capacity_) {
        return taken - capacity_ - now;
    }
    full_at = taken;
    return std::nullopt;
}

bool token_buckets::make_room(shard& place, time_point now) const noexcept {
    if (place.buckets.size() < shard_clients_max_) {
        return true;
    }
    std::size_t steps = 0;
    for (auto each = place.buckets.begin(); each != place.buckets.end() && steps < steps_max;
         ++each, ++steps) {
        if (each->full_at <= now) {
            place.places.erase(each->client);
            place.buckets.erase(each);
            return true;
        }
    }
    return false;
}

std::optional<duration> token_buckets::take(const ip_address& client, time_point now) {
    shard& place = shards_[hash_(client) % shard_count];
    const std::scoped_lock lock(place.mutex);
    const auto known = place.places.find(client);
    if (known != place.places.end()) {
        const auto wait = take_from(known->second->full_at, now);
        if (!wait) {
            place.buckets.splice(place.buckets.end(), place.buckets, known->second);
        }
        return wait;
    }
    if (!make_room(place, now)) {
        return take_from(place.shared_full_at, now);
    }
    place.buckets.push_back({.client = client, .full_at = now});
    try {
        place.places.emplace(client, std::prev(place.buckets.end()));
    } catch (...) {
        place.buckets.pop_back();
        throw;
    }
    return take_from(place.buckets.back().full_at, now);
}

std::size_t token_buckets::size() noexcept {
    std::size_t count = 0;
    for (shard& each : shards_) {
        const std::scoped_lock lock(each.mutex);
        count += each.buckets.size();
    }
    return count;
}

}  // namespace rouse::http
