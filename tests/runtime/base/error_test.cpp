#include "runtime/base/error.hpp"

#include <cerrno>
#include <ostream>
#include <string>
#include <system_error>

#include <doctest/doctest.h>

#include "runtime/base/result.hpp"

using rouse::errc;

TEST_SUITE("runtime/error") {
    TEST_CASE("each errc has a text of its own, and an unknown value says its number") {
        std::string texts;
        for (const errc code :
             {errc::cancelled, errc::timed_out, errc::closed, errc::full, errc::limit_exceeded,
              errc::address_invalid, errc::backend_unavailable}) {
            const std::string text = make_error_code(code).message();
            CHECK(text.find("unknown") == std::string::npos);
            CHECK(texts.find("[" + text + "]") == std::string::npos);
            texts += "[" + text + "]";
        }
        CHECK(std::error_code(99, rouse::error_category()).message() == "unknown error 99");
    }

    TEST_CASE("cancelled and timed_out are also what the standard calls them; the others are not") {
        CHECK(make_error_code(errc::cancelled) == std::errc::operation_canceled);
        CHECK(make_error_code(errc::timed_out) == std::errc::timed_out);
        CHECK(make_error_code(errc::closed) != std::errc::broken_pipe);
        CHECK(make_error_code(errc::closed).default_error_condition().category() ==
              rouse::error_category());
    }

    TEST_CASE("an errno stays an errno") {
        CHECK(rouse::errno_code(ECONNRESET) == std::errc::connection_reset);
        CHECK(rouse::errno_code(EMFILE).category() == std::generic_category());
        CHECK(std::string(rouse::error_category().name()) == "rouse");
    }

    TEST_CASE("a failure becomes any result, and an errc a failure") {
        const rouse::result<int> none = rouse::failure(errc::full);
        REQUIRE_FALSE(none);
        CHECK(none.error() == errc::full);
        const rouse::result<> nothing = rouse::failure(rouse::errno_code(EPIPE));
        REQUIRE_FALSE(nothing);
        CHECK(nothing.error().value() == EPIPE);
    }
}
