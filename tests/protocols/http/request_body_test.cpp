#include "protocols/http/request_body.hpp"

#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <doctest/doctest.h>

#include "tests/support/fake_stream.hpp"
#include "tests/support/poll_once.hpp"

namespace rouse::test {
namespace {

using http::body_framing;
using http::request_head;

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

/// Pieces of a body that the test has ready; pending when it has none.
class fake_transport final : public http::body_transport {
   public:
    explicit fake_transport(test_buffers& buffers) noexcept : buffers_(buffers) {}

    rouse::poll<result<buffer_lease>> poll_body_bytes(context& /*cx*/) override {
        if (!pieces.empty()) {
            const std::string piece = std::move(pieces.front());
            pieces.pop_front();
            return result<buffer_lease>(buffers_.lease(piece));
        }
        if (error) {
            return result<buffer_lease>(failure(error));
        }
        if (ended) {
            return result<buffer_lease>();
        }
        return pending;
    }
    void send_continue() override { ++continues; }

    std::deque<std::string> pieces;
    std::error_code error;
    bool ended = false;
    int continues = 0;

   private:
    test_buffers& buffers_;
};

struct outcome {
    std::string text;
    std::error_code error;
    bool ended = false;
    std::size_t pieces = 0;
};

struct fixture {
    test_buffers buffers;
    http::input in;
    fake_transport transport{buffers};
    http::request_body body{in};

    void begin(body_framing framing, std::uint64_t length = 0, bool expects = false,
               std::uint64_t bytes_max = no_limit) {
        request_head head;
        head.framing = framing;
        head.content_length = length;
        head.expect_continue = expects;
        body.begin(head, transport, bytes_max);
    }
    [[nodiscard]] outcome read() {
        outcome seen;
        while (true) {
            auto future = http::next(body);
            auto piece = poll_once(future);
            if (piece.is_pending()) {
                return seen;
            }
            if (!piece.value()) {
                seen.error = piece.value().error();
                return seen;
            }
            if (piece.value()->empty()) {
                seen.ended = true;
                return seen;
            }
            ++seen.pieces;
            seen.text.append(reinterpret_cast<const char*>(piece.value()->data()),
                             piece.value()->size());
        }
    }
    /// What comes after the body.
    [[nodiscard]] std::string rest() {
        in.end_of_views();
        return std::string(in.view());
    }
};

}  // namespace

TEST_SUITE("protocols/http/request_body") {
    TEST_CASE_FIXTURE(fixture, "no body is complete from the start") {
        begin(body_framing::none);
        CHECK(body.is_complete());
        CHECK(body.length() == 0);
        CHECK(read().ended);
    }

    TEST_CASE_FIXTURE(fixture,
                      "a counted body comes from what is kept, the buffer and the transport") {
        begin(body_framing::length, 9);
        CHECK(body.length() == 9);
        in.add(buffers.lease("abc"));
        in.keep();
        transport.pieces = {"def", "ghiGET"};
        const outcome seen = read();
        CHECK(seen.text == "abcdefghi");
        CHECK(seen.ended);
        CHECK(body.is_complete());
        CHECK(rest() == "GET");
        CHECK(buffers.leased() == 0);
    }

    TEST_CASE_FIXTURE(fixture, "a piece of a buffer is the buffer itself") {
        begin(body_framing::length, 3);
        buffer_lease lease = buffers.lease("abcdef");
        const auto* const where = lease.bytes().data();
        in.add(std::move(lease));
        auto future = http::next(body);
        const auto piece = poll_once(future);
        CHECK(piece.value()->data() == where);
        CHECK(piece.value()->size() == 3);
        CHECK(rest() == "def");
    }

    TEST_CASE_FIXTURE(fixture, "a body that ends with its bytes leaves none") {
        begin(body_framing::length, 3);
        in.add(buffers.lease("abc"));
        in.keep();
        CHECK(read().ended);
        CHECK(rest().empty());
    }

    TEST_CASE_FIXTURE(fixture, "a chunked body is the same however it is cut") {
        const std::string chunks = "3\r\nabc\r\n1;x=y\r\nd\r\nA\r\n0123456789\r\n0\r\nT: v\r\n\r\n";
        const std::string all = chunks + "GET";
        for (std::size_t kept = 0; kept <= all.size(); ++kept) {
            for (std::size_t step = 1; step <= all.size(); step += 3) {
                begin(body_framing::chunked);
                in.clear();
                if (kept > 0) {
                    in.add(buffers.lease(all.substr(0, kept)));
                    in.keep();
                }
                transport.pieces.clear();
                for (std::size_t at = kept; at < all.size(); at += step) {
                    transport.pieces.push_back(all.substr(at, step));
                }
                const outcome seen = read();
                CHECK(seen.text == "abcd0123456789");
                CHECK(seen.ended);
                std::string left = rest();
                for (const std::string& piece : transport.pieces) {
                    left += piece;
                }
                CHECK(left == "GET");
            }
        }
        CHECK(buffers.leased() == 0);
    }

    TEST_CASE_FIXTURE(fixture, "the chunks that are there come as one piece") {
        for (const bool is_kept : {false, true}) {
            begin(body_framing::chunked);
            in.clear();
            in.add(buffers.lease("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n"));
            if (is_kept) {
                in.keep();
            }
            const outcome seen = read();
            CHECK(seen.text == "abc");
            CHECK(seen.pieces == 1);
        }
    }

    TEST_CASE_FIXTURE(fixture, "a chunked body has a limit") {
        begin(body_framing::chunked, 0, false, 5);
        transport.pieces = {"5\r\nabcde\r\n0\r\n\r\n"};
        CHECK(read().text == "abcde");
        begin(body_framing::chunked, 0, false, 5);
        transport.pieces = {"3\r\nabc\r\n", "3\r\ndef\r\n0\r\n\r\n"};
        const outcome seen = read();
        CHECK(seen.text == "abc");
        CHECK(seen.error == errc::limit_exceeded);
        CHECK(body.error() == errc::limit_exceeded);
        CHECK_FALSE(body.is_complete());
    }

    TEST_CASE_FIXTURE(fixture, "a chunk that is wrong is a protocol error, which stays") {
        for (const bool is_kept : {false, true}) {
            begin(body_framing::chunked);
            in.clear();
            in.add(buffers.lease("1\r\na\r\nx"));
            if (is_kept) {
                in.keep();
            }
            CHECK(read().error == std::errc::protocol_error);
            CHECK(read().error == std::errc::protocol_error);
            CHECK(body.error() == std::errc::protocol_error);
        }
        CHECK(buffers.leased() == 0);
    }

    TEST_CASE_FIXTURE(fixture, "the end of the stream within a body is errc::closed") {
        for (const auto framing : {body_framing::length, body_framing::chunked}) {
            begin(framing, 3);
            transport.ended = true;
            CHECK(read().error == errc::closed);
        }
    }

    TEST_CASE_FIXTURE(fixture, "what the transport fails with is what the body fails with") {
        begin(body_framing::length, 3);
        transport.error = make_error_code(errc::timed_out);
        CHECK(read().error == errc::timed_out);
        begin(body_framing::length, 3);
        CHECK_FALSE(body.error());
    }

    TEST_CASE_FIXTURE(fixture,
                      "100 Continue is asked for once, at the first read that has nothing") {
        begin(body_framing::length, 3, true);
        CHECK(body.is_unasked());
        CHECK(transport.continues == 0);
        CHECK_FALSE(read().ended);
        CHECK(transport.continues == 1);
        CHECK_FALSE(body.is_unasked());
        transport.pieces = {"abc"};
        CHECK(read().text == "abc");
        CHECK(transport.continues == 1);
    }

    TEST_CASE_FIXTURE(fixture, "100 Continue is not sent when the body is there already") {
        for (const bool is_kept : {false, true}) {
            begin(body_framing::length, 3, true);
            in.clear();
            in.add(buffers.lease("abc"));
            if (is_kept) {
                in.keep();
            }
            CHECK(read().text == "abc");
            CHECK(transport.continues == 0);
            CHECK_FALSE(body.is_unasked());
        }
    }
}

}  // namespace rouse::test
