#include "protocols/http/files/file_body.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "protocols/http/announced_body.hpp"
#include "protocols/http/files/ranges_body.hpp"
#include "runtime/time/timer_wheel.hpp"
#include "tests/protocols/http/files/site_drive.hpp"
#include "tests/support/poll_once.hpp"

using rouse::file;
using rouse::file_blocks;
using rouse::shared_bytes;
using rouse::http::announced_body;
using rouse::http::byte_range;
using rouse::http::file_body;
using rouse::http::multipart_ranges;
using rouse::http::ranges_body;
using rouse::http::shared_range_body;
using rouse::test::drive;
using rouse::test::file_tree;
using rouse::test::hand_task;
using rouse::test::site_reply;
using rouse::test::tested_reactor;
using rouse::test::varied_bytes;

namespace {

struct opened_file {
    explicit opened_file(std::string_view text) {
        tree.write("a", text);
        auto found = drive(*io, tree.open(*io).open_beneath("a"));
        REQUIRE(found);
        opened = std::make_shared<const file>(*std::move(found));
    }
    [[nodiscard]] file_body body(byte_range part) { return {opened, part, *blocks}; }

    file_tree tree;
    std::unique_ptr<rouse::reactor> io = tested_reactor();
    file_blocks::handle blocks = file_blocks::make();
    std::shared_ptr<const file> opened;
};

// The size of the next piece, which is given back at once.
std::size_t next_size(opened_file& from, file_body& body, rouse::timer_wheel& timers) {
    hand_task task(&timers);
    auto following = rouse::http::next(body);
    while (true) {
        const int wakes = task.wakes();
        auto answer = task.poll(following);
        if (answer.is_ready()) {
            const auto piece = std::move(answer).value();
            REQUIRE(piece);
            return piece->size();
        }
        rouse::test::turn_until(*from.io, [&] { return task.wakes() > wakes; });
    }
}

}  // namespace

TEST_SUITE("protocols/http/files/file_body") {
    TEST_CASE("a part of a file comes whole, and nothing else") {
        const std::string text = varied_bytes(200'000);
        opened_file from(text);
        for (const byte_range part :
             {byte_range{.first = 0, .bytes = 200'000}, byte_range{.first = 1, .bytes = 1},
              byte_range{.first = 65'535, .bytes = 65'537},
              byte_range{.first = 199'999, .bytes = 1}}) {
            file_body body = from.body(part);
            CHECK(body.length() == part.bytes);
            site_reply got;
            rouse::test::read_body(*from.io, body, got);
            CHECK(!got.cut);
            CHECK(got.body == text.substr(part.first, part.bytes));
        }
        CHECK(from.blocks->bytes_outside() == 0);
    }

    TEST_CASE("a file that ends too early is an error after what was there") {
        opened_file from(varied_bytes(100'000));
        file_body body = from.body({.first = 0, .bytes = 100'001});
        site_reply got;
        rouse::test::read_body(*from.io, body, got);
        CHECK(got.body == varied_bytes(100'000));
        CHECK(got.cut == std::error_code(ENODATA, std::generic_category()));
    }

    TEST_CASE("a file that shrinks while it is sent is an error, and nothing stands in") {
        opened_file from(varied_bytes(200'000));
        file_body body = from.body({.first = 0, .bytes = 200'000});
        CHECK(drive(*from.io, rouse::http::next(body))->size() == file_blocks::small_bytes);
        std::filesystem::resize_file(from.tree.path("a"), 70'000);
        site_reply got;
        rouse::test::read_body(*from.io, body, got);
        CHECK(got.body.size() == 70'000 - file_blocks::small_bytes);
        CHECK(got.cut == std::error_code(ENODATA, std::generic_category()));
    }

    TEST_CASE("of a file that grows while it is sent only what was announced is read") {
        opened_file from(varied_bytes(100'000));
        file_body body = from.body({.first = 0, .bytes = 100'000});
        CHECK(drive(*from.io, rouse::http::next(body))->size() == file_blocks::small_bytes);
        std::ofstream(from.tree.path("a"), std::ios::app) << varied_bytes(50'000);
        site_reply got;
        rouse::test::read_body(*from.io, body, got);
        CHECK(!got.cut);
        CHECK(got.body == varied_bytes(100'000).substr(file_blocks::small_bytes));
    }

    TEST_CASE("blocks are large for a peer that takes them at once, and small for a slow one") {
        opened_file from(varied_bytes(2'000'000));
        file_body body = from.body({.first = 0, .bytes = 2'000'000});
        rouse::timer_wheel timers{rouse::time_point(std::chrono::hours(1))};
        CHECK(next_size(from, body, timers) == file_blocks::small_bytes);
        timers.advance(timers.now() + file_body::block_time_max);
        CHECK(next_size(from, body, timers) == file_blocks::large_bytes);
        timers.advance(timers.now() + file_body::block_time_max + rouse::milliseconds(1));
        CHECK(next_size(from, body, timers) == file_blocks::small_bytes);
        CHECK(next_size(from, body, timers) == file_blocks::large_bytes);
    }

    TEST_CASE("a body that is dropped while it reads leaves nothing behind") {
        opened_file from(varied_bytes(100'000));
        {
            file_body body = from.body({.first = 0, .bytes = 100'000});
            auto following = rouse::http::next(body);
            CHECK(rouse::test::poll_once(following).is_pending());
            CHECK(from.blocks->bytes_outside() == file_blocks::small_bytes);
        }
        from.opened.reset();
        rouse::test::turn_until_left(*from.io, 0, 0);
        CHECK(from.blocks->bytes_outside() == 0);
    }

    TEST_CASE("a part of shared bytes is not copied") {
        const auto io = tested_reactor();
        const shared_bytes whole(varied_bytes(150'000));
        shared_range_body body(whole, {.first = 10, .bytes = 140'000});
        CHECK(body.length() == 140'000);
        CHECK(drive(*io, rouse::http::next(body))->data() == whole.bytes().data() + 10);
        site_reply got;
        rouse::test::read_body(*io, body, got);
        CHECK(got.body == whole.text().substr(10 + 65'536, 140'000 - 65'536));
    }

    TEST_CASE("an announced body has a length and nothing to read") {
        const auto io = tested_reactor();
        announced_body body(7);
        CHECK(body.length() == 7);
        site_reply got;
        rouse::test::read_body(*io, body, got);
        CHECK(got.cut == std::error_code(ENODATA, std::generic_category()));
    }

    TEST_CASE("ranges of a file that shrinks end in an error") {
        opened_file from(varied_bytes(1'000));
        const byte_range wanted[] = {{.first = 0, .bytes = 10}, {.first = 900, .bytes = 100}};
        ranges_body body(multipart_ranges(wanted, 1'000, "text/plain", "abc"),
                         [&](byte_range part) {
                             return std::make_unique<file_body>(from.opened, part, *from.blocks);
                         });
        std::filesystem::resize_file(from.tree.path("a"), 500);
        site_reply got;
        rouse::test::read_body(*from.io, body, got);
        CHECK(got.cut == std::error_code(ENODATA, std::generic_category()));
        CHECK(got.body.contains(varied_bytes(10)));
    }

    TEST_CASE("a boundary is fit to be one, and never the same") {
        const std::string made = rouse::http::random_boundary();
        CHECK(rouse::http::is_boundary(made));
        CHECK(made.size() == 32);
        CHECK(rouse::http::random_boundary() != made);
    }
}
