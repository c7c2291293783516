#include "runtime/task/waker.hpp"

#include <concepts>
#include <csignal>
#include <thread>
#include <type_traits>
#include <utility>

#include <doctest/doctest.h>

#include "tests/support/child_process.hpp"
#include "tests/support/counting_waker.hpp"

using rouse::local_waker;
using rouse::noop_raw_waker;
using rouse::raw_waker;
using rouse::raw_waker_vtable;
using rouse::waker;
using rouse::test::counting_waker;

// The facts of the contract that the compiler can hold.
static_assert(std::is_trivially_copyable_v<raw_waker>);
static_assert(sizeof(raw_waker) == 16 || sizeof(void*) != 8);
static_assert(std::same_as<decltype(raw_waker_vtable::clone), raw_waker (*)(void*) noexcept>);
static_assert(std::same_as<decltype(raw_waker_vtable::wake), void (*)(void*) noexcept>);
static_assert(std::same_as<decltype(raw_waker_vtable::wake_by_ref), void (*)(void*) noexcept>);
static_assert(std::same_as<decltype(raw_waker_vtable::drop), void (*)(void*) noexcept>);
static_assert(!std::is_polymorphic_v<waker> && !std::is_polymorphic_v<local_waker>);

namespace {

template <class Waker>
concept wakes_as_lvalue = requires(Waker& handle) { handle.wake(); };

template <class Waker>
constexpr bool keeps_the_rules =
    !std::is_copy_constructible_v<Waker> && !std::is_copy_assignable_v<Waker> &&
    std::is_nothrow_move_constructible_v<Waker> && std::is_nothrow_move_assignable_v<Waker> &&
    !wakes_as_lvalue<Waker>;
static_assert(keeps_the_rules<waker>);
static_assert(keeps_the_rules<local_waker>);

/// Counts for a table that turns into another one when it is cloned.
struct changing_counts {
    int first_clones = 0;
    int first_drops = 0;
    int second_clones = 0;
    int second_wakes = 0;
    int second_drops = 0;
};

changing_counts& self(void* data) noexcept {
    return *static_cast<changing_counts*>(data);
}

extern const raw_waker_vtable second_table;
const raw_waker_vtable second_table{
    .clone = [](void* data) noexcept -> raw_waker {
        ++self(data).second_clones;
        return {data, &second_table};
    },
    .wake = [](void* data) noexcept { ++self(data).second_wakes; },
    .wake_by_ref = [](void* data) noexcept { ++self(data).second_wakes; },
    .drop = [](void* data) noexcept { ++self(data).second_drops; },
};
const raw_waker_vtable first_table{
    .clone = [](void* data) noexcept -> raw_waker {
        ++self(data).first_clones;
        return {data, &second_table};
    },
    .wake = [](void*) noexcept {},
    .wake_by_ref = [](void*) noexcept {},
    .drop = [](void* data) noexcept { ++self(data).first_drops; },
};

}  // namespace

TEST_SUITE("runtime/waker") {
    TEST_CASE_TEMPLATE("the no-op waker can be cloned, woken and dropped, and its data is null",
                       Handle, waker, local_waker) {
        Handle noop = Handle::noop();
        CHECK(noop.data() == nullptr);
        CHECK(noop.vtable() == noop_raw_waker().vtable);
        noop.wake_by_ref();
        Handle copy = noop.clone();
        CHECK(copy.data() == nullptr);
        CHECK(copy.will_wake(noop));
        std::move(copy).wake();
        CHECK_FALSE(copy);
        CHECK(noop);
    }

    TEST_CASE("dropping a waker drops its owner once, without waking") {
        counting_waker counts;
        {
            const local_waker handle = counts.local();
        }
        CHECK(counts.drops == 1);
        CHECK(counts.total_wakes() == 0);
        CHECK(counts.owners == 0);
    }

    TEST_CASE_TEMPLATE("wake consumes: it is not dropped afterwards", Handle, waker, local_waker) {
        counting_waker counts;
        {
            Handle consumed(counts.raw());
            std::move(consumed).wake();
            CHECK_FALSE(consumed);
        }
        CHECK(counts.wakes == 1);
        CHECK(counts.wakes_by_ref == 0);
        CHECK(counts.drops == 0);
    }

    TEST_CASE_TEMPLATE("wake_by_ref does not consume", Handle, waker, local_waker) {
        counting_waker counts;
        {
            const Handle kept(counts.raw());
            kept.wake_by_ref();
            kept.wake_by_ref();
            CHECK(kept);
        }
        CHECK(counts.wakes_by_ref == 2);
        CHECK(counts.wakes == 0);
        CHECK(counts.drops == 1);
    }

    TEST_CASE_TEMPLATE("moving neither clones nor drops", Handle, waker, local_waker) {
        counting_waker counts;
        {
            Handle first(counts.raw());
            Handle second(std::move(first));
            CHECK_FALSE(first);
            CHECK(second);
            first = std::move(second);
            CHECK(first);
            CHECK(counts.clones + counts.drops == 0);
        }
        CHECK(counts.drops == 1);
    }

    TEST_CASE_TEMPLATE("assigning drops what was there; assigning to itself does nothing", Handle,
                       waker, local_waker) {
        counting_waker old;
        counting_waker fresh;
        {
            Handle target(old.raw());
            target = Handle(fresh.raw());
            CHECK(old.drops == 1);
            CHECK(fresh.drops == 0);
            Handle& same = target;
            target = std::move(same);
            CHECK(target);
            CHECK(fresh.drops == 0);
        }
        CHECK(fresh.drops == 1);
    }

    TEST_CASE("each clone is an owner of its own") {
        counting_waker counts;
        {
            const local_waker handle = counts.local();
            const local_waker copy = handle.clone();
            std::move(handle.clone()).wake();
            CHECK(counts.owners == 2);
        }
        CHECK(counts.clones == 2);
        CHECK(counts.drops == 2);
        CHECK(counts.wakes == 1);
    }

    TEST_CASE("clone may answer another table: each owner is ended by its own") {
        changing_counts counts;
        {
            const waker handle(raw_waker{&counts, &first_table});
            const waker copy = handle.clone();
            CHECK(copy.vtable() == &second_table);
            CHECK(copy.data() == &counts);
            CHECK_FALSE(handle.will_wake(copy));
            const waker again = copy.clone();
            CHECK(again.will_wake(copy));
            copy.wake_by_ref();
        }
        CHECK(counts.first_clones == 1);
        CHECK(counts.second_clones == 1);
        CHECK(counts.second_wakes == 1);
        CHECK(counts.second_drops == 2);
        CHECK(counts.first_drops == 1);
    }

    TEST_CASE("will_wake compares data and table") {
        counting_waker one;
        counting_waker two;
        const local_waker first = one.local();
        CHECK(first.will_wake(first));
        CHECK(first.will_wake(first.clone()));
        CHECK_FALSE(first.will_wake(two.local()));
        CHECK_FALSE(first.will_wake(local_waker::noop()));
    }

    TEST_CASE("a released waker is nobody's: it is not dropped") {
        counting_waker counts;
        raw_waker raw{};
        {
            local_waker handle = counts.local();
            raw = handle.release();
        }
        CHECK(counts.drops == 0);
        {
            const local_waker again(raw);
        }
        CHECK(counts.drops == 1);
    }

#ifndef NDEBUG
    TEST_CASE("a local_waker that another thread uses is caught in debug builds") {
        const auto misuse = [](auto use) {
            return rouse::test::run_in_child([&](int) {
                local_waker handle = local_waker::noop();
                std::thread([&] { use(handle); }).join();
                return 0;
            });
        };
        CHECK(misuse([](local_waker& handle) { handle.wake_by_ref(); }).signal == SIGABRT);
        CHECK(misuse([](local_waker& handle) { (void)handle.clone(); }).signal == SIGABRT);
        CHECK(misuse([](local_waker& handle) { std::move(handle).wake(); }).signal == SIGABRT);
        CHECK(misuse([](local_waker& handle) { handle = local_waker(); }).signal == SIGABRT);
        CHECK(misuse([](local_waker& handle) { (void)handle.data(); }).exit_code == 0);
    }

    TEST_CASE("waking an empty waker is caught in debug builds") {
        CHECK(rouse::test::run_in_child([](int) {
                  local_waker empty;
                  empty.wake_by_ref();
                  return 0;
              }).signal == SIGABRT);
    }
#endif

    TEST_CASE("a waker may be cloned, woken and dropped on any thread") {
        waker handle = waker::noop();
        std::thread([&handle] {
            handle.wake_by_ref();
            const waker copy = handle.clone();
            std::move(handle).wake();
        }).join();
        CHECK_FALSE(handle);
    }
}
