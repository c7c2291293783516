#include "tests/sim/http/answer_reader.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "tests/sim/http/reader_verdicts.hpp"

namespace rouse::sim {

TEST_SUITE_BEGIN("sim/http/answer_reader");

TEST_CASE("a right answer is accepted in any pieces") {
    accepts(get(), right);
    accepts(get(answer_framing::chunked), right_chunked);
    accepts(head(), right.substr(0, right.size() - 6));
    accepts(refused(), right_refusal);
}

TEST_CASE("a head that is malformed is refused") {
    for (const auto& [text, instead] : {
             std::pair<std::string_view, std::string_view>{"HTTP/1.1", "HTTP/1.0"},
             {"HTTP/1.1 ", "HTTP/1.1  "},
             {"200 OK", "200 Fine"},
             {"200 OK", "200OK"},
             {"200 OK", "20 OK"},
             {"200 OK", "999 "},
             {"Server: rouse", "Server rouse"},
             {"Server: rouse", "Server:rouse"},
             {"Server: rouse", "Server : rouse"},
             {"Server: rouse", "Server:  rouse"},
             {"Server: rouse", "Server: rouse "},
             {"Server: rouse", "Ser(er: rouse"},
             {"Server: rouse", ": rouse"},
             {"Server: rouse", "Server: ro\nse"},
             {"Server: rouse", "Server: ro\rse"},
             {"Server: rouse", "Server: ro\x01se"},
             {"Server: rouse", "X-Other: rouse"},
             {"Server: rouse\r\n", "Server: rouse\n"},
             {"Server: rouse\r\n", "Server: rouse\r\nServer: rouse\r\n"},
         }) {
        refuses(get(), with(right, text, instead));
    }
}

TEST_CASE("a Date that is missing or was no day is refused") {
    refuses(get(), with(right, DATE, ""));
    refuses(get(), with(right, DATE, DATE DATE));
    for (const std::string_view instead :
         {"Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
          "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 08:49:37 UTC", "unM, 06 Nov 1994 08:49:37 GMT",
          "Sun, 06 ovD 1994 08:49:37 GMT"}) {
        refuses(get(), with(right, "Sun, 06 Nov 1994 08:49:37 GMT", instead));
    }
    CHECK(parse_http_date("Thu, 29 Feb 2024 23:59:59 GMT") == 1'709'251'199);
    CHECK_FALSE(parse_http_date("Wed, 29 Feb 2023 23:59:59 GMT"));
}

TEST_CASE("a Date of another time is refused") {
    constexpr std::int64_t said = 784'111'777;
    const planned_exchange planned = get();
    const auto complains = [&](std::int64_t earliest, std::int64_t latest) {
        answer_reader reader;
        reader.expect(planned);
        reader.allow_dates(earliest, latest);
        return reader.feed(right, planned.bytes.size()).has_value();
    };
    CHECK_FALSE(complains(said, said));
    CHECK(complains(said + 1, said + 9));
    CHECK(complains(said - 9, said - 1));
}

TEST_CASE("a framing that is wrong, missing or double is refused") {
    refuses(get(), with(right, "Content-Length: 6\r\n", ""));
    refuses(get(), with(right, "Content-Length: 6", "Content-Length: 5"));
    refuses(get(), with(right, "Content-Length: 6", "Content-Length: 7"));
    refuses(get(), with(right, "Content-Length: 6", "Content-Length: 06"));
    refuses(get(), with(right, "Content-Length: 6", "Content-Length: +6"));
    refuses(get(), with(right, "Content-Length: 6", "Content-Length: 6\r\nContent-Length: 6"));
    refuses(get(),
            with(right, "Content-Length: 6", "Content-Length: 6\r\nTransfer-Encoding: chunked"));
    refuses(get(), right_chunked);
    refuses(get(answer_framing::chunked), right);
    refuses(get(answer_framing::chunked), with(right_chunked, "chunked", "gzip, chunked"));
    const auto without = changed(get(answer_framing::none), [](planned_answer& answer) {
        answer.status = 204;
        answer.rule = content_rule::absent;
        answer.length = 0;
        answer.content_type = {};
    });
    accepts(without, "HTTP/1.1 204 No Content\r\n" DATE "\r\n");
    refuses(without, "HTTP/1.1 204 No Content\r\n" DATE "Content-Length: 0\r\n\r\n");
}

TEST_CASE("chunks that are malformed are refused") {
    const planned_exchange planned = get(answer_framing::chunked);
    constexpr std::string_view all = "1\r\nh\r\n5\r\nello\n\r\n0\r\n\r\n";
    for (const std::string_view chunks :
         {"6\nhello\n\r\n0\r\n\r\n", "6;a\r\nhello\n\r\n0\r\n\r\n", "06\r\nhello\n\r\n0\r\n\r\n",
          "g\r\nhello\n\r\n0\r\n\r\n", "6\r\nhello\n0\r\n\r\n", "6\r\nhello\n\r\n0\r\nX: y\r\n\r\n",
          "6\r\nhello\n\r\n00\r\n\r\n", "\r\nhello\n\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n",
          "7\r\nhello\nx\r\n0\r\n\r\n", "0\r\n\r\n", "000000006\r\nhello\n\r\n0\r\n\r\n",
          "10000000000000006\r\nhello\n\r\n0\r\n\r\n", "6\r\nhello\n\r\n\r\n\r\n",
          "6\r\nhello\n\r\n0\r\n\r\nx"}) {
        refuses(planned, with(right_chunked, all, chunks));
    }
    misses(planned, with(right_chunked, all, "6\r\nhello\n\r\n"));
    misses(planned, with(right_chunked, all, "6\r\nhello\n\r\n0\r\n"));
}

TEST_CASE("content that is other, short or too long is refused") {
    refuses(get(), with(right, "hello\n", "hallo\n"));
    misses(get(), right.substr(0, right.size() - 1));
    refuses(get(), std::string(right) + "\n");
    refuses(head(), right);
    refuses(refused(), with(right_refusal, "400 Bad Request: why?\n", "401 Bad Request: why?\n"));
    refuses(refused(), with(right_refusal, "why?\n", "why?."));
    refuses(refused(), with(right_refusal, "why?\n", "w\x01y?\n"));
}

TEST_CASE("another status, type or header line is refused") {
    refuses(get(), right_refusal);
    refuses(refused(), right);
    refuses(get(), with(right, "text/plain", "text/html"));
    refuses(get(), with(right, PLAIN, ""));
    refuses(get(), with(right, PLAIN, PLAIN PLAIN));
    const auto two = changed(get(), [](planned_answer& answer) {
        answer.headers = {{.name = "X-A", .value = "1"}, {.name = "X-B", .value = ""}};
    });
    accepts(two, with(right, DATE, "X-A: 1\r\n" DATE "X-B: \r\n"));
    refuses(two, right);
    refuses(two, with(right, DATE, DATE "X-A: 1\r\n"));
    refuses(two, with(right, DATE, DATE "X-A: 2\r\nX-B: \r\n"));
    refuses(two, with(right, DATE, DATE "X-C: 1\r\nX-B: \r\n"));
    refuses(two, with(right, DATE, DATE "X-B: \r\nX-A: 1\r\n"));
    refuses(two, with(right, DATE, DATE "X-A: 1\r\nX-B: \r\nX-B: \r\n"));
}

TEST_SUITE_END();

}  // namespace rouse::sim
