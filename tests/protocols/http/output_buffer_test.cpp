#include "protocols/http/output_buffer.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/allocation_count.hpp"

namespace rouse::test {
namespace {

using http::output_buffer;
using http::output_pool;

std::string text_of(const owned_bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct fixture {
    output_pool::handle pool = output_pool::make();
    output_buffer out{*pool};
};

}  // namespace

TEST_SUITE("protocols/http/output_buffer") {
    TEST_CASE_FIXTURE(fixture, "what is gathered is taken in one piece") {
        out.append("one ");
        char* const room = out.reserve(10);
        out.commit(std::string_view("two").copy(room, 3) + room);
        out.append("");
        out.append({});
        CHECK(out.size() == 7);
        const owned_bytes taken = out.take();
        CHECK(text_of(taken) == "one two");
        CHECK(out.empty());
    }

    TEST_CASE_FIXTURE(fixture, "an empty buffer gives empty bytes") {
        CHECK(out.take().empty());
        (void)out.reserve(100);  // Nothing was committed.
        CHECK(out.empty());
        CHECK(out.take().empty());
        out.append("a");
        CHECK(text_of(out.take()) == "a");
    }

    TEST_CASE_FIXTURE(fixture, "it grows and keeps what it has") {
        std::string expected;
        for (std::size_t size = 0; size < 60; ++size) {
            const std::string more(size * size, static_cast<char>('a' + size % 26));
            out.append(more);
            expected += more;
        }
        CHECK(expected.size() > 4 * output_pool::block_bytes);
        CHECK(text_of(out.take()) == expected);
    }

    TEST_CASE_FIXTURE(fixture, "a text of exactly one block fits into it") {
        for (const std::size_t size : {output_pool::block_bytes - 1, output_pool::block_bytes,
                                       output_pool::block_bytes + 1}) {
            out.append(std::string(size, 'x'));
            CHECK(out.take().size() == size);
        }
    }

    TEST_CASE_FIXTURE(fixture, "a block that came back is used again") {
        out.append("a");
        const std::byte* const first = out.take().data();  // And given back.
        const allocation_count allocations;
        out.append("b");
        const owned_bytes taken = out.take();
        CHECK(taken.data() == first);
        if (allocation_count::is_available()) {
            CHECK(allocations.value() == 0);
        }
    }

    TEST_CASE_FIXTURE(fixture, "bytes under way and bytes that are gathered do not share a block") {
        out.append("first");
        const owned_bytes first = out.take();
        out.append("second");
        const owned_bytes second = out.take();
        CHECK(text_of(first) == "first");
        CHECK(text_of(second) == "second");
    }

    TEST_CASE_FIXTURE(fixture, "more free blocks than the bound go back to the heap") {
        std::vector<owned_bytes> taken;
        for (std::size_t i = 0; i < output_pool::blocks_kept_max + 10; ++i) {
            out.append("x");
            taken.push_back(out.take());
        }
        taken.clear();
        const allocation_count allocations;
        for (std::size_t i = 0; i < output_pool::blocks_kept_max + 10; ++i) {
            output_pool::block& block = pool->take(1);
            taken.emplace_back(std::span<const std::byte>(), &block,
                               [](void* kept, const std::byte*) noexcept {
                                   auto& back = *static_cast<output_pool::block*>(kept);
                                   back.pool->give_back(back);
                               });
        }
        if (allocation_count::is_available()) {
            CHECK(allocations.value() >= 10);
        }
    }

    TEST_CASE("blocks may come back after their pool's owner is gone") {
        std::vector<owned_bytes> in_flight;
        {
            output_pool::handle pool = output_pool::make();
            output_buffer out(*pool);
            for (const std::size_t size : {1U, 10U, 100'000U}) {
                out.append(std::string(size, 'y'));
                in_flight.push_back(out.take());
            }
            out.append("given back by the destructor");
        }
        CHECK(in_flight[2].size() == 100'000);
        in_flight.erase(in_flight.begin());
        CHECK(text_of(in_flight[0]) == std::string(10, 'y'));
        in_flight.clear();  // Frees the pool: the leak checker is the judge.
    }
}

}  // namespace rouse::test
