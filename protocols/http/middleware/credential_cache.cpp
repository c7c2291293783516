#include "protocols/http/middleware/credential_cache.hpp"

#include <string_view>

namespace rouse::http {

credential_cache::credential_cache(std::size_t entries_max, duration lifetime)
    : key_(make_hash_key()),
      shard_entries_max_((entries_max + shard_count - 1) / shard_count),
      lifetime_(lifetime) {}

// The user alone would not do, and "a" + "bc" is not "ab" + "c": so the hash of the one is the key
// for the other.
hash_value credential_cache::hash_of(const basic_credentials& asked) const noexcept {
    return keyed_hash(keyed_hash(key_, asked.user), asked.password);
}

void credential_cache::shard::forget(std::list<entry>::iterator which) noexcept {
    places.erase(which->hash);
    entries.erase(which);
}

bool credential_cache::contains(const basic_credentials& asked, time_point now) noexcept {
    const hash_value hash = hash_of(asked);
    shard& place = shard_of(hash);
    const std::scoped_lock lock(place.mutex);
    const auto found = place.places.find(hash);
    if (found == place.places.end()) {
        return false;
    }
    if (found->second->expires <= now) {
        place.forget(found->second);
        return false;
    }
    return true;
}

void credential_cache::add(const basic_credentials& verified, time_point now) {
    const hash_value hash = hash_of(verified);
    shard& place = shard_of(hash);
    const std::scoped_lock lock(place.mutex);
    if (shard_entries_max_ == 0) {
        return;
    }
    if (const auto known = place.places.find(hash); known != place.places.end()) {
        place.forget(known->second);
    }
    while (place.entries.size() >= shard_entries_max_) {
        place.forget(place.entries.begin());
    }
    place.entries.push_back({.hash = hash, .expires = saturating_add(now, lifetime_)});
    try {
        place.places.emplace(hash, std::prev(place.entries.end()));
    } catch (...) {
        place.entries.pop_back();
        throw;
    }
}

std::size_t credential_cache::size() noexcept {
    std::size_t count = 0;
    for (shard& each : shards_) {
        const std::scoped_lock lock(each.mutex);
        count += each.entries.size();
    }
    return count;
}

}  // namespace rouse::http
