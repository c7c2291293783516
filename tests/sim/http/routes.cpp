#include "tests/sim/http/routes.hpp"

#include <optional>
#include <string>
#include <string_view>

#include "protocols/http/target.hpp"
#include "runtime/task/yield_now.hpp"
#include "runtime/time/sleep.hpp"
#include "tests/sim/http/route_content.hpp"

namespace rouse::sim {
namespace {

using http::request;
using http::response;

response refused(std::string_view why) {
    response made = response::literal(why);
    made.status = 400;
    return made;
}

response say(request& asked) {
    const auto word = http::find_query(asked.head().query, "word");
    const auto decoded = http::form_decode(word.value_or("none"));
    return decoded ? response::text("said " + *decoded) : refused("undecodable\n");
}

response repeat_path(request& asked) {
    const auto word = http::percent_decode(asked.param("word"));
    const auto rest = http::percent_decode(asked.param("rest"));
    return word && rest ? response::text(*word + "|" + *rest) : refused("undecodable\n");
}

response show(request& asked) {
    const http::request_head& head = asked.head();
    return response::text(describe({.method = head.method_name,
                                    .target = head.target,
                                    .path = head.path,
                                    .query = head.query,
                                    .host = head.host,
                                    .tag = head.find("x-tag").value_or("-"),
                                    .minor_version = head.minor_version,
                                    .header_count = head.headers.size()}));
}

response literal_bytes(request& asked) {
    const auto size = parse_number(asked.param("size"));
    return size && *size <= noise_bytes ? response::literal(noise(0, *size)) : refused("no size\n");
}

response owned_bytes_of(request& asked) {
    const auto size = parse_number(asked.param("size"));
    const auto number = parse_number(asked.head().query);
    return size && number && *size <= noise_bytes - noise_begin_max
               ? response::text(std::string(noise(noise_begin_of(*number), *size)))
               : refused("no size\n");
}

response with_status(request& asked) {
    const auto code = parse_number(asked.param("code"));
    return response::of_status(static_cast<int>(code.value_or(0)));
}

// Text that a status forbids to send.
response mute(request& asked) {
    response made = response::text("not to be seen");
    made.status = static_cast<int>(parse_number(asked.param("code")).value_or(0));
    return made;
}

response closing(request& asked) {
    response made = response::text("bye " + std::string(asked.head().query));
    made.close = true;
    return made;
}

response with_headers(request& asked) {
    response made = response::literal("see the lines above");
    made.headers.push_back({.name = "X-Query", .value = std::string(asked.head().query)});
    made.headers.push_back({.name = "X-Empty", .value = ""});
    made.headers.push_back({.name = "Set-Cookie", .value = "a=1; Path=/"});
    made.headers.push_back({.name = "Set-Cookie", .value = "b=\"\t\xff\""});
    return made;
}

// A content type that is text of the request.
response same_type(request& asked) {
    return response::literal("as you say", asked.head().content_type);
}

task<response> wait(request& asked) {
    const auto count = parse_number(asked.param("ms")).value_or(0);
    co_await sleep_for(milliseconds(count));
    co_return response::text("waited for " + std::string(asked.head().query));
}

task<response> give_way(request& asked) {
    const auto count = parse_number(asked.param("times")).value_or(0);
    for (std::uint64_t done = 0; done < count; ++done) {
        co_await yield_now();
    }
    co_return response::text("gave way " + std::string(asked.head().query));
}

}  // namespace

void add_text_routes(http::router& routes) {
    using namespace route_methods;
    routes.get("/", [](request&) { return response::literal("root\n"); })
        .get("/plain", [](request&) { return response::literal("hello\n"); })
        .get("/json",
             [](request&) { return response::literal("{\"a\":1}", http::application_json); })
        .get("/html", [](request&) { return response::literal("<p>hi", http::text_html); })
        .get("/untyped", [](request&) { return response::literal("no type", {}); })
        .on(get_or_post, "/say", say)
        .get("/of/{word}/{rest...}", repeat_path)
        .on(named, "/show", show)
        .on(get_or_post, "/bytes/{size}", literal_bytes)
        .on(get_or_post, "/text/{size}", owned_bytes_of)
        .get("/status/{code}", with_status)
        .get("/mute/{code}", mute)
        .on(get_or_post, "/close", closing)
        .get("/headers", with_headers)
        .on(get_or_post, "/type", same_type)
        .on(get_or_post, "/wait/{ms}", wait)
        .on(get_or_post, "/yield/{times}", give_way);
}

void add_routes(http::router& routes) {
    add_text_routes(routes);
    add_stream_routes(routes);
    add_body_routes(routes);
    add_failing_routes(routes);
}

}  // namespace rouse::sim
