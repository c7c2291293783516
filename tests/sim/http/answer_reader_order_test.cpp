#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/sim/http/answer_reader.hpp"
#include "tests/sim/http/reader_verdicts.hpp"

namespace rouse::sim {

TEST_SUITE_BEGIN("sim/http/answer_reader");

TEST_CASE("what becomes of the connection must be said as planned") {
    const auto closing =
        changed(get(), [](planned_answer& answer) { answer.fate = connection_fate::closes; });
    const auto ending =
        changed(get(), [](planned_answer& answer) { answer.fate = connection_fate::ends; });
    const auto kept = changed(get(), [](planned_answer& answer) { answer.says_keep_alive = true; });
    const std::string closes = with(right, DATE, DATE "Connection: close\r\n");
    const std::string stays = with(right, DATE, DATE "Connection: keep-alive\r\n");
    accepts(closing, closes);
    accepts(ending, right);
    accepts(kept, stays);
    refuses(closing, right);
    refuses(closing, stays);
    refuses(ending, closes);
    refuses(kept, right);
    refuses(kept, closes);
    refuses(get(), closes);
    refuses(get(), stays);
    refuses(closing, with(right, DATE, DATE "Connection: close\r\nConnection: close\r\n"));
    refuses(closing, closes + std::string(right));
    refuses(ending, std::string(right) + std::string(right));
}

TEST_CASE("any answer may close when that is allowed, and none may follow then") {
    const planned_exchange planned = get();
    answer_reader reader;
    reader.expect(planned);
    reader.expect(planned);
    reader.allow_close(true);
    CHECK_FALSE(reader.feed(with(right, DATE, DATE "Connection: close\r\n"), 1'000));
    CHECK(reader.answered() == 1);
    CHECK(reader.closing());
    CHECK_FALSE(reader.end(true));
    CHECK(reader.feed("H", 1'000));
}

TEST_CASE("one answer comes to each request, and none before it") {
    const planned_exchange planned = get();
    answer_reader reader;
    CHECK(answer_reader().feed("H", 0));
    reader.expect(planned);
    reader.expect(planned);
    CHECK_FALSE(reader.feed(right, planned.bytes.size()));
    CHECK(reader.answered() == 1);
    CHECK(reader.end(true));
    answer_reader again = reader;
    CHECK(again.feed(right, 2 * planned.bytes.size() - 1));
    CHECK_FALSE(reader.feed(right, 2 * planned.bytes.size()));
    CHECK_FALSE(reader.end(false));
    CHECK(reader.feed(right, 1'000));
    CHECK(read(planned, right, 1, planned.bytes.size() - 1) == verdict::wrong);
}

TEST_CASE("100 Continue comes where it is allowed, once, and behind the head") {
    constexpr std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";
    const std::string both = std::string(interim) + std::string(right);
    accepts(continued(continue_rule::required), both);
    accepts(continued(continue_rule::allowed), both);
    accepts(continued(continue_rule::allowed), right);
    refuses(continued(continue_rule::required), right);
    refuses(continued(continue_rule::forbidden), both);
    refuses(continued(continue_rule::allowed), std::string(interim) + both);
    refuses(continued(continue_rule::allowed), std::string(right) + std::string(interim));
    refuses(continued(continue_rule::allowed), with(both, "Continue\r\n", "Continue\r\nX: y\r\n"));
    refuses(continued(continue_rule::allowed), with(both, "100 Continue", "102 Processing"));
    const planned_exchange planned = continued(continue_rule::allowed);
    CHECK(read(planned, both, 1, planned.head_bytes - 1) == verdict::wrong);
    answer_reader reader;
    reader.expect(planned);
    CHECK(answer_reader(reader).feed(interim, planned.head_bytes - 1));
    CHECK_FALSE(reader.saw_continue(0));
    CHECK_FALSE(reader.feed(interim, planned.head_bytes));
    CHECK(reader.saw_continue(0));
    CHECK_FALSE(reader.saw_continue(1));
    CHECK_FALSE(reader.feed(right, planned.head_bytes));
    CHECK(reader.saw_continue(0));
}

TEST_CASE("a timeout may be answered in place of a request when that is allowed") {
    const std::string timeout =
        with(with(with(right_refusal, "400 Bad Request", "408 Request Timeout"), "400 Bad Request",
                  "408 Request Timeout"),
             "22", "26");
    refuses(get(), timeout);
    for (const planned_exchange& planned : {get(), head()}) {
        answer_reader reader;
        reader.expect(planned);
        reader.allow_timeout_answer(true);
        CHECK_FALSE(reader.feed(timeout, 1));
        CHECK(reader.closing());
        CHECK_FALSE(reader.end(true));
    }
    const planned_exchange planned = head();
    answer_reader reader;
    reader.expect(planned);
    reader.allow_timeout_answer(true);
    CHECK(answer_reader(reader).feed(timeout, 0));
    CHECK_FALSE(reader.feed(timeout.substr(0, timeout.size() - 26), 1));
    CHECK_FALSE(reader.end(true));
}

TEST_CASE("an answer that is to be cut short must be") {
    const auto cut = [](planned_answer& answer) {
        answer.is_cut = true;
        answer.length = 9;
    };
    const planned_exchange counted = changed(get(), cut);
    const planned_exchange chunked = changed(get(answer_framing::chunked), cut);
    const std::string_view without_last = right_chunked.substr(0, right_chunked.size() - 5);
    const std::string nine = with(right, "Content-Length: 6", "Content-Length: 9");
    accepts(counted, nine);
    accepts(chunked, without_last);
    refuses(counted, nine + "abc");
    misses(counted, nine.substr(0, nine.size() - 1));
    refuses(counted, right);
    refuses(chunked, right_chunked);
    misses(chunked, without_last.substr(0, without_last.size() - 2));
    misses(chunked, without_last.substr(0, without_last.size() - 11));
    answer_reader reader;
    reader.expect(chunked);
    CHECK_FALSE(reader.feed(without_last, 1'000));
    CHECK(reader.inside_answer());
    CHECK(reader.closing());
    CHECK(answer_reader(reader).end(false));
    CHECK_FALSE(reader.end(true));
    CHECK(reader.answered() == 1);
}

TEST_CASE("content that ends with the connection must be whole by then") {
    const auto planned = changed(get(answer_framing::until_close), [](planned_answer& answer) {
        answer.fate = connection_fate::closes;
    });
    const std::string closes = with(right, "Content-Length: 6", "Connection: close");
    accepts(planned, closes);
    misses(planned, closes.substr(0, closes.size() - 1));
    refuses(planned, closes + "x");
}

TEST_CASE("a piece of a text is a beginning of it that is not empty") {
    const auto piece =
        changed(get(), [](planned_answer& answer) { answer.rule = content_rule::first_piece; });
    const std::string shorter =
        with(right, "Content-Length: 6\r\n\r\nhello\n", "Content-Length: 3\r\n\r\nhel");
    accepts(piece, right);
    accepts(piece, shorter);
    refuses(piece, with(shorter, "hel", "hex"));
    refuses(piece, with(right, "Content-Length: 6\r\n\r\nhello\n", "Content-Length: 0\r\n\r\n"));
    refuses(piece,
            with(right, "Content-Length: 6\r\n\r\nhello\n", "Content-Length: 7\r\n\r\nhello\nx"));
}

TEST_CASE("a refusal may come instead of an answer only where it is planned") {
    planned_exchange planned = get();
    planned.refusal_status = 400;
    planned.answer.fate = connection_fate::ends;
    accepts(planned, right);
    accepts(planned, right_refusal);
    refuses(planned, with(right_refusal, "400 Bad Request", "404 Not Found"));
    refuses(planned, with(right_refusal, "Connection: close\r\n", ""));
    CHECK_FALSE(planned.may_be_followed());
}

TEST_CASE("a head without an end is refused in time") {
    const planned_exchange planned = get();
    answer_reader reader;
    reader.expect(planned);
    bool complained = false;
    for (int count = 0; count < 10'000 && !complained; ++count) {
        complained = reader.feed("x", 1'000).has_value();
    }
    CHECK(complained);
}

TEST_SUITE_END();

}  // namespace rouse::sim
