#include "runtime/base/unique_fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <type_traits>
#include <utility>

#include <doctest/doctest.h>

using rouse::unique_fd;

static_assert(!std::is_copy_constructible_v<unique_fd>);
static_assert(std::is_nothrow_move_constructible_v<unique_fd>);

namespace {

/// The writing end of a pipe is observed through the reading end: closed, or not.
struct observed {
    observed() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
        reading = unique_fd(ends[0]);
        writing = unique_fd(ends[1]);
    }
    [[nodiscard]] bool is_closed() const {
        char byte = 0;
        return ::read(reading.get(), &byte, 1) == 0;
    }
    unique_fd reading;
    unique_fd writing;
};

}  // namespace

TEST_SUITE("runtime/unique_fd") {
    TEST_CASE("none is -1 and false") {
        const unique_fd none;
        CHECK(none.get() == -1);
        CHECK_FALSE(none);
    }

    TEST_CASE("it closes at its end, and after a move only once") {
        observed pipe;
        {
            unique_fd first = std::move(pipe.writing);
            CHECK_FALSE(pipe.writing);
            CHECK(first);
            unique_fd second(std::move(first));
            CHECK(first.get() == -1);  // NOLINT(bugprone-use-after-move): what is left is defined.
            CHECK_FALSE(pipe.is_closed());
        }
        CHECK(pipe.is_closed());
    }

    TEST_CASE("assigning closes what was there; assigning to itself does not") {
        observed first;
        observed second;
        first.writing = std::move(second.writing);
        CHECK(first.is_closed());
        CHECK_FALSE(second.is_closed());
        unique_fd& same = first.writing;
        first.writing = std::move(same);
        CHECK_FALSE(second.is_closed());
        first.writing.reset();
        CHECK(second.is_closed());
    }

    TEST_CASE("release gives the descriptor up without closing it") {
        observed pipe;
        const int fd = pipe.writing.release();
        CHECK_FALSE(pipe.writing);
        CHECK_FALSE(pipe.is_closed());
        pipe.writing.reset(fd);
        CHECK(pipe.writing.get() == fd);
        pipe.writing.reset();
        CHECK(pipe.is_closed());
    }
}
