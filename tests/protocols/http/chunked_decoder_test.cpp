#include "protocols/http/chunked_decoder.hpp"

#include <cstddef>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "protocols/http/chunked_encoder.hpp"
#include "tests/support/guard_page.hpp"

using namespace rouse::http;
using rouse::test::guard_page;

namespace {

struct decoded {
    chunk_status status = chunk_status::need_more;
    parse_error reason = parse_error::none;
    std::size_t consumed = 0;
    std::string body;

    bool operator==(const decoded&) const = default;
};

// Feeds one piece to the end of what the decoder wants of it.
void feed(chunked_decoder& decoder, std::string_view piece, decoded& all) {
    for (;;) {
        const chunk_result result = decoder.decode(piece);
        all.status = result.status;
        all.consumed += result.consumed;
        all.body += result.data;
        piece.remove_prefix(result.consumed);
        if (result.status != chunk_status::data) {
            CHECK(result.data.empty());
            break;
        }
        CHECK_FALSE(result.data.empty());
    }
    all.reason = decoder.failure().reason;
}

decoded decode_in_pieces(std::string_view bytes, std::size_t first, std::size_t step) {
    chunked_decoder decoder;
    decoded all;
    guard_page page(bytes.size());
    for (std::size_t at = 0, size = first; at < bytes.size(); at += size, size = step) {
        feed(decoder, page.place(bytes.substr(at, size)), all);
        if (all.status != chunk_status::need_more) {
            break;
        }
    }
    return all;
}

// The answer to the whole; every way to cut it has the same.
decoded decode(std::string_view bytes) {
    const decoded whole = decode_in_pieces(bytes, bytes.size(), bytes.size());
    CHECK(decode_in_pieces(bytes, 1, 1) == whole);
    for (std::size_t cut = 1; cut < bytes.size() && bytes.size() < 1'000; ++cut) {
        CHECK(decode_in_pieces(bytes, cut, bytes.size()) == whole);
    }
    return whole;
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/chunked_decoder");

TEST_CASE("chunks become the body, and what follows the end is left alone") {
    const std::string_view body =
        "4\r\nWiki\r\n6\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\n\r\n";
    const decoded all = decode(std::string(body) + "GET /");
    CHECK(all.status == chunk_status::done);
    CHECK(all.body == "Wikipedia in \r\n\r\nchunks.");
    CHECK(all.consumed == body.size());
}

TEST_CASE("an empty body is one last chunk") {
    const decoded all = decode("0\r\n\r\n");
    CHECK(all.status == chunk_status::done);
    CHECK(all.body.empty());
    CHECK(all.consumed == 5);
    CHECK(decode("000\r\n\r\n").status == chunk_status::done);
}

TEST_CASE("a piece of data is a view into the input") {
    chunked_decoder decoder;
    const std::string in = "a\r\n0123456789\r\n";
    const chunk_result result = decoder.decode(in);
    CHECK(result.status == chunk_status::data);
    CHECK(result.data.data() == in.data() + 3);
    CHECK(result.data.size() == 10);
    CHECK(result.consumed == 13);
}

TEST_CASE("a chunk larger than the input gives what there is of it") {
    chunked_decoder decoder;
    CHECK(decoder.decode("ffffffffffffffff\r\nabc").data == "abc");
    CHECK(decoder.decode("def").data == "def");
    CHECK(decoder.decode("").status == chunk_status::need_more);
}

TEST_CASE("extensions are passed over") {
    const decoded all = decode("3;a=b\r\nabc\r\n2 ; x=\"q;\\\"\"\r\nde\r\n0;last\r\n\r\n");
    CHECK(all.status == chunk_status::done);
    CHECK(all.body == "abcde");
}

TEST_CASE("a trailer section is read, checked and dropped") {
    const std::string_view body = "1\r\nx\r\n0\r\nX-Sum: 1\r\nEmpty:\r\nContent-Length: 9\r\n\r\n";
    const decoded all = decode(std::string(body) + "rest");
    CHECK(all.status == chunk_status::done);
    CHECK(all.body == "x");
    CHECK(all.consumed == body.size());
}

TEST_CASE("an input that ends early needs more") {
    const std::string_view bytes = "3;e\r\nabc\r\n0\r\nT: v\r\n\r\n";
    for (std::size_t size = 1; size < bytes.size(); ++size) {
        CAPTURE(size);
        const decoded all = decode(bytes.substr(0, size));
        CHECK(all.status == chunk_status::need_more);
        CHECK(all.consumed == size);
    }
}

TEST_CASE("a malformed body is refused with the rule it breaks") {
    struct malformed {
        std::string_view bytes;
        parse_error reason;
    };
    using enum parse_error;
    for (const auto& [bytes, reason] : {
             malformed{"\r\n", chunk_size_invalid},
             malformed{"x\r\n", chunk_size_invalid},
             malformed{"0x1\r\n", chunk_size_invalid},
             malformed{"+1\r\n", chunk_size_invalid},
             malformed{"-1\r\n", chunk_size_invalid},
             malformed{" 1\r\n", chunk_size_invalid},
             malformed{"1 \r\n", chunk_size_invalid},
             malformed{"1 1\r\n", chunk_size_invalid},
             malformed{"1,\r\n", chunk_size_invalid},
             malformed{";a\r\n", chunk_size_invalid},
             malformed{"1\n", bare_lf},
             malformed{"\n", bare_lf},
             malformed{"1 \n", bare_lf},
             malformed{"1;a\n", bare_lf},
             malformed{"1\rx", bare_cr},
             malformed{"1;a\r\r\n", bare_cr},
             malformed{"10000000000000000\r\n", chunk_size_too_large},
             malformed{"00000000000000001\r\n", chunk_size_too_large},
             malformed{"1;\x01\r\n", chunk_extension_invalid},
             malformed{{"1;a\0\r\n", 6}, chunk_extension_invalid},
             malformed{"1\r\nab\r\n", chunk_end_invalid},
             malformed{"1\r\na\n", chunk_end_invalid},
             malformed{"1\r\na\rb", chunk_end_invalid},
             malformed{"0\r\nname\r\n", trailer_invalid},
             malformed{"0\r\n: x\r\n", trailer_invalid},
             malformed{"0\r\n a: x\r\n", trailer_invalid},
             malformed{"0\r\na : x\r\n", trailer_invalid},
             malformed{"0\r\na: x\r\n folded\r\n", trailer_invalid},
             malformed{"0\r\na: \x02\r\n", trailer_invalid},
             malformed{"0\r\na: x\n", bare_lf},
             malformed{"0\r\n\n", bare_lf},
             malformed{"0\r\na: x\rb", bare_cr},
             malformed{"0\r\n\rx", bare_cr},
         }) {
        CAPTURE(bytes);
        const decoded all = decode(bytes);
        CHECK(all.status == chunk_status::bad);
        CHECK(all.reason == reason);
        CHECK(make_parse_failure(reason).status == 400);
    }
}

TEST_CASE("extensions are bounded over the whole body") {
    const std::string half(chunk_extension_bytes_max / 2 - 1, 'e');
    const std::string chunk = "1;" + half + "\r\nx\r\n";
    CHECK(decode(chunk + chunk + "0\r\n\r\n").status == chunk_status::done);
    const decoded all = decode(chunk + chunk + "0;\r\n\r\n");
    CHECK(all.status == chunk_status::bad);
    CHECK(all.reason == parse_error::chunk_extension_too_long);
    CHECK(decode("1" + std::string(chunk_extension_bytes_max + 1, ' ')).reason ==
          parse_error::chunk_extension_too_long);
    // One alone, with its semicolon.
    const std::string longest = "1;" + std::string(chunk_extension_bytes_max - 1, 'e');
    CHECK(decode(longest + "\r\nx\r\n0\r\n\r\n").status == chunk_status::done);
    CHECK(decode(longest + "e").reason == parse_error::chunk_extension_too_long);
}

TEST_CASE("the trailer section is bounded") {
    const std::string fits = "0\r\na:" + std::string(trailer_bytes_max - 2, 'v') + "\r\n\r\n";
    CHECK(decode(fits).status == chunk_status::done);
    const decoded all = decode("0\r\na:" + std::string(trailer_bytes_max - 1, 'v') + "\r\n\r\n");
    CHECK(all.status == chunk_status::bad);
    CHECK(all.reason == parse_error::trailer_too_long);
    CHECK(make_parse_failure(all.reason).status == 431);
}

TEST_CASE("a bad body stays bad, and a finished one finished, until reset") {
    chunked_decoder decoder;
    CHECK(decoder.decode("x").status == chunk_status::bad);
    const chunk_result again = decoder.decode("0\r\n\r\n");
    CHECK(again.status == chunk_status::bad);
    CHECK(again.consumed == 0);
    decoder.reset();
    CHECK(decoder.decode("0\r\n\r\n").status == chunk_status::done);
    CHECK(decoder.decode("next").consumed == 0);
    CHECK(decoder.failure().reason == parse_error::none);
}

TEST_CASE("what the encoder writes is decoded to the same bytes") {
    std::string encoded;
    std::string body;
    for (const std::size_t size : {1U, 15U, 16U, 255U, 256U, 4'095U}) {
        const std::string data(size, static_cast<char>('a' + size % 26));
        char head[chunk_head_bytes_max];
        encoded.append(head, write_chunk_head(head, size));
        encoded += data;
        encoded += chunk_end;
        body += data;
    }
    encoded += last_chunk;
    const decoded all = decode(encoded);
    CHECK(all.status == chunk_status::done);
    CHECK(all.body == body);
    CHECK(all.consumed == encoded.size());
}

TEST_CASE("the head of the largest chunk has the named length") {
    char head[chunk_head_bytes_max];
    CHECK(std::string(head, write_chunk_head(head, UINT64_MAX)) == "ffffffffffffffff\r\n");
    CHECK(std::string(head, write_chunk_head(head, 0x1a)) == "1a\r\n");
}

TEST_SUITE_END();
