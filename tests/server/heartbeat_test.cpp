#include "server/heartbeat.hpp"

#include <chrono>

#include <doctest/doctest.h>

using rouse::server::heartbeat;
using namespace std::chrono_literals;

namespace {

constexpr auto half = 15s;

// A clock that the test moves, and what the heartbeat decided at its last look.
struct watched {
    heartbeat beats{half};
    heartbeat::time_point now{};
    heartbeat::decision decided;

    void look(bool answered) { decided = beats.look(now, answered); }
};

}  // namespace

TEST_SUITE_BEGIN("server/heartbeat");

TEST_CASE("the first look asks, and nothing beats before the answer") {
    watched on;
    CHECK(on.beats.due(on.now) == 0ms);
    on.look(true);  // Nobody was asked yet: that is no answer.
    CHECK(on.decided.ask);
    CHECK_FALSE(on.decided.beat);
    on.look(false);
    CHECK_FALSE(on.decided.ask);
    CHECK_FALSE(on.decided.beat);
    on.look(true);
    CHECK(on.decided.beat);
}

TEST_CASE("one answer is one beat, and the next question comes after the interval") {
    watched on;
    on.look(false);
    on.look(true);
    CHECK(on.decided.beat);
    CHECK(on.beats.due(on.now) == half);
    on.now += half - 1ms;
    on.look(true);
    CHECK_FALSE(on.decided.beat);
    CHECK_FALSE(on.decided.ask);
    CHECK(on.beats.due(on.now) == 1ms);
    on.now += 1ms;
    on.look(true);
    CHECK_FALSE(on.decided.beat);
    CHECK(on.decided.ask);
    on.look(true);
    CHECK(on.decided.beat);
}

TEST_CASE("a worker that does not answer ends the beats, and is reported once") {
    watched on;
    on.look(false);
    on.now += half;
    on.look(false);
    CHECK(on.decided.late);
    CHECK_FALSE(on.beats.due(on.now));
    for (int interval = 0; interval < 10; ++interval) {
        on.now += half;
        on.look(false);
        CHECK_FALSE(on.decided.late);
        CHECK_FALSE(on.decided.ask);
        CHECK_FALSE(on.decided.beat);
    }
}

TEST_CASE("a late answer beats at once, and the next question is not put off") {
    watched on;
    on.look(false);
    on.now += 3 * half;
    on.look(false);
    CHECK(on.decided.late);
    on.look(true);
    CHECK(on.decided.beat);
    CHECK(on.decided.ask);
    on.look(false);
    CHECK_FALSE(on.decided.beat);
    CHECK(on.beats.due(on.now) == half);
}

TEST_CASE("a wait that ends early, by less than a millisecond, is not taken for its end") {
    watched on;
    on.look(false);
    on.look(true);
    on.now += half - 1ns;
    CHECK(on.beats.due(on.now) == 1ms);
    on.look(true);
    CHECK_FALSE(on.decided.ask);
}

TEST_CASE("without an interval there is one question and one beat") {
    heartbeat once(std::nullopt);
    const heartbeat::time_point now{};
    CHECK(once.look(now, true).ask);
    CHECK_FALSE(once.due(now));
    CHECK(once.look(now, true).beat);
    const auto later = once.look(now + 24h, true);
    CHECK_FALSE(later.ask);
    CHECK_FALSE(later.beat);
    CHECK_FALSE(later.late);
    CHECK_FALSE(once.due(now + 24h));
}

TEST_SUITE_END();
