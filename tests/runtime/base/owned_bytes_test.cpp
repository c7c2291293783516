#include "runtime/base/owned_bytes.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/base/shared_bytes.hpp"
#include "tests/support/counted_bytes.hpp"

using rouse::owned_bytes;
using rouse::shared_bytes;
using rouse::test::counted_bytes;

static_assert(!std::is_copy_constructible_v<owned_bytes>);
static_assert(std::is_nothrow_move_constructible_v<owned_bytes>);
static_assert(std::is_nothrow_move_assignable_v<owned_bytes>);

namespace {

std::string_view text_of(const owned_bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_SUITE("runtime/owned_bytes") {
    TEST_CASE("none is empty, and gives nothing back") {
        const owned_bytes none;
        CHECK(none.empty());
        CHECK(none.bytes().empty());
    }

    TEST_CASE("bytes are given back once, by the last holder") {
        counted_bytes source("text");
        {
            owned_bytes first = source.bytes();
            CHECK(text_of(first) == "text");
            owned_bytes second(std::move(first));
            CHECK(first.empty());  // NOLINT(bugprone-use-after-move): what is left is defined.
            CHECK(text_of(second) == "text");
            owned_bytes third;
            third = std::move(second);
            CHECK(source.releases == 0);
        }
        CHECK(source.releases == 1);
    }

    TEST_CASE("assigning gives back what was there; assigning to itself does nothing") {
        counted_bytes old("old");
        counted_bytes fresh("fresh");
        owned_bytes holder = old.bytes();
        holder = fresh.bytes();
        CHECK(old.releases == 1);
        owned_bytes& same = holder;
        holder = std::move(same);
        CHECK(fresh.releases == 0);
        CHECK(text_of(holder) == "fresh");
        holder = owned_bytes();
        CHECK(fresh.releases == 1);
    }

    TEST_CASE("a string is taken over, long or short, and an empty one too") {
        for (const std::size_t size : {0U, 3U, 5000U}) {
            const std::string text(size, 's');
            const owned_bytes bytes = owned_bytes::from_string(text);
            CHECK(text_of(bytes) == text);
            CHECK(bytes.empty() == (size == 0));
        }
    }

    TEST_CASE("static bytes are not copied") {
        static constexpr std::string_view text = "literal";
        const owned_bytes bytes = owned_bytes::from_static(text);
        CHECK(static_cast<const void*>(bytes.data()) == text.data());
    }

    TEST_CASE("shared bytes live as long as any share, and are not copied") {
        std::optional<shared_bytes> shared("one answer for many");
        owned_bytes first = shared->share();
        const owned_bytes second = shared->share();
        CHECK(first.data() == second.data());
        shared.reset();
        first = owned_bytes();
        CHECK(text_of(second) == "one answer for many");
    }
}
