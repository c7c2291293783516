#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "protocols/http/files/file_site.hpp"
#include "protocols/http/router.hpp"
#include "protocols/http/serve.hpp"
#include "protocols/http/service.hpp"
#include "runtime/executor/executor.hpp"
#include "runtime/fs/file_block.hpp"
#include "runtime/net/tcp_stream.hpp"
#include "runtime/task/task.hpp"
#include "tests/protocols/http/files/site_drive.hpp"
#include "tests/support/reactor_drive.hpp"
#include "tests/support/sockets.hpp"

using rouse::file_blocks;
using rouse::owned_bytes;
using rouse::task;
using rouse::tcp_stream;
using rouse::http::file_site;
using rouse::http::file_site_options;
using rouse::test::varied_bytes;

namespace {

constexpr std::uint64_t large_bytes = std::uint64_t{64} << 20U;

// The byte at each place of a large file.
char byte_at(std::uint64_t offset) noexcept {
    return static_cast<char>((offset * 0x9e3779b97f4a7c15U) >> 56U);
}

void write_large(const std::string& path) {
    std::ofstream out(path, std::ios::binary);
    std::string piece(std::size_t{1} << 20U, '\0');
    for (std::uint64_t at = 0; at < large_bytes; at += piece.size()) {
        for (std::size_t index = 0; index < piece.size(); ++index) {
            piece[index] = byte_at(at + index);
        }
        out << piece;
    }
    REQUIRE(out.flush());
}

// A stream that cannot send files itself, as one that encrypts.
class reading_stream {
   public:
    explicit reading_stream(tcp_stream carrying) noexcept : stream_(std::move(carrying)) {}
    [[nodiscard]] auto recv() noexcept { return stream_.recv(); }
    [[nodiscard]] auto send(owned_bytes bytes) { return stream_.send(std::move(bytes)); }
    [[nodiscard]] auto send(std::vector<owned_bytes> parts) {
        return stream_.send(std::move(parts));
    }
    [[nodiscard]] auto shutdown_write() { return stream_.shutdown_write(); }
    [[nodiscard]] auto peer_address() const noexcept { return stream_.peer_address(); }

   private:
    tcp_stream stream_;
};
static_assert(rouse::byte_stream<reading_stream> &&
              !rouse::http::file_sending_stream<reading_stream>);

// How the bytes of a file get to the client.
enum class way : std::uint8_t { sent, read };

// A site behind a real connection, with the client on the same executor.
class served_site {
   public:
    explicit served_site(way chosen) : chosen_(chosen) {
        file_site_options options;
        options.root = files.path();
        options.send_files = chosen_ == way::sent;
        auto made = file_site::make(*io, std::move(options));
        REQUIRE(made);
        site = *std::move(made);
        routes.get("/{path...}", site->make_handler());
        shared = std::make_unique<rouse::http::service>(routes, rouse::http::service_limits{});
    }

    [[nodiscard]] tcp_stream connect() {
        auto [near, far] = rouse::test::tcp_pair();
        auto serving = tcp_stream::adopt(*io, std::move(near));
        auto client = tcp_stream::adopt(*io, std::move(far));
        REQUIRE(serving);
        REQUIRE(client);
        if (chosen_ == way::read) {
            runs.spawn(rouse::http::serve(*shared, reading_stream(*std::move(serving)))).detach();
        } else {
            runs.spawn(rouse::http::serve(*shared, *std::move(serving))).detach();
        }
        return *std::move(client);
    }

    rouse::test::file_tree files;
    std::unique_ptr<rouse::reactor> io = rouse::test::tested_reactor();
    rouse::http::router routes;
    std::unique_ptr<file_site> site;
    std::unique_ptr<rouse::http::service> shared;
    rouse::executor runs{*io};

   private:
    way chosen_;
};

// What a client has seen of a response.
struct received_response {
    std::string head;
    std::uint64_t body_bytes = 0;
    bool is_exact = true;            // Each byte is that of its place.
    std::size_t most_streaming = 0;  // Bytes of blocks in use.
};

// Takes a response of a large file, until `bytes` of its body are there or the connection ends.
task<> receive_large(tcp_stream& client, const file_site& site, received_response& into,
                     std::uint64_t first, std::uint64_t bytes) {
    while (into.body_bytes < bytes) {
        const auto got = co_await client.recv();
        if (!got || got->empty()) {
            co_return;
        }
        std::string_view text = got->text();
        if (const auto end = into.head.find("\r\n\r\n"); end == std::string::npos) {
            const std::size_t before = into.head.size();
            into.head += text;
            const auto found = into.head.find("\r\n\r\n");
            if (found == std::string::npos) {
                continue;
            }
            into.head.resize(found + 4);
            text.remove_prefix(into.head.size() - before);
        }
        for (const char byte : text) {
            into.is_exact = into.is_exact && byte == byte_at(first + into.body_bytes++);
        }
        into.most_streaming = std::max(into.most_streaming, site.streaming_bytes());
    }
}

task<> ask(tcp_stream& client, std::string_view lines = {}) {
    std::string text = "GET /large.bin HTTP/1.1\r\nHost: a\r\n";
    text.append(lines).append("\r\n");
    CHECK(co_await client.send(owned_bytes::from_string(std::move(text))));
}

// Each in its turn: the test runs once for each.
way any_way() {
    way chosen = way::sent;
    SUBCASE("sent from the file") {
        chosen = way::sent;
    }
    SUBCASE("read from the file") {
        chosen = way::read;
    }
    return chosen;
}

}  // namespace

TEST_SUITE("protocols/http/files/site_stream") {
    TEST_CASE("a file of 64 MiB comes exact, in bounded memory, and by range") {
        const way chosen = any_way();
        served_site served(chosen);
        write_large(served.files.path("large.bin"));
        tcp_stream client = served.connect();
        REQUIRE(served.runs.run_until(ask(client)));
        received_response whole;
        REQUIRE(served.runs.run_until(receive_large(client, *served.site, whole, 0, large_bytes)));
        CHECK(whole.head.starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK(whole.head.contains("Content-Length: 67108864\r\n"));
        CHECK(whole.body_bytes == large_bytes);
        CHECK(whole.is_exact);
        CHECK(whole.most_streaming <= 3 * file_blocks::large_bytes);
        CHECK((whole.most_streaming > 0) == (chosen == way::read));

        constexpr std::uint64_t first = 33'554'431;
        REQUIRE(
            served.runs.run_until(ask(client, "Range: bytes=" + std::to_string(first) + "-\r\n")));
        received_response rest;
        REQUIRE(served.runs.run_until(
            receive_large(client, *served.site, rest, first, large_bytes - first)));
        CHECK(rest.head.starts_with("HTTP/1.1 206 Partial Content\r\n"));
        CHECK(rest.head.contains("Content-Range: bytes 33554431-67108863/67108864\r\n"));
        CHECK(rest.body_bytes == large_bytes - first);
        CHECK(rest.is_exact);
    }

    TEST_CASE("a file that shrinks while it is sent ends the connection") {
        served_site served(any_way());
        write_large(served.files.path("large.bin"));
        tcp_stream client = served.connect();
        REQUIRE(served.runs.run_until(ask(client)));
        received_response got;
        REQUIRE(served.runs.run_until(receive_large(client, *served.site, got, 0, 1'000'000)));
        constexpr std::uint64_t shrunk = large_bytes - (std::uint64_t{8} << 20U);
        std::filesystem::resize_file(served.files.path("large.bin"), shrunk);
        REQUIRE(served.runs.run_until(receive_large(client, *served.site, got, 0, large_bytes)));
        CHECK(got.body_bytes == shrunk);
        CHECK(got.is_exact);
        CHECK(got.head.contains("Content-Length: 67108864\r\n"));
    }

    TEST_CASE("of a file that grows while it is sent the announced bytes are sent, and no more") {
        served_site served(any_way());
        write_large(served.files.path("large.bin"));
        tcp_stream client = served.connect();
        REQUIRE(served.runs.run_until(ask(client)));
        received_response got;
        REQUIRE(served.runs.run_until(receive_large(client, *served.site, got, 0, 1'000'000)));
        std::ofstream(served.files.path("large.bin"), std::ios::app) << varied_bytes(1'000'000);
        REQUIRE(served.runs.run_until(receive_large(client, *served.site, got, 0, large_bytes)));
        CHECK(got.body_bytes == large_bytes);
        CHECK(got.is_exact);
        // What comes next is the next response.
        REQUIRE(served.runs.run_until(ask(client, "Range: bytes=0-9\r\n")));
        received_response next;
        REQUIRE(served.runs.run_until(receive_large(client, *served.site, next, 0, 10)));
        CHECK(next.head.starts_with("HTTP/1.1 206 Partial Content\r\n"));
        CHECK(next.body_bytes == 10);
        CHECK(next.is_exact);
    }

    TEST_CASE("a client that goes away in the middle leaves no block and no descriptor behind") {
        const way chosen = any_way();
        served_site served(chosen);
        write_large(served.files.path("large.bin"));
        const std::size_t descriptors = served.io->descriptor_count();
        const std::size_t operations = served.io->operation_count();
        {
            tcp_stream client = served.connect();
            REQUIRE(served.runs.run_until(ask(client)));
            received_response got;
            REQUIRE(served.runs.run_until(receive_large(client, *served.site, got, 0, 1'000'000)));
            CHECK((served.site->streaming_bytes() > 0) == (chosen == way::read));
        }
        REQUIRE(served.runs.run());  // Until the connection has ended.
        rouse::test::turn_until_left(*served.io, operations, descriptors);
        CHECK(served.site->streaming_bytes() == 0);
    }
}
