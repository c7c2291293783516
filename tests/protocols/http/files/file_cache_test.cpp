#include "protocols/http/files/file_cache.hpp"

#include <memory>
#include <string>

#include <doctest/doctest.h>

using rouse::file_status;
using rouse::file_time;
using rouse::http::accepted_codings;
using rouse::http::cached_file;
using rouse::http::choose_coding;
using rouse::http::coding_state;
using rouse::http::content_coding;
using rouse::http::file_cache;
using rouse::http::file_content;

namespace {

std::shared_ptr<cached_file> file_of(const std::string& key, std::size_t bytes) {
    auto made = std::make_shared<cached_file>();
    made->key = key;
    made->content(content_coding::identity) = std::make_shared<file_content>();
    made->content(content_coding::identity)->bytes.emplace(std::string(bytes, 'a'));
    return made;
}

}  // namespace

TEST_SUITE("protocols/http/files/file_cache") {
    TEST_CASE("what is put in is found by its key") {
        file_cache cache(10'000);
        const auto added = file_of("a/b", 10);
        cache.insert(added);
        REQUIRE(cache.find("a/b") != nullptr);
        CHECK(*cache.find("a/b") == added);
        CHECK(cache.find("a") == nullptr);
        CHECK(cache.size() == 1);
        CHECK(cache.bytes() > 10);
    }

    TEST_CASE("what is erased or replaced leaves no bytes behind") {
        file_cache cache(100'000);
        cache.insert(file_of("a", 1'000));
        const std::size_t one = cache.bytes();
        const auto replaced = *cache.find("a");
        cache.insert(file_of("a", 1'000));
        CHECK(cache.bytes() == one);
        CHECK(*cache.find("a") != replaced);
        CHECK(replaced->counted_bytes == 0);
        cache.erase("a");
        cache.erase("a");
        CHECK(cache.bytes() == 0);
        CHECK(cache.size() == 0);
    }

    TEST_CASE("the file that was asked for longest ago goes first") {
        file_cache cache(100'000);
        cache.insert(file_of("a", 40'000));
        cache.insert(file_of("b", 40'000));
        CHECK(cache.find("a") != nullptr);
        cache.insert(file_of("c", 40'000));
        CHECK(cache.find("b") == nullptr);
        CHECK(cache.find("a") != nullptr);
        CHECK(cache.find("c") != nullptr);
        CHECK(cache.bytes() <= 100'000);
    }

    TEST_CASE("bytes that come later count, and one that is gone does not count any more") {
        file_cache cache(100'000);
        const auto first = file_of("a", 10);
        const auto second = file_of("b", 10);
        cache.insert(first);
        cache.insert(second);
        second->content(content_coding::identity)->bytes.emplace(std::string(99'000, 'a'));
        cache.count_again(*second);
        CHECK(cache.find("a") == nullptr);
        CHECK(cache.bytes() > 99'000);
        const std::size_t before = cache.bytes();
        first->content(content_coding::identity)->bytes.emplace(std::string(99'000, 'a'));
        cache.count_again(*first);
        CHECK(cache.bytes() == before);
    }

    TEST_CASE("one that is larger than the whole cache is not kept, and lives on with its holder") {
        file_cache cache(1'000);
        const auto large = file_of("a", 2'000);
        cache.insert(large);
        CHECK(cache.size() == 0);
        CHECK(cache.bytes() == 0);
        CHECK(large->content(content_coding::identity)->bytes->bytes().size() == 2'000);
    }

    TEST_CASE("a file that has just changed may change again unseen") {
        using rouse::http::is_settled;
        const auto changed_at = [](file_time modified, file_time changed) {
            return file_status{.modified = modified, .changed = changed};
        };
        constexpr std::uint32_t half = 500'000'000;
        constexpr file_time old{.seconds = 900, .nanoseconds = 1};
        constexpr file_time now{.seconds = 1'000, .nanoseconds = half};
        CHECK(is_settled(changed_at(old, old), now));
        CHECK(!is_settled(changed_at(now, old), now));
        CHECK(!is_settled(changed_at(old, now), now));
        CHECK(!is_settled(changed_at({.seconds = 1'001, .nanoseconds = 1}, old), now));
        CHECK(!is_settled(changed_at({.seconds = 1'000, .nanoseconds = half - 50'000'000}, old),
                          now));
        CHECK(
            is_settled(changed_at({.seconds = 1'000, .nanoseconds = half - 50'000'001}, old), now));
        CHECK(is_settled(changed_at({.seconds = 999, .nanoseconds = half + 1}, old), now));
        // A file system that keeps whole seconds, or every other one.
        CHECK(!is_settled(changed_at({.seconds = 998, .nanoseconds = 0}, old), now));
        CHECK(is_settled(changed_at({.seconds = 997, .nanoseconds = 0}, old), now));
    }

    TEST_CASE("files that are there are preferred to what would be made") {
        cached_file file;
        accepted_codings all;
        all.add_line("gzip, br, zstd");
        file.state(content_coding::br) = coding_state::possible;
        file.state(content_coding::zstd) = coding_state::absent;
        file.state(content_coding::gzip) = coding_state::sibling;
        CHECK(choose_coding(file, all) == content_coding::gzip);
        file.state(content_coding::gzip) = coding_state::absent;
        CHECK(choose_coding(file, all) == content_coding::br);
        file.state(content_coding::br) = coding_state::absent;
        CHECK(choose_coding(file, all) == content_coding::identity);
        file.state(content_coding::zstd) = coding_state::unknown;
        CHECK(choose_coding(file, all) == content_coding::zstd);
        CHECK(choose_coding(file, accepted_codings()) == content_coding::identity);
    }
}
