#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/http_drive.hpp"
#include "tests/support/http_routes.hpp"

namespace rouse::test {
namespace {

constexpr std::string_view host = " HTTP/1.1\r\nHost: a\r\n\r\n";

struct fixture : http_routes {
    http_drive server{routes};

    [[nodiscard]] std::string get(std::string_view path) {
        return server.ask("GET " + std::string(path) + std::string(host));
    }
    /// A route for this response, answered at once, and one for it from a coroutine. A POST has a
    /// body, too.
    template <class Make>
    void add(const std::string& path, Make make) {
        constexpr auto both = http::to_mask(http::method::get) | http::to_mask(http::method::post);
        const auto methods = static_cast<http::method_mask>(both);
        routes.on(methods, path, [make](http::request&) { return make(); });
        routes.on(methods, path + "/async",
                  [make](http::request&) { return from_coroutine(make); });
    }
    template <class Make>
    static task<http::response> from_coroutine(Make make) {
        co_return make();
    }
    /// All four ways to the route: each answer must be the same.
    [[nodiscard]] std::string ask_all_ways(const std::string& path) {
        const std::string answer = get(path);
        CHECK(get(path + "/async") == answer);
        const std::string body = " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
        CHECK(server.ask("POST " + path + body) == answer);
        CHECK(server.ask("POST " + path + "/async" + body) == answer);
        CHECK(get("/plain").ends_with("\r\n\r\nhello"));
        return answer;
    }
};

constexpr std::string_view internal_error = "HTTP/1.1 500 Internal Server Error\r\n";

http::response with_header(std::string_view name, std::string value) {
    http::response made = http::response::literal("fine");
    made.headers.push_back({.name = name, .value = std::move(value)});
    return made;
}

}  // namespace

TEST_SUITE("protocols/http/connection response") {
    TEST_CASE_FIXTURE(fixture, "headers of a handler are written") {
        add("/header", [] { return with_header("X-Y", "z"); });
        CHECK(count_of(ask_all_ways("/header"), "\r\nX-Y: z\r\n") == 1);
    }

    TEST_CASE_FIXTURE(fixture, "shared headers are in front of its own, common ones behind") {
        using headers = std::vector<http::response_header>;
        const http::shared_headers common(headers{{.name = "X-C", .value = "c"}});
        const auto shared = std::make_shared<const http::shared_headers>(
            headers{{.name = "X-A", .value = "a"}, {.name = "X-B", .value = "b"}});
        add("/three", [&common, shared] {
            http::response made = with_header("X-Y", "z");
            made.shared = shared;
            made.common = &common;
            return made;
        });
        CHECK(ask_all_ways("/three").contains("\r\nX-A: a\r\nX-B: b\r\nX-Y: z\r\nX-C: c\r\n\r\n"));
    }

    TEST_CASE_FIXTURE(fixture, "common headers that would break the head apart become a 500") {
        const http::shared_headers common({{.name = "X-C", .value = "c\r\nSet-Cookie: a"}});
        add("/common", [&common] {
            http::response made = http::response::literal("fine");
            made.common = &common;
            return made;
        });
        const std::string answer = ask_all_ways("/common");
        CHECK(answer.starts_with(internal_error));
        CHECK(count_of(answer, "Set-Cookie") == 0);
    }

    TEST_CASE_FIXTURE(fixture, "a header that would break the head apart becomes a 500") {
        add("/value", [] { return with_header("X-Y", "z\r\nSet-Cookie: a"); });
        add("/name", [] { return with_header("X Y", "z"); });
        add("/none", [] { return with_header("", "z"); });
        for (const std::string path : {"/value", "/name", "/none"}) {
            const std::string answer = ask_all_ways(path);
            CHECK(answer.starts_with(internal_error));
            CHECK(count_of(answer, "Set-Cookie") == 0);
        }
        CHECK(server.counters().handler_exceptions == 12);
    }

    TEST_CASE_FIXTURE(fixture, "a header that the connection writes itself becomes a 500") {
        for (const std::string_view name : {"content-length", "Transfer-Encoding", "CONNECTION",
                                            "Date", "Server", "Content-Type"}) {
            const std::string path = "/" + std::string(name);
            add(path, [name] { return with_header(name, "5"); });
            CHECK(ask_all_ways(path).starts_with(internal_error));
        }
    }

    TEST_CASE_FIXTURE(fixture, "more headers than the bound become a 500") {
        add("/most", [] {
            http::response made = http::response::literal("fine");
            made.headers.resize(32, {.name = "A", .value = "b"});
            return made;
        });
        add("/more", [] {
            http::response made = http::response::literal("fine");
            made.headers.resize(33, {.name = "A", .value = "b"});
            return made;
        });
        CHECK(count_of(ask_all_ways("/most"), "A: b\r\n") == 32);
        CHECK(ask_all_ways("/more").starts_with(internal_error));
    }

    TEST_CASE_FIXTURE(fixture, "a content type that would break the head apart becomes a 500") {
        add("/type", [] { return http::response::literal("fine", "a/b\r\nX: y"); });
        CHECK(ask_all_ways("/type").starts_with(internal_error));
    }

    TEST_CASE_FIXTURE(fixture, "a status that is none of a final response becomes a 500") {
        for (const int status : {0, 100, 101, 199, 600, -1}) {
            const std::string path = "/s" + std::to_string(status);
            add(path, [status] {
                http::response made = http::response::literal("fine");
                made.status = status;
                return made;
            });
            CHECK(ask_all_ways(path).starts_with(internal_error));
        }
    }

    TEST_CASE_FIXTURE(fixture, "a stream of nothing becomes a 500") {
        add("/null", [] { return http::response::stream(nullptr, {}); });
        CHECK(ask_all_ways("/null").starts_with(internal_error));
    }

    TEST_CASE_FIXTURE(fixture, "a status without content is written without") {
        for (const int status : {204, 304}) {
            const std::string path = "/s" + std::to_string(status);
            add(path, [status] {
                http::response made = http::response::text("content");
                made.status = status;
                return made;
            });
            const std::string answer = ask_all_ways(path);
            CHECK(answer.ends_with("\r\n\r\n"));
            CHECK(count_of(answer, "Content-Length") == 0);
        }
    }

    TEST_CASE_FIXTURE(fixture, "205 says that it has no content") {
        add("/reset", [] { return http::response::of_status(205); });
        CHECK(ask_all_ways("/reset").ends_with("Content-Length: 0\r\n\r\n"));
    }

    TEST_CASE_FIXTURE(fixture, "what a handler throws becomes a 500 and the connection goes on") {
        add("/standard", []() -> http::response { throw std::runtime_error("x"); });
        add("/odd", []() -> http::response { throw 7; });
        add("/memory", []() -> http::response { throw std::bad_alloc(); });
        for (const std::string path : {"/standard", "/odd", "/memory"}) {
            CHECK(ask_all_ways(path).starts_with(internal_error));
        }
        CHECK(server.counters().handler_exceptions == 12);
        CHECK(server.counters().requests == 15);
    }

    TEST_CASE_FIXTURE(fixture, "a handler that throws after it has waited becomes a 500") {
        control.throws = true;
        CHECK(get("/wait").starts_with(internal_error));
        control.throws = false;
        (void)get("/wait");
        control.throws = true;
        std::exchange(control.waker, local_waker()).wake_by_ref();
        server.run();
        CHECK(server.take_output().starts_with(internal_error));
        CHECK(get("/plain").ends_with("hello"));
    }

    TEST_CASE_FIXTURE(fixture, "large owned bodies keep their place in a pipeline") {
        for (const std::size_t size :
             {http::body_bytes_copied_max, http::body_bytes_copied_max + 1, std::size_t{100'000}}) {
            const std::string path = "/large" + std::to_string(size);
            add(path, [size] { return http::response::text(std::string(size, 'z')); });
            const std::string one = "GET /plain" + std::string(host);
            const std::string large = "GET " + path + std::string(host);
            const std::string waited = "GET " + path + "/async" + std::string(host);
            std::string asked = one;
            for (const std::string& next : {large, one, waited, large, one}) {
                asked += next;
            }
            const std::string answers = server.ask(asked);
            CHECK(count_of(answers, "zHTTP/1.1 200 OK") == 3);
            CHECK(count_of(answers, "helloHTTP/1.1 200 OK") == 2);
            CHECK(count_of(answers, "z") == 3 * size);
            CHECK(answers.ends_with("hello"));
        }
    }

    TEST_CASE_FIXTURE(fixture, "a response that closes says so and is the last one") {
        add("/last", [] {
            http::response made = http::response::literal("fine");
            made.close = true;
            return made;
        });
        for (const std::string path : {"/last", "/last/async"}) {
            server.connect();
            const std::string answers =
                server.ask("GET " + path + std::string(host) + "GET /plain" + std::string(host));
            CHECK(count_of(answers, "HTTP/1.1") == 1);
            CHECK(count_of(answers, "Connection: close\r\n") == 1);
            // The peer may be sending more: it is given the time to see the answer.
            CHECK(server.peer->write_ended);
            CHECK(server.is_open());
            server.peer->end();
            server.run();
            CHECK_FALSE(server.is_open());
        }
    }
}

}  // namespace rouse::test
