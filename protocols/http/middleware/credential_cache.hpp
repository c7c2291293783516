#pragma once

#include <array>
#include <cstddef>
#include <list>
#include <mutex>
#include <unordered_map>

#include "protocols/http/middleware/basic_credentials.hpp"
#include "protocols/http/middleware/keyed_hash.hpp"
#include "runtime/time/clock.hpp"

namespace rouse::http {

/// Remembers which credentials were found right, so that a hash that takes a tenth of a second is
/// made once in a while and not for each request. Holds keyed hashes and no password, under a key
/// that only this object has. Any thread may use it.
class credential_cache {
   public:
    /// Holds up to about `entries_max`; each is forgotten `lifetime` after it was added. Throws
    /// std::system_error when there are no random bytes for the key.
    credential_cache(std::size_t entries_max, duration lifetime);

    [[nodiscard]] bool contains(const basic_credentials& asked, time_point now) noexcept;
    /// The oldest entry makes room for it. Throws bad_alloc.
    void add(const basic_credentials& verified, time_point now);
    [[nodiscard]] std::size_t size() noexcept;

   private:
    struct entry {
        hash_value hash;
        time_point expires;
    };
    struct first_word {
        std::size_t operator()(const hash_value& hash) const noexcept { return hash[0]; }
    };
    // Each worker asks for another one most of the time.
    struct shard {
        std::mutex mutex;
        std::list<entry> entries;  // The oldest first.
        std::unordered_map<hash_value, std::list<entry>::iterator, first_word> places;

        void forget(std::list<entry>::iterator which) noexcept;
    };
    static constexpr std::size_t shard_count = 16;

    [[nodiscard]] hash_value hash_of(const basic_credentials& asked) const noexcept;
    [[nodiscard]] shard& shard_of(const hash_value& hash) noexcept {
        return shards_[hash[1] % shard_count];
    }

    hash_key key_;
    std::size_t shard_entries_max_;
    duration lifetime_;
    std::array<shard, shard_count> shards_;
};

}  // namespace rouse::http
