#include "tests/sim/http/refused_requests.hpp"

#include <string>

#include "tests/sim/http/request_draft.hpp"

namespace rouse::sim {
namespace {

using namespace std::string_view_literals;

struct refused_head {
    int status;
    std::string_view text;  ///< '~' is a Host line; '|' follows the byte that shows the fault.
};

constexpr refused_head refused_lines[] = {
    {400, "\rG|ET /plain HTTP/1.1\r\n"sv},
    {400, " |GET /plain HTTP/1.1\r\n~\r\n"sv},
    {400, "\n|GET /plain HTTP/1.1\r\n~\r\n"sv},
    {400, "\0|GET /plain HTTP/1.1\r\n~\r\n"sv},
    {400, "\x16|\x03\x01\x02\x00\x01\x00"sv},
    {400, "G\x01|ET /plain HTTP/1.1\r\n~\r\n"sv},
    {400, "GET\t|/plain HTTP/1.1\r\n~\r\n"sv},
    {400, "GET\n|/plain HTTP/1.1\r\n~\r\n"sv},
    {400, "GET\r|\n"sv},
    {400, "(|GET /plain HTTP/1.1\r\n~\r\n"sv},
    {501, "METHOD-WITH-NO-FEWER-THAN-33-BYTE|S /plain HTTP/1.1\r\n~\r\n"sv},
    {501, "CONNECT sim:80 HTTP/1.1\r\n~\r\n|"sv},
    {501, "CONNECT /plain HTTP/1.1\r\n~\r\n|"sv},
    {400, "GET  |/plain HTTP/1.1\r\n~\r\n"sv},
    {400, "GET plain HTTP/1.1\r\n~\r\n|"sv},
    {400, "GET * HTTP/1.1\r\n~\r\n|"sv},
    {400, "GET ftp://sim/plain HTTP/1.1\r\n~\r\n|"sv},
    {400, "GET http:///plain HTTP/1.1\r\n~\r\n|"sv},
    {400, "GET http://a:b/plain HTTP/1.1\r\n~\r\n|"sv},
    {400, "GET http://a@b/plain HTTP/1.1\r\n~\r\n|"sv},
    {400, "GET /pl\x01|ain HTTP/1.1\r\n~\r\n"sv},
    {400, "GET /pl\0|ain HTTP/1.1\r\n~\r\n"sv},
    {400, "GET /plain#|top HTTP/1.1\r\n~\r\n"sv},
    {400, "GET /plain?\"|x\" HTTP/1.1\r\n~\r\n"sv},
    {400, "GET /plain?<|x HTTP/1.1\r\n~\r\n"sv},
    {400, "GET /\x80| HTTP/1.1\r\n~\r\n"sv},
    {400, "GET /\x7f| HTTP/1.1\r\n~\r\n"sv},
    {400, "GET /plain\r|\n~\r\n"sv},
    {400, "GET /plain?a\n|~\r\n"sv},
    {400, "GET /plain  |HTTP/1.1\r\n~\r\n"sv},
    {400, "GET /plain\t|HTTP/1.1\r\n~\r\n"sv},
    {400, "GET /plain h|ttp/1.1\r\n~\r\n"sv},
    {400, "GET /plain HTTP/1.1 |\r\n~\r\n"sv},
    {400, "GET /plain HTTP/1.1\n|~\r\n"sv},
    {400, "GET /plain HTTP/1.1\r\r|\n~\r\n"sv},
    {400, "GET /plain HTTP/1.x|\r\n~\r\n"sv},
    {400, "GET /plain HTTP/11|\r\n~\r\n"sv},
    {400, "GET /plain HTTP/1.10|\r\n~\r\n"sv},
    {400, "GET /plain X|\r\n~\r\n"sv},
    {400, "POST /tell HTTP/1.0\r\n~Transfer-Encoding: chunked\r\n\r\n|0\r\n\r\n"sv},
    {400, "\r\n\r\n\r\n\r\n\r\n|GET /plain HTTP/1.1\r\n~\r\n"sv},
    {505, "GET /plain HTTP/2.0\r\n|~\r\n"sv},
    {505, "GET /plain HTTP/0.9\r\n|~\r\n"sv},
    {505, "PRI * HTTP/2.0\r\n|\r\nSM\r\n\r\n"sv},
};

constexpr std::string_view refused_fields_400[] = {
    " |X: folded\r\n\r\n"sv,
    "\t|X: folded\r\n\r\n"sv,
    "~ |folded\r\n\r\n"sv,
    "~X: y\r\n\t|folded\r\n\r\n"sv,
    "~X |: y\r\n\r\n"sv,
    "~X\t|: y\r\n\r\n"sv,
    "~:| y\r\n\r\n"sv,
    "~X(|: y\r\n\r\n"sv,
    "~X\xe4|: y\r\n\r\n"sv,
    "~X\0|: y\r\n\r\n"sv,
    "~X\r|\n\r\n"sv,
    "~X\n|\r\n"sv,
    "~X: a\x01|b\r\n\r\n"sv,
    "~X: a\0|b\r\n\r\n"sv,
    "~X: a\x7f|b\r\n\r\n"sv,
    "~X: a\n|\r\n"sv,
    "~X: a\rb|\r\n\r\n"sv,
    "~X: y\r\n\rG|ET /plain HTTP/1.1\r\n~\r\n"sv,
    "~X: y\r\n\n|"sv,
    "\r\n|"sv,
    "X: y\r\n\r\n|"sv,
    "~Host: other\r\n|\r\n"sv,
    "~X: y\r\nhOST:\r\n|\r\n"sv,
    "Host: a b\r\n|\r\n"sv,
    "Host: a/b\r\n|\r\n"sv,
    "Host: a,b:c\r\n|\r\n"sv,
    "Host: [::1\r\n|\r\n"sv,
    "Host: []:80\r\n|\r\n"sv,
    "Host: :80\r\n|\r\n"sv,
    "Host: a:65536\r\n|\r\n"sv,
    "Host: a:123456\r\n|\r\n"sv,
    "Host: user@a\r\n|\r\n"sv,
    "~Content-Length: 1x\r\n|\r\nx"sv,
    "~Content-Length: -1\r\n|\r\n"sv,
    "~Content-Length: +1\r\n|\r\nx"sv,
    "~Content-Length: 1, 1\r\n|\r\nx"sv,
    "~Content-Length:\r\n|\r\n"sv,
    "~Content-Length: 0x1\r\n|\r\nx"sv,
    "~Content-Length: 1 1\r\n|\r\nx"sv,
    "~Content-Length: 18446744073709551616\r\n|\r\nx"sv,
    "~Content-Length: 1\r\nContent-Length: 1\r\n|\r\nx"sv,
    "~content-length: 1\r\nX: y\r\nCONTENT-LENGTH: 2\r\n|\r\nx"sv,
    "~Transfer-Encoding: gzip\r\n|\r\n0\r\n\r\n"sv,
    "~Transfer-Encoding: identity\r\n|\r\n0\r\n\r\n"sv,
    "~Transfer-Encoding: xchunked\r\n|\r\n0\r\n\r\n"sv,
    "~Transfer-Encoding: chunked, gzip\r\n|\r\n0\r\n\r\n"sv,
    "~Transfer-Encoding: chunked, chunked\r\n|\r\n0\r\n\r\n"sv,
    "~Transfer-Encoding:\r\n|\r\n0\r\n\r\n"sv,
    "~Transfer-Encoding: chunked;q=1\r\n|\r\n0\r\n\r\n"sv,
    "~Transfer-Encoding: \"chunked\"\r\n|\r\n0\r\n\r\n"sv,
    "~Transfer-Encoding: chunked\r\ntransfer-encoding: chunked\r\n|\r\n0\r\n\r\n"sv,
    "~Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n|0\r\n\r\n"sv,
    "~Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n|0\r\n\r\n"sv,
};

constexpr refused_head refused_fields[] = {
    {501, "~Transfer-Encoding: gzip, chunked\r\n|\r\n0\r\n\r\n"sv},
    {417, "~Expect: 200-ok\r\n|\r\n"sv},
    {417, "~Expect: 100-continue, more\r\n|\r\n"sv},
    {417, "~Content-Length: 1\r\nExpect: 100-continued\r\n|\r\nx"sv},
};

constexpr std::string_view chunk_faults[] = {
    "x|\r\n",
    "\n|",
    "\r|\n",
    " |5\r\n",
    "-|1\r\n",
    "+|1\r\n",
    ";|a\r\n",
    "0x|5\r\n",
    "5\n|hello",
    "5\rX|hello",
    "5 \r|\nhello",
    "5 x|\r\nhello",
    "5 5|\r\nhello",
    "00000000000000005|\r\nhello",
    "11111111111111111|\r\n",
    "5;a\x01|\r\nhello",
    "5;a\n|hello",
    "5;a\rX|hello",
    "0\rX|",
    "0\n|\n",
    "0\r\nX\r|\n\r\n",
    "0\r\n:| y\r\n\r\n",
    "0\r\n |X: y\r\n\r\n",
    "0\r\nX |: y\r\n\r\n",
    "0\r\nX: a\x01|\r\n\r\n",
    "0\r\nX: a\n|\n",
    "0\r\nX: a\rb|\r\n",
    "0\r\n\rX|",
    "0\r\n\n|",
};

void append_expanded(std::string& out, std::string_view text) {
    for (const char byte : text) {
        if (byte == '~') {
            out += "Host: sim\r\n";
        } else {
            out.push_back(byte);
        }
    }
}

/// Appends the text and answers where its '|' stood.
std::size_t append_shown(std::string& out, std::string_view text) {
    const std::size_t mark = text.find('|');
    append_expanded(out, text.substr(0, mark));
    const std::size_t shown = out.size();
    append_expanded(out, text.substr(mark + 1));
    return shown;
}

std::size_t plan_malformed(random_source& draw, planned_exchange& made) {
    std::string& out = made.bytes;
    out.reserve(128);
    const std::uint64_t drawn = draw.below(100);
    if (drawn < 45) {
        const refused_head& chosen = draw.pick(refused_lines);
        if (drawn < 5 && chosen.text.front() != '\r' && chosen.text.front() != '\n') {
            out += "\r\n\r\n";
        }
        made.answer = refusal(chosen.status);
        return append_shown(out, chosen.text);
    }
    constexpr std::string_view lines[] = {"GET /plain HTTP/1.1\r\n", "HEAD /plain HTTP/1.1\r\n",
                                          "POST /tell HTTP/1.1\r\n", "PUT /echo?a HTTP/1.7\r\n"};
    out += draw.pick(lines);
    if (drawn < 52) {
        const refused_head& chosen = draw.pick(refused_fields);
        made.answer = refusal(chosen.status);
        return append_shown(out, chosen.text);
    }
    made.answer = refusal(400);
    return append_shown(out, draw.pick(refused_fields_400));
}

std::size_t plan_long_head(random_source& draw, std::size_t limit, planned_exchange& made) {
    std::string& out = made.bytes;
    const bool ends_at_once = draw.coin();
    const bool is_one_line = draw.coin();
    out.reserve(limit + 32);
    out += "GET /plain HTTP/1.1\r\nHost: sim\r\nX-Long: ";
    // Few enough for any limit on their number.
    for (int lines = 2; !is_one_line && lines < 8; ++lines) {
        out += "value of one line\r\nX-More: ";
    }
    // The last byte of the head is the first too many.
    out.append(limit + 1 - 4 - out.size(), 'v');
    if (!ends_at_once) {
        out += "more";
    }
    out += "\r\n\r\n";
    made.answer = refusal(431);
    return limit;
}

std::size_t plan_many_lines(random_source& draw, std::size_t count, planned_exchange& made) {
    std::string& out = made.bytes;
    out.reserve(64 + 4 * count);
    out += "GET /plain HTTP/1.1\r\n";
    const bool has_host = draw.coin();
    if (has_host) {
        out += "Host: sim\r\n";
    }
    for (std::size_t line = has_host ? 1 : 0; line < count; ++line) {
        out += "a:\r\n";
    }
    const std::size_t shown = out.size() + 1;
    out += "b: one too many\r\n\r\n";
    made.answer = refusal(431);
    return shown;
}

std::size_t plan_long_target(random_source& draw, std::size_t limit, planned_exchange& made) {
    std::string& out = made.bytes;
    out.reserve(limit + 64);
    out += "GET /";
    if (draw.coin()) {
        out += "a?b=";
    }
    constexpr std::size_t target_begin = 4;
    out.append(target_begin + limit + 1 - out.size(), 'c');
    const std::size_t shown = out.size();
    if (draw.coin()) {
        out += "and more";
    }
    out += " HTTP/1.1\r\nHost: sim\r\n\r\n";
    made.answer = refusal(414);
    return shown;
}

}  // namespace

void plan_refused_head(random_source& draw, const http::service_limits& limits,
                       planned_exchange& made) {
    constexpr std::size_t line_bytes = 4;
    constexpr std::size_t rest_bytes = 40;
    const std::size_t head_max = limits.head.header_bytes_max;
    const bool may_count = rest_bytes + line_bytes * limits.head.header_count_max < head_max;
    const bool may_aim = rest_bytes + limits.head.target_bytes_max < head_max;
    // Long heads cost what they say: rarely, where the limit is high.
    const std::uint64_t drawn = draw.below(head_max > 2'048 ? 100 : 25);
    std::size_t shown = 0;
    if (drawn == 0) {
        shown = plan_long_head(draw, head_max, made);
    } else if (drawn == 1 && may_count) {
        shown = plan_many_lines(draw, limits.head.header_count_max, made);
    } else if (drawn == 2 && may_aim) {
        shown = plan_long_target(draw, limits.head.target_bytes_max, made);
    } else {
        shown = plan_malformed(draw, made);
    }
    made.head_bytes = made.bytes.size();
    made.answerable_from = shown;
    made.answered_from = shown;
}

std::string_view draw_chunk_fault(random_source& draw) {
    return draw.pick(chunk_faults);
}

std::size_t append_marked(std::string& out, std::string_view text) {
    const std::size_t mark = text.find('|');
    out += text.substr(0, mark);
    const std::size_t shown = out.size();
    out += text.substr(mark + 1);
    return shown;
}

}  // namespace rouse::sim
