#include "protocols/http/input.hpp"

#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "tests/support/fake_stream.hpp"

namespace rouse::test {
namespace {

struct fixture {
    test_buffers buffers;
    http::input in;
};

}  // namespace

TEST_SUITE("protocols/http/input") {
    TEST_CASE_FIXTURE(fixture, "one buffer is looked at where it is") {
        buffer_lease lease = buffers.lease("abc");
        const char* const where = lease.text().data();
        in.add(std::move(lease));
        CHECK(in.view() == "abc");
        CHECK(in.view().data() == where);
        CHECK(in.kept().empty());
    }

    TEST_CASE_FIXTURE(fixture, "what is consumed keeps its memory until more is added") {
        in.add(buffers.lease("abcdef"));
        const std::string_view view = in.view();
        in.consume(3);
        CHECK(view == "abcdef");
        CHECK(in.view() == "def");
        in.consume(3);
        CHECK(in.empty());
        CHECK(view == "abcdef");
        in.add(buffers.lease("gh"));
        CHECK(in.view() == "gh");
        CHECK(buffers.leased() == 1);
    }

    TEST_CASE_FIXTURE(fixture, "keeping gives the buffer back") {
        in.add(buffers.lease("abcdef"));
        in.consume(2);
        in.keep();
        CHECK(buffers.leased() == 0);
        CHECK(in.kept() == "cdef");
        CHECK(in.view() == "cdef");
        in.consume(1);
        in.keep();
        CHECK(in.view() == "def");
    }

    TEST_CASE_FIXTURE(fixture, "buffers that follow each other are one text") {
        in.add(buffers.lease("ab"));
        in.add(buffers.lease("cd"));
        CHECK(in.view() == "abcd");
        in.consume(3);
        in.add(buffers.lease("ef"));
        CHECK(in.view() == "def");
        CHECK(buffers.leased() == 0);
    }

    TEST_CASE_FIXTURE(fixture, "a buffer may be taken out") {
        in.add(buffers.lease("abc"));
        in.consume(1);
        CHECK(in.take_lease().text() == "bc");
        CHECK(in.empty());
        CHECK(in.take_lease().empty());
        CHECK(buffers.leased() == 0);
    }

    TEST_CASE_FIXTURE(fixture, "what is put aside comes after all others, and moves no view") {
        in.add(buffers.lease("head"));
        in.keep();
        const std::string_view view = in.view();
        in.consume(4);
        in.set_aside("next ");
        in.set_aside("and after");
        CHECK(view == "head");
        CHECK(in.empty());
        in.end_of_views();
        CHECK(in.view() == "next and after");
        in.end_of_views();
        CHECK(in.view() == "next and after");
    }

    TEST_CASE_FIXTURE(fixture, "what is put aside follows what is kept") {
        in.add(buffers.lease("head rest "));
        in.keep();
        in.consume(5);
        in.set_aside("aside");
        in.end_of_views();
        CHECK(in.view() == "rest aside");
    }

    TEST_CASE_FIXTURE(fixture, "clearing forgets everything") {
        in.add(buffers.lease("ab"));
        in.keep();
        in.set_aside("cd");
        in.add(buffers.lease("ef"));
        in.clear();
        CHECK(in.empty());
        CHECK(buffers.leased() == 0);
        in.end_of_views();
        CHECK(in.view().empty());
    }
}

}  // namespace rouse::test
