#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "protocols/http/middleware/keyed_hash.hpp"
#include "runtime/net/ip_address.hpp"
#include "runtime/time/clock.hpp"

namespace rouse::http {

/// A bucket of tokens for each client: it holds `burst` of them at most and gains one each
/// `interval`; a request takes one. A bucket is one time, that at which it would be full again (the
/// generic cell rate algorithm, ITU-T I.371, A.2). Any thread may use it.
///
/// It knows `clients_max` clients or a few more. For a new one, a client is forgotten whose bucket
/// is full, which changes nothing for it. When none is found, new clients share one bucket until
/// there is: who comes from many addresses is held back then, together with whoever is new, but
/// nobody that is known already.
class token_buckets {
   public:
    /// `interval` is above 0, `burst` and `clients_max` at least 1.
    token_buckets(duration interval, std::size_t burst, std::size_t clients_max);

    /// Takes a token. Nothing when there was one, else how long until there is.
    [[nodiscard]] std::optional<duration> take(const ip_address& client, time_point now);

    /// How many clients have a bucket.
    [[nodiscard]] std::size_t size() noexcept;

   private:
    struct bucket {
        ip_address client;
        time_point full_at;
    };
    // Whoever chooses addresses so that they collide does not know the key.
    struct keyed {
        hash_key key;
        std::size_t operator()(const ip_address& client) const noexcept;
    };
    struct shard {
        explicit shard(keyed hash) : places(0, hash) {}
        std::mutex mutex;
        std::list<bucket> buckets;  // Those from which nothing was taken for longest come first.
        std::unordered_map<ip_address, std::list<bucket>::iterator, keyed> places;
        time_point shared_full_at = time_point::min();
    };
    static constexpr std::size_t shard_count = 16;
    /// How many buckets are looked at for a full one.
    static constexpr std::size_t steps_max = 8;

    [[nodiscard]] std::optional<duration> take_from(time_point& full_at,
                                                    time_point now) const noexcept;
    [[nodiscard]] bool make_room(shard& place, time_point now) const noexcept;

    duration interval_;
    duration capacity_;
    std::size_t shard_clients_max_;
    keyed hash_;
    std::deque<shard> shards_;  // Does not move them.
};

}  // namespace rouse::http
