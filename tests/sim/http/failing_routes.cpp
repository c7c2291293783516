#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "runtime/time/sleep.hpp"
#include "tests/sim/http/route_content.hpp"
#include "tests/sim/http/routes.hpp"

namespace rouse::sim {
namespace {

using http::request;
using http::response;

response throw_at_once(request& asked) {
    if (asked.head().query == "number") {
        throw 42;  // NOLINT: also what is no exception class.
    }
    throw std::runtime_error("plain");
}

task<response> throw_in_coroutine(request& /*asked*/) {
    throw std::runtime_error("coroutine");
    co_return response();
}

// It throws while it makes its task, not when that is polled.
task<response> throw_instead_of_task(request& /*asked*/) {
    throw std::runtime_error("no task");
}

task<response> throw_late(request& asked) {
    co_await sleep_for(milliseconds(parse_number(asked.param("ms")).value_or(0)));
    throw std::runtime_error("late");
}

response with_header(std::string_view name, std::string value) {
    response made = response::literal("never");
    made.headers.push_back({.name = name, .value = std::move(value)});
    return made;
}

response with_status(int status) {
    response made = response::literal("never");
    made.status = status;
    return made;
}

// One of the responses that cannot be written.
response unwritable(std::uint64_t kind) {
    switch (kind) {
        case 0:
            return with_status(99);
        case 1:
            return with_status(600);
        case 2:
            return with_status(100);
        case 3:
            return with_header("Bad Name", "x");
        case 4:
            return with_header("X-Split", "a\r\nX-Other: b");
        case 5:
            return response::literal("never", "text/\x01");
        case 6:
            return with_header("Date", "today");
        case 7:
            return with_header("content-length", "5");
        case 8:
            return response::stream(nullptr, http::text_plain);
        case 9: {
            response made = with_header("X-Many", "x");
            made.headers.resize(http::response_headers_max + 1, made.headers.front());
            return made;
        }
        case 10:
            return with_header("", "x");
        default:
            return with_header("tRANSFER-eNCODING", "chunked");
    }
}

response answer_unwritably(request& asked) {
    return unwritable(parse_number(asked.param("kind")).value_or(0));
}

task<response> answer_unwritably_later(request& asked) {
    co_return unwritable(parse_number(asked.param("kind")).value_or(0));
}

}  // namespace

void add_failing_routes(http::router& routes) {
    using namespace route_methods;
    routes.on(get_or_post, "/throw", throw_at_once)
        .on(get_or_post, "/throw/async", throw_in_coroutine)
        .get("/throw/task", throw_instead_of_task)
        .get("/throw/late/{ms}", throw_late)
        .on(get_or_post, "/bad/{kind}", answer_unwritably)
        .get("/bad/later/{kind}", answer_unwritably_later);
}

}  // namespace rouse::sim
