// Shapes that two implementations have understood in two ways, so that a second request was hidden
// in the first. The section is of RFC 9112 unless 9110 is said.

#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "protocols/http/chunked_decoder.hpp"
#include "protocols/http/request_parser.hpp"
#include "tests/support/guard_page.hpp"
#include "tests/support/parse_every_way.hpp"
#include "tests/support/refused_request.hpp"

using namespace rouse::http;
using namespace std::string_view_literals;
using rouse::test::check_refused;
using rouse::test::guard_page;
using rouse::test::parse_every_way;
using rouse::test::parsed_request;

namespace {

using enum parse_error;

struct shape {
    const char* name;
    const char* section;
    std::string_view bytes;
    int status;
    parse_error reason;
};

// Header lines behind "POST / HTTP/1.1" and "Host: a".
constexpr shape header_lines[] = {
    {"CL.TE", "6.3", "Content-Length: 4\r\nTransfer-Encoding: chunked", 400,
     transfer_encoding_and_content_length},
    {"TE.CL", "6.3", "Transfer-Encoding: chunked\r\nContent-Length: 0", 400,
     transfer_encoding_and_content_length},
    {"two lengths that differ", "6.3", "Content-Length: 4\r\nContent-Length: 5", 400,
     content_length_duplicate},
    {"two equal lengths", "6.3", "Content-Length: 4\r\ncontent-length: 4", 400,
     content_length_duplicate},
    {"a list of lengths", "6.3", "Content-Length: 4, 4", 400, content_length_invalid},
    {"a list of lengths without a space", "6.3", "Content-Length: 4,5", 400,
     content_length_invalid},
    {"a list of lengths with spaces", "6.2", "Content-Length: 4 4", 400, content_length_invalid},
    {"a length and a comma", "6.3", "Content-Length: 4,", 400, content_length_invalid},
    {"a length with a plus", "9110, 8.6", "Content-Length: +4", 400, content_length_invalid},
    {"a length below zero", "9110, 8.6", "Content-Length: -4", 400, content_length_invalid},
    {"zero with a sign", "9110, 8.6", "Content-Length: -0", 400, content_length_invalid},
    {"a hexadecimal length", "9110, 8.6", "Content-Length: 0x4", 400, content_length_invalid},
    {"a hexadecimal digit", "9110, 8.6", "Content-Length: a", 400, content_length_invalid},
    {"a fraction", "9110, 8.6", "Content-Length: 4.0", 400, content_length_invalid},
    {"an exponent", "9110, 8.6", "Content-Length: 1e1", 400, content_length_invalid},
    {"an underscore", "9110, 8.6", "Content-Length: 1_0", 400, content_length_invalid},
    {"a quoted length", "9110, 8.6", "Content-Length: \"4\"", 400, content_length_invalid},
    {"no length", "9110, 8.6", "Content-Length:", 400, content_length_invalid},
    {"white space for a length", "9110, 8.6", "Content-Length: \t ", 400, content_length_invalid},
    {"a length of 2^64", "9110, 8.6", "Content-Length: 18446744073709551616", 400,
     content_length_invalid},
    {"a length that is 4 modulo 2^64", "9110, 8.6", "Content-Length: 18446744073709551620", 400,
     content_length_invalid},
    {"a length of 23 digits", "9110, 8.6", "Content-Length: 99999999999999999999999", 400,
     content_length_invalid},
    {"a length behind a vertical tab", "9110, 5.5", "Content-Length: \v4", 400,
     field_value_invalid},
    {"a length before NUL", "9110, 5.5", "Content-Length: 4\0"sv, 400, field_value_invalid},
    {"a space before the colon of a length", "5.1", "Content-Length : 4", 400, field_colon_spaced},
    {"a space before the colon of a coding", "5.1", "Transfer-Encoding : chunked", 400,
     field_colon_spaced},
    {"a tab before the colon", "5.1", "Transfer-Encoding\t: chunked", 400, field_colon_spaced},
    {"a vertical tab before the colon", "5.1", "Transfer-Encoding\v: chunked", 400,
     field_name_invalid},
    {"a space inside the name", "5.1", "Transfer Encoding: chunked", 400, field_colon_spaced},
    {"NUL inside the name", "5", "Transfer\0Encoding: chunked"sv, 400, field_name_invalid},
    {"a vertical tab before the coding", "9110, 5.5", "Transfer-Encoding:\vchunked", 400,
     field_value_invalid},
    {"a space and a vertical tab before the coding", "9110, 5.5", "Transfer-Encoding: \vchunked",
     400, field_value_invalid},
    {"a form feed before the coding", "9110, 5.5",
     "Transfer-Encoding: \x0c"
     "chunked",
     400, field_value_invalid},
    {"a vertical tab behind the coding", "9110, 5.5", "Transfer-Encoding: chunked\v", 400,
     field_value_invalid},
    {"a no-break space before the coding", "6.1",
     "Transfer-Encoding: \xa0"
     "chunked",
     400, transfer_encoding_invalid},
    {"xchunked", "6.3", "Transfer-Encoding: xchunked", 400, transfer_encoding_invalid},
    {"chunkedx", "6.3", "Transfer-Encoding: chunkedx", 400, transfer_encoding_invalid},
    {"chunked with a weight", "7", "Transfer-Encoding: chunked;q=1", 400,
     transfer_encoding_invalid},
    {"quoted chunked", "7", "Transfer-Encoding: \"chunked\"", 400, transfer_encoding_invalid},
    {"single-quoted chunked", "7", "Transfer-Encoding: 'chunked'", 400, transfer_encoding_invalid},
    {"a brace", "7", "Transfer-Encoding: {chunked", 400, transfer_encoding_invalid},
    {"chunked twice in a line", "6.1", "Transfer-Encoding: chunked, chunked", 400,
     transfer_encoding_invalid},
    {"chunked before identity", "6.3", "Transfer-Encoding: chunked, identity", 400,
     transfer_encoding_invalid},
    {"chunked before another coding", "6.3", "Transfer-Encoding: chunked, gzip", 400,
     transfer_encoding_invalid},
    {"identity alone", "6.3", "Transfer-Encoding: identity", 400, transfer_encoding_invalid},
    {"gzip alone", "6.3", "Transfer-Encoding: gzip", 400, transfer_encoding_invalid},
    {"no coding", "6.3", "Transfer-Encoding:", 400, transfer_encoding_invalid},
    {"an empty list", "6.3", "Transfer-Encoding: , ,", 400, transfer_encoding_invalid},
    {"another coding before chunked", "6.1", "Transfer-Encoding: gzip, chunked", 501,
     transfer_encoding_unknown},
    {"identity before chunked", "6.1", "Transfer-Encoding: identity, chunked", 501,
     transfer_encoding_unknown},
    {"a second coding line", "6.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x", 400,
     transfer_encoding_duplicate},
    {"chunked in two lines", "6.1", "Transfer-Encoding: chunked\r\nTransfer-encoding: chunked", 400,
     transfer_encoding_duplicate},
    {"chunked in the second line", "6.3", "Transfer-Encoding: x\r\nTransfer-Encoding: chunked", 400,
     transfer_encoding_invalid},
    {"a length in a folded line", "5.2", "X: y\r\n Content-Length: 4", 400, line_folding},
    {"a length in a line folded by a tab", "5.2", "X: y\r\n\tContent-Length: 4", 400, line_folding},
    {"a coding that is folded", "5.2", "Transfer-Encoding:\r\n chunked", 400,
     transfer_encoding_invalid},
    {"a length behind a bare LF", "2.2", "X: y\nContent-Length: 4", 400, bare_lf},
    {"a length behind a bare CR", "2.2", "X: y\rContent-Length: 4", 400, bare_cr},
    {"CR CR LF", "2.2", "X: y\r\r\nContent-Length: 4", 400, bare_cr},
    {"an empty line that is a bare LF", "2.2", "X: y\r\n\nContent-Length: 4", 400, bare_lf},
    {"a second head behind a bare LF LF", "2.2", "X: y\n\nGET /admin HTTP/1.1", 400, bare_lf},
    {"a line without a colon", "5", "Content-Length", 400, field_name_invalid},
    {"a line that begins with the colon", "5", ": 4", 400, field_name_invalid},
    {"NUL in a value", "9110, 5.5", "X: a\0b"sv, 400, field_value_invalid},
    {"two Hosts that differ", "3.2", "Host: b", 400, host_duplicate},
    {"two equal Hosts", "3.2", "host: a", 400, host_duplicate},
};

constexpr shape heads[] = {
    {"chunked in HTTP/1.0", "6.1",
     "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
     transfer_encoding_in_http_1_0},
    {"CL.TE in HTTP/1.0", "6.1",
     "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n", 400,
     transfer_encoding_in_http_1_0},
    {"a target that ends its line: HTTP/0.9", "2.3", "GET /?x=\r\nHost: a\r\n\r\n", 400,
     target_invalid},
    {"a space before the first header line", "2.2", "GET / HTTP/1.1\r\n Host: a\r\nHost: b\r\n\r\n",
     400, line_folding},
    {"lines that end in LF only", "2.2", "GET / HTTP/1.1\nHost: a\n\n", 400, bare_lf},
    {"no Host beside an absolute target", "3.2", "GET http://a/ HTTP/1.1\r\n\r\n", 400,
     host_missing},
};

// Behind "Transfer-Encoding: chunked".
constexpr shape chunked_bodies[] = {
    {"a size below zero", "7.1", "-1\r\n", 400, chunk_size_invalid},
    {"a size with a plus", "7.1", "+1\r\na\r\n0\r\n\r\n", 400, chunk_size_invalid},
    {"a size with 0x", "7.1", "0x1\r\na\r\n0\r\n\r\n", 400, chunk_size_invalid},
    {"a space before the size", "7.1", " 1\r\na\r\n0\r\n\r\n", 400, chunk_size_invalid},
    {"a space behind the size", "7.1", "1 \r\na\r\n0\r\n\r\n", 400, chunk_size_invalid},
    {"no size", "7.1", "\r\na\r\n", 400, chunk_size_invalid},
    {"an underscore in the size", "7.1", "1_0\r\n", 400, chunk_size_invalid},
    {"NUL behind the size", "7.1", "1\0\r\na\r\n"sv, 400, chunk_size_invalid},
    {"a size of 2^64", "7.1", "10000000000000000\r\n", 400, chunk_size_too_large},
    {"a size of 17 digits, most of them zero", "7.1", "00000000000000001\r\na", 400,
     chunk_size_too_large},
    {"a size line that ends in LF only", "2.2", "1\na\r\n0\r\n\r\n", 400, bare_lf},
    {"a size line that ends in CR only", "2.2", "1\ra\r\n", 400, bare_cr},
    {"an extension that hides a bare LF", "7.1.1", "1;a\nb\r\n", 400, bare_lf},
    {"an extension that hides a bare CR", "7.1.1", "1;a\rb\r\n", 400, bare_cr},
    {"a quoted extension that hides a line end", "7.1.1", "1;a=\"\r\nb\"\r\n", 400,
     chunk_end_invalid},
    {"NUL in an extension", "7.1.1", "1;a\0\r\n"sv, 400, chunk_extension_invalid},
    {"data longer than the size", "7.1", "1\r\nab\r\n0\r\n\r\n", 400, chunk_end_invalid},
    {"data that ends in LF only", "7.1", "1\r\na\n0\r\n\r\n", 400, chunk_end_invalid},
    {"data that ends in CR only", "7.1", "1\r\na\r0\r\n\r\n", 400, chunk_end_invalid},
    {"an end that is LF only", "2.2", "0\r\n\n", 400, bare_lf},
    {"a folded trailer", "5.2", "0\r\nA: b\r\n c\r\n\r\n", 400, trailer_invalid},
    {"a space before the colon of a trailer", "5.1", "0\r\nA : b\r\n\r\n", 400, trailer_invalid},
    {"a request for a trailer", "5", "0\r\nGET / HTTP/1.1\r\n\r\n", 400, trailer_invalid},
    {"a trailer that ends in LF only", "2.2", "0\r\nA: b\n\r\n", 400, bare_lf},
    {"a control in a trailer", "9110, 5.5", "0\r\nA: \v\r\n\r\n", 400, trailer_invalid},
};

struct decoded {
    chunk_status status = chunk_status::need_more;
    parse_failure failure{};
    std::size_t consumed = 0;
    std::string body;
};

// The first piece has `first` bytes, each one after it `step`.
decoded decode(std::string_view bytes, std::size_t first, std::size_t step) {
    chunked_decoder decoder;
    decoded all;
    guard_page page(bytes.size());
    std::string_view left = bytes;
    for (std::size_t size = first; all.status == chunk_status::need_more && !left.empty();
         size = step) {
        std::string_view piece = page.place(left.substr(0, size));
        left.remove_prefix(piece.size());
        do {
            const chunk_result result = decoder.decode(piece);
            all.status = result.status;
            all.consumed += result.consumed;
            all.body += result.data;
            piece.remove_prefix(result.consumed);
        } while (all.status == chunk_status::data);
    }
    all.failure = decoder.failure();
    return all;
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/request_smuggling");

TEST_CASE("every header line that hides a request is refused") {
    for (const shape& example : header_lines) {
        CAPTURE(example.name);
        CAPTURE(example.section);
        const std::string head = "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(example.bytes);
        check_refused({head + "\r\n\r\n", example.status, example.reason});
        check_refused({head + "\r\nX: y\r\n\r\n", example.status, example.reason});
    }
}

TEST_CASE("every head that hides a request is refused") {
    for (const shape& example : heads) {
        CAPTURE(example.name);
        CAPTURE(example.section);
        check_refused({example.bytes, example.status, example.reason});
    }
}

TEST_CASE("the reasons that other tables leave to these are shown") {
    std::set<parse_error> shown;
    for (const shape& example : header_lines) {
        shown.insert(example.reason);
    }
    for (const shape& example : heads) {
        shown.insert(example.reason);
    }
    const std::set<parse_error> listed(std::begin(rouse::test::smuggling_reasons),
                                       std::end(rouse::test::smuggling_reasons));
    CHECK(shown == listed);
}

TEST_CASE("every chunked body that hides a request is refused, and nothing after it is read") {
    for (const shape& example : chunked_bodies) {
        CAPTURE(example.name);
        CAPTURE(example.section);
        const std::string bytes = std::string(example.bytes) + "GET /admin HTTP/1.1\r\n\r\n";
        const decoded whole = decode(bytes, bytes.size(), bytes.size());
        CHECK(whole.status == chunk_status::bad);
        CHECK(whole.failure.status == example.status);
        CHECK(whole.failure.reason == example.reason);
        for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
            const decoded parts = cut == 0 ? decode(bytes, 1, 1) : decode(bytes, cut, bytes.size());
            CHECK(parts.status == chunk_status::bad);
            CHECK(parts.failure.reason == whole.failure.reason);
            CHECK(parts.consumed == whole.consumed);
            CHECK(parts.body == whole.body);
        }
    }
}

TEST_CASE("the framing fields of a trailer frame nothing") {
    // RFC 9112, 7.1.2, and RFC 9110, 6.5.1: they are dropped with the rest of the trailer.
    const std::string_view body =
        "1\r\na\r\n0\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\nHost: b\r\n\r\n";
    const std::string_view next = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const std::string bytes = std::string(body) + std::string(next);
    for (std::size_t cut = 1; cut <= bytes.size(); ++cut) {
        const decoded parts = decode(bytes, cut, bytes.size());
        CHECK(parts.status == chunk_status::done);
        CHECK(parts.body == "a");
        CHECK(parts.consumed == body.size());
    }
    CHECK(parse_every_way(next).framing == body_framing::none);
}

TEST_CASE("what only looks like a trick is read as it stands") {
    const auto framing = [](std::string_view lines) {
        const parsed_request parsed =
            parse_every_way("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n\r\n");
        CHECK(parsed.status == parse_status::done);
        return parsed.framing;
    };
    CHECK(framing("Content-Length:\t4\t ") == body_framing::length);  // RFC 9112, 5: OWS.
    CHECK(framing("Transfer-Encoding: \t chunked \t") == body_framing::chunked);
    CHECK(framing("TRANSFER-ENCODING: ChUnKeD") == body_framing::chunked);
    CHECK(framing("X-Content-Length: 4") == body_framing::none);
    CHECK(framing("Content-Length-: 4") == body_framing::none);
    CHECK(framing("X: a, Content-Length: 4") == body_framing::none);
    CHECK(framing("X: \x80\xff") == body_framing::none);  // RFC 9110, 5.5: obs-text.
}

TEST_SUITE_END();
