#include "server/access_log_ring.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "server/access_log_batch.hpp"

using rouse::server::access_batch_bytes;
using rouse::server::access_line_bytes_max;
using rouse::server::access_log_batch;
using rouse::server::access_log_ring;

namespace {

std::string pop(access_log_ring& ring, std::size_t room_bytes) {
    std::string room(room_bytes, '\0');
    room.resize(ring.pop_lines(room));
    return room;
}

std::string line_of(std::size_t bytes, char letter = 'x') {
    return std::string(bytes - 1, letter) + '\n';
}

}  // namespace

TEST_SUITE_BEGIN("server/access_log_ring");

TEST_CASE("lines of every length come out whole from every offset of the ring") {
    constexpr std::size_t bytes = 32;
    for (std::size_t offset = 0; offset < bytes; ++offset) {
        for (std::size_t length = 1; length <= bytes; ++length) {
            CAPTURE(offset);
            CAPTURE(length);
            access_log_ring ring(bytes);
            for (std::size_t at = 0; at < offset; ++at) {
                REQUIRE(ring.push("\n"));
                REQUIRE(pop(ring, bytes) == "\n");
            }
            std::string line;
            while (line.size() < length - 1) {
                line += static_cast<char>('a' + line.size() % 26);
            }
            line += '\n';
            REQUIRE(ring.push(line));
            CHECK_FALSE(ring.empty());
            CHECK(pop(ring, bytes) == line);
            CHECK(ring.empty());
        }
    }
}

TEST_CASE("a line that does not fit is dropped and counted, one that does is kept") {
    access_log_ring ring(16);
    CHECK(ring.push("12345\n"));
    CHECK(ring.push("abcdef\n"));
    CHECK_FALSE(ring.push("123\n"));
    CHECK(ring.push("12\n"));
    CHECK_FALSE(ring.push("\n"));
    CHECK_FALSE(ring.push(line_of(17)));
    CHECK(ring.lines_dropped() == 3);
    CHECK(pop(ring, 16) == "12345\nabcdef\n12\n");
    CHECK(ring.push(line_of(16)));
    CHECK(pop(ring, 16) == line_of(16));
    CHECK(ring.lines_dropped() == 3);
}

TEST_CASE("only whole lines are taken, as many as fit") {
    access_log_ring ring(64);
    for (const char* const line : {"one\n", "three\n", "five\n"}) {
        REQUIRE(ring.push(line));
    }
    CHECK(pop(ring, 3).empty());
    CHECK(pop(ring, 9) == "one\n");
    CHECK(pop(ring, 6) == "three\n");
    CHECK(pop(ring, 5) == "five\n");
    CHECK(pop(ring, 5).empty());
}

TEST_CASE("the size is rounded up to a power of two") {
    access_log_ring ring(17);
    CHECK(ring.push(line_of(32)));
    CHECK_FALSE(ring.push("\n"));
}

TEST_CASE("a ring is half full when more than half of it is taken") {
    access_log_ring ring(16);
    CHECK_FALSE(ring.is_half_full());
    REQUIRE(ring.push(line_of(8)));
    CHECK_FALSE(ring.is_half_full());
    REQUIRE(ring.push("\n"));
    CHECK(ring.is_half_full());
    (void)pop(ring, 16);
    CHECK_FALSE(ring.is_half_full());
}

TEST_CASE("two threads pass every line that is not dropped, in order") {
    constexpr std::uint64_t lines = 100'000;
    access_log_ring ring(1024);
    std::atomic<bool> ended{false};
    std::thread producer([&ring, &ended] {
        for (std::uint64_t at = 0; at < lines; ++at) {
            (void)ring.push(std::to_string(at) + std::string(at % 50, '.') + '\n');
        }
        ended.store(true);
    });
    std::uint64_t received = 0;
    std::uint64_t next = 0;
    bool in_order = true;
    for (bool last = false; !last;) {
        last = ended.load();
        const std::string taken = pop(ring, 300);
        last = last && taken.empty();
        for (std::size_t begin = 0; begin < taken.size();) {
            const std::size_t end = taken.find('\n', begin);
            const std::uint64_t at = std::stoull(taken.substr(begin, end - begin));
            in_order = in_order && at >= next && end - begin == std::to_string(at).size() + at % 50;
            next = at + 1;
            ++received;
            begin = end + 1;
        }
    }
    producer.join();
    CHECK(in_order);
    CHECK(received + ring.lines_dropped() == lines);
    CHECK(received > 0);
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("server/access_log_batch");

TEST_CASE("a batch takes lines of several rings and gives them to be written in part") {
    access_log_ring first(64);
    access_log_ring second(64);
    REQUIRE(first.push("one\n"));
    REQUIRE(second.push("two\n"));
    const auto batch = std::make_unique<access_log_batch>();
    CHECK(batch->empty());
    batch->fill(first);
    batch->fill(second);
    CHECK(batch->unwritten() == "one\ntwo\n");
    batch->advance(6);
    CHECK(batch->unwritten() == "o\n");
    batch->advance(2);
    CHECK(batch->empty());
    CHECK(batch->unwritten().empty());
}

TEST_CASE("a batch is full when the longest line might not fit") {
    access_log_ring ring(access_batch_bytes);
    const auto batch = std::make_unique<access_log_batch>();
    REQUIRE(ring.push(line_of(access_batch_bytes - access_line_bytes_max)));
    batch->fill(ring);
    CHECK_FALSE(batch->is_full());
    REQUIRE(ring.push("\n"));
    batch->fill(ring);
    CHECK(batch->is_full());
}

TEST_CASE("what is dropped is counted in lines, the half-written one too") {
    access_log_ring ring(64);
    const auto batch = std::make_unique<access_log_batch>();
    REQUIRE(ring.push("one\n"));
    REQUIRE(ring.push("two\n"));
    REQUIRE(ring.push("three\n"));
    batch->fill(ring);
    batch->advance(5);
    CHECK(batch->drop() == 2);
    CHECK(batch->empty());
    CHECK(batch->drop() == 0);
}

TEST_CASE("a line that was left in half is ended before the next one is written") {
    access_log_ring ring(64);
    const auto batch = std::make_unique<access_log_batch>();
    REQUIRE(ring.push("one\n"));
    batch->fill(ring);
    batch->advance(1);
    CHECK(batch->drop() == 1);
    batch->fill(ring);
    CHECK(batch->empty());  // The line break alone is not worth a write.
    CHECK(batch->drop() == 0);
    REQUIRE(ring.push("two\n"));
    batch->fill(ring);
    CHECK(batch->unwritten() == "\ntwo\n");
    CHECK(batch->drop() == 1);  // It could not be written: the line is torn still.
    REQUIRE(ring.push("three\n"));
    batch->fill(ring);
    CHECK(batch->unwritten() == "\nthree\n");
    batch->advance(7);
    REQUIRE(ring.push("four\n"));
    batch->fill(ring);
    CHECK(batch->unwritten() == "four\n");
}

TEST_CASE("another target gets whole lines: the rest of a half-written one is dropped") {
    access_log_ring ring(64);
    const auto batch = std::make_unique<access_log_batch>();
    CHECK(batch->change_target() == 0);
    REQUIRE(ring.push("one\n"));
    REQUIRE(ring.push("two\n"));
    batch->fill(ring);
    CHECK(batch->change_target() == 0);
    CHECK(batch->unwritten() == "one\ntwo\n");
    batch->advance(2);
    CHECK(batch->change_target() == 1);
    CHECK(batch->unwritten() == "two\n");
    batch->advance(1);
    CHECK(batch->change_target() == 1);
    CHECK(batch->empty());
    // What the old target still lacked is nothing to the new one.
    REQUIRE(ring.push("three\n"));
    batch->fill(ring);
    batch->advance(1);
    CHECK(batch->drop() == 1);
    REQUIRE(ring.push("four\n"));
    batch->fill(ring);
    CHECK(batch->unwritten() == "\nfour\n");
    CHECK(batch->change_target() == 0);
    CHECK(batch->unwritten() == "four\n");
}

TEST_SUITE_END();
