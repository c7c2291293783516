#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/http_drive.hpp"
#include "tests/support/http_routes.hpp"

namespace rouse::test {
namespace {

// What it was told, as one line each.
class seen_answers final : public http::access_observer {
   public:
    void answered(const http::access_record& record) noexcept override {
        std::string line = record.peer.to_string();
        line += record.user.empty() ? "" : " (" + std::string(record.user) + ")";
        line += record.head == nullptr ? " -"
                                       : " " + std::string(record.head->method_name) + " " +
                                             std::string(record.head->target);
        line += " " + std::to_string(record.status) + " " + std::to_string(record.body_bytes);
        line += " " + std::to_string(to_milliseconds(record.took));
        line += record.is_quiet ? " quiet" : "";
        line += record.is_cut ? " cut" : "";
        lines.push_back(std::move(line));
    }
    std::vector<std::string> lines;

   private:
    static std::int64_t to_milliseconds(duration took) {
        return std::chrono::duration_cast<milliseconds>(took).count();
    }
};

struct fixture : http_routes {
    fixture() { server.shared.observe(seen); }
    [[nodiscard]] std::vector<std::string> take() { return std::exchange(seen.lines, {}); }
    using lines = std::vector<std::string>;

    seen_answers seen;
    http_drive server{routes};
};

std::string get(std::string_view target) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

}  // namespace

TEST_SUITE("protocols/http/connection access") {
    TEST_CASE_FIXTURE(fixture, "an answer is told of once, with its request and size") {
        server.feed(get("/plain?q=1"));
        CHECK(take() == lines{"192.0.2.1 GET /plain?q=1 200 5 0"});
        server.feed("HEAD /plain HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(take() == lines{"192.0.2.1 HEAD /plain 200 0 0"});
        server.feed(get("/nowhere") + get("/plain"));
        CHECK(take() == lines{"192.0.2.1 GET /nowhere 404 14 0", "192.0.2.1 GET /plain 200 5 0"});
    }

    TEST_CASE_FIXTURE(fixture, "what leaves in pieces is told of when the last is handed over") {
        server.feed(get("/pieces"));
        CHECK(take() == lines{"192.0.2.1 GET /pieces 200 8 0"});
        server.feed(get("/large"));
        CHECK(take() == lines{"192.0.2.1 GET /large 200 20000 0"});
        server.peer->mode = fake_peer::send_mode::held;
        server.feed(get("/slow"));
        server.advance(milliseconds(1'500));
        CHECK(take().empty());
    }

    TEST_CASE_FIXTURE(fixture, "a handler that waits is told of with its time") {
        routes.get("/wait-here", [this](http::request&) { return wait_for(control); });
        server.feed(get("/wait-here"));
        server.advance(milliseconds(1'500));
        CHECK(take().empty());
        control.finish("now");
        server.run();
        CHECK(take() == lines{"192.0.2.1 GET /wait-here 200 3 1500"});
    }

    TEST_CASE_FIXTURE(fixture, "what is not understood, and what is refused, is told of") {
        server.feed("GET\r\n\r\n");
        CHECK(take() == lines{"192.0.2.1 - 400 43 0"});
        server.connect();
        server.feed("POST /all HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n");
        REQUIRE(seen.lines.size() == 1);
        CHECK(take()[0].starts_with("192.0.2.1 POST /all 413 "));
        server.connect();
        server.feed("POST /all HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n");
        REQUIRE(seen.lines.size() == 1);
        CHECK(take()[0].starts_with("192.0.2.1 POST /all 400 "));
    }

    TEST_CASE_FIXTURE(fixture, "the user that a handler names is told of, with that answer only") {
        const auto named = [](http::response made) {
            return [made = std::make_shared<http::response>(std::move(made))](
                       http::request& asked) mutable {
                asked.set_user("Aladdin");
                return std::move(*made);
            };
        };
        routes.get("/user", named(http::response::literal("named")))
            .get("/user-stream",
                 named(http::response::stream(
                     std::make_unique<pieces_body>(std::vector<std::string>{"one", "three"}),
                     http::text_plain)))
            .get("/user-later", [this](http::request& asked) {
                asked.set_user("Aladdin");
                return wait_for(control);
            });
        server.feed(get("/user") + get("/plain") + get("/user-stream") + get("/plain"));
        CHECK(take() == lines{"192.0.2.1 (Aladdin) GET /user 200 5 0",
                              "192.0.2.1 GET /plain 200 5 0",
                              "192.0.2.1 (Aladdin) GET /user-stream 200 8 0",
                              "192.0.2.1 GET /plain 200 5 0"});
        server.feed(get("/user-later"));
        control.finish("now");
        server.run();
        CHECK(take() == lines{"192.0.2.1 (Aladdin) GET /user-later 200 3 0"});
        // Nor with what is no request.
        server.feed(get("/plain") + "GET\r\n\r\n");
        CHECK(take() == lines{"192.0.2.1 GET /plain 200 5 0", "192.0.2.1 - 400 43 0"});
    }

    TEST_CASE_FIXTURE(fixture, "a body that is cut says so") {
        routes.get("/short", [](http::request&) {
            return http::response::stream(
                std::make_unique<pieces_body>(std::vector<std::string>{"one"}, 8),
                http::text_plain);
        });
        server.feed(get("/short"));
        CHECK(take() == lines{"192.0.2.1 GET /short 200 3 0 cut"});
    }

    TEST_CASE_FIXTURE(fixture, "a quiet response is told of as one") {
        routes.get("/quiet", [](http::request&) {
            http::response made = http::response::literal("ok");
            made.quiet = true;
            return made;
        });
        server.feed(get("/quiet") + get("/plain"));
        CHECK(take() ==
              lines{"192.0.2.1 GET /quiet 200 2 0 quiet", "192.0.2.1 GET /plain 200 5 0"});
    }

    TEST_CASE_FIXTURE(fixture, "shared bytes leave uncopied, in order and in one send") {
        const shared_bytes content(std::string(100'000, 's'));
        routes.get("/shared", [&](http::request&) {
            http::response made;
            made.body = content;
            return made;
        });
        server.feed(get("/plain") + get("/shared") + get("/plain"));
        REQUIRE(server.peer->sends.size() == 2);
        CHECK(server.peer->sends[0].starts_with("HTTP/1.1 200 OK"));
        CHECK(count_of(server.peer->sends[0], "HTTP/1.1 200 OK") == 2);
        CHECK(server.peer->sends[0].ends_with("\r\n\r\n" + std::string(100'000, 's')));
        CHECK(server.peer->sends[1].ends_with("hello"));
        CHECK(take() == lines{"192.0.2.1 GET /plain 200 5 0", "192.0.2.1 GET /shared 200 100000 0",
                              "192.0.2.1 GET /plain 200 5 0"});
        server.feed("HEAD /shared HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(server.peer->sends[2].ends_with("Content-Length: 100000\r\n\r\n"));
    }

    TEST_CASE_FIXTURE(fixture, "more shared bytes than one send takes leave in pieces") {
        const shared_bytes content(std::string(http::shared_body_bytes_max + 1, 's'));
        routes.get("/shared", [&](http::request&) {
            http::response made;
            made.body = content;
            return made;
        });
        server.feed(get("/shared") + get("/plain"));
        CHECK(server.peer->sends.size() > 10);
        CHECK(server.peer->output.ends_with("hello"));
        CHECK(count_of(server.peer->output, "sss") > http::shared_body_bytes_max - 10);
    }
}

}  // namespace rouse::test
