#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "protocols/http/middleware/security_headers.hpp"
#include "tests/protocols/http/files/site_drive.hpp"
#include "tests/support/allocation_count.hpp"

using rouse::test::allocation_count;
using rouse::test::looking_once;
using rouse::test::request_text;
using rouse::test::site_drive;

namespace {

namespace http = rouse::http;

struct question {
    std::string_view method = "GET";
    std::string_view path = "/a.png";
    std::vector<std::string> lines{};
};

struct counted_answer {
    http::response made;
    std::size_t allocations = 0;
};

// What is answered at once, and what that costs.
counted_answer count(const http::handler& called, const question& put) {
    request_text text(put.method, put.path, put.lines);
    http::request asked = text.asked();
    const allocation_count allocations;
    std::optional<http::response> made = http::call_at_once(called, asked);
    const std::size_t counted = allocations.value();
    REQUIRE(made);
    return {.made = std::move(*made), .allocations = counted};
}

}  // namespace

TEST_SUITE("protocols/http/files/site_security") {
    TEST_CASE("security headers add no allocation to an answer, and take no lines of it apart") {
        site_drive site(looking_once());
        site.files.write("a.png", "0123456789");
        const std::string tag = site.ask("/a.png")["ETag"];
        const auto wrap = http::make_security_headers();
        REQUIRE(wrap);
        const http::handler wrapped = (*wrap)(site.handler());
        for (const question& each : std::vector<question>{
                 {},
                 {.method = "HEAD"},
                 {.lines = {"If-None-Match: " + tag}},
                 {.lines = {"If-Match: \"other\""}},
                 {.lines = {"Range: bytes=1-2"}},
                 {.lines = {"Range: bytes=1-2", "If-Range: " + tag}},
                 {.lines = {"Range: bytes=10-"}},
                 {.method = "OPTIONS"},
                 {.method = "POST"},
                 {.path = "/.hidden"},
             }) {
            const auto [bare, bare_count] = count(site.handler(), each);
            const auto [made, made_count] = count(wrapped, each);
            CAPTURE(made.status);
            CHECK(made_count == bare_count);
            CHECK(made.shared == bare.shared);
            CHECK(made.headers.size() == bare.headers.size());
            REQUIRE(made.common != nullptr);
            CHECK(made.common->has("x-content-type-options"));
        }
    }
}
