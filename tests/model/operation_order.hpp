#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "tests/model/schedule_point.hpp"

namespace rouse::model {

/// Which operations of a schedule came before which, where the order can matter: two on one object
/// of which one writes. Schedules with the same order and the same chosen values are the same
/// execution; this counts different ones, to see that none is left out.
template <std::size_t Threads>
class operation_order {
   public:
    void clear() noexcept {
        clocks_ = {};
        object_count_ = 0;
        hash_ = 0;
    }

    /// `thread` does its `next`.
    void add(std::size_t thread, const operation& next) noexcept {
        object& on = object_of(next.on);
        clock& own = clocks_[thread];
        raise(own, on.written);
        if (next.writes) {
            raise(own, on.read);
        }
        ++own[thread];
        raise(next.writes ? on.written : on.read, own);
        std::uint64_t event = thread;
        for (const std::uint32_t seen : own) {
            event = mix(event, seen);
        }
        hash_ += event;  // A sum, because only the clocks tell the order.
    }

    /// `thread` was given the value number `choice` by what it is doing.
    void choose(std::size_t thread, unsigned choice) noexcept {
        hash_ += mix(mix(mix(thread, clocks_[thread][thread]), choice), UINT32_MAX);
    }

    [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }

   private:
    using clock = std::array<std::uint32_t, Threads>;
    struct object {
        const void* address;
        clock written;
        clock read;
    };
    static constexpr std::size_t objects_max = 64;

    static void raise(clock& to, const clock& from) noexcept {
        for (std::size_t i = 0; i < Threads; ++i) {
            to[i] = to[i] < from[i] ? from[i] : to[i];
        }
    }

    // The finalizer of splitmix64.
    static std::uint64_t mix(std::uint64_t seed, std::uint64_t value) noexcept {
        std::uint64_t mixed = (seed ^ (value + 0x9e3779b97f4a7c15U)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31U);
    }

    object& object_of(const void* address) noexcept {
        for (std::size_t i = 0; i < object_count_; ++i) {
            if (objects_[i].address == address) {
                return objects_[i];
            }
        }
        assert(object_count_ < objects_max);
        objects_[object_count_] = {.address = address, .written = {}, .read = {}};
        return objects_[object_count_++];
    }

    std::array<clock, Threads> clocks_{};
    std::array<object, objects_max> objects_;
    std::size_t object_count_ = 0;
    std::uint64_t hash_ = 0;
};

}  // namespace rouse::model
