#include <cerrno>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
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
    /// The connection closes as soon as its peer does not send any more.
    [[nodiscard]] bool is_closing() {
        server.peer->end();
        server.run();
        return !server.is_open() && server.take_output().empty();
    }
    void add(std::string_view pattern, std::vector<std::string> pieces,
             std::optional<std::uint64_t> length, std::error_code failing = {}) {
        routes.get(pattern, [=](http::request&) {
            return http::response::stream(std::make_unique<pieces_body>(pieces, length, failing),
                                          http::text_plain);
        });
    }
};

}  // namespace

TEST_SUITE("protocols/http/connection stream") {
    TEST_CASE_FIXTURE(fixture, "a body of unknown length is chunked") {
        CHECK(get("/pieces") ==
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n5\r\nthree\r\n0\r\n\r\n");
        CHECK(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "a body of known length has a Content-Length") {
        CHECK(get("/counted") ==
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Content-Length: 8\r\n\r\nonethree");
        CHECK(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "to HTTP/1.0 a body of unknown length ends with the connection") {
        CHECK(server.ask("GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") ==
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Connection: close\r\n\r\nonethree");
        server.peer->end();
        server.run();
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "responses behind a stream follow its end") {
        const std::string requests = "GET /pieces" + std::string(host) + "GET /large" +
                                     std::string(host) + "GET /counted" + std::string(host) +
                                     "GET /plain" + std::string(host);
        for (const auto mode :
             {fake_peer::send_mode::immediately, fake_peer::send_mode::in_turns}) {
            server.connect();
            server.peer->mode = mode;
            const std::string answers = server.ask(requests);
            CHECK(count_of(answers, "0\r\n\r\nHTTP/1.1 200 OK") == 1);
            CHECK(count_of(answers, "xHTTP/1.1 200 OK") == 1);
            CHECK(count_of(answers, "onethreeHTTP/1.1 200 OK") == 1);
            CHECK(answers.ends_with("\r\n\r\nhello"));
        }
    }

    TEST_CASE_FIXTURE(fixture, "a body that fails is cut off and nothing follows it") {
        add("/failing", {"one"}, std::nullopt, errno_code(EIO));
        add("/failing-counted", {"one"}, 8, errno_code(EIO));
        for (const std::string path : {"/failing", "/failing-counted"}) {
            server.connect();
            const std::string answer =
                server.ask("GET " + path + std::string(host) + "GET /plain" + std::string(host));
            CHECK(count_of(answer, "HTTP/1.1") == 1);
            CHECK(count_of(answer, "hello") == 0);
            CHECK(count_of(answer, "\r\n0\r\n") == 0);
            CHECK(is_closing());
        }
    }

    TEST_CASE_FIXTURE(fixture, "the answers before a body that fails are sent") {
        add("/failing", {}, std::nullopt, errc::cancelled);
        const std::string answer =
            server.ask("GET /plain" + std::string(host) + "GET /failing" + std::string(host));
        CHECK(count_of(answer, "\r\n\r\nhelloHTTP/1.1 200 OK\r\n") == 1);
        CHECK(answer.ends_with("\r\n\r\n"));
        CHECK(is_closing());
    }

    TEST_CASE_FIXTURE(fixture,
                      "a body that fails ends in a clean close, and what the peer sends is read") {
        add("/fails", {"one"}, std::nullopt, errno_code(EIO));
        (void)get("/fails");
        CHECK(server.peer->write_ended);
        CHECK(server.is_open());  // A close with bytes unread would be a reset.
        server.feed("GET /plain" + std::string(host));
        CHECK(server.peer->unread() == 0);
        CHECK(is_closing());
    }

    TEST_CASE_FIXTURE(fixture, "a body that fails at once is cut off too") {
        add("/failing", {}, std::nullopt, errno_code(EIO));
        const std::string answer =
            server.ask("GET /failing" + std::string(host) + "GET /plain" + std::string(host));
        CHECK(count_of(answer, "hello") == 0);
        CHECK(is_closing());
    }

    TEST_CASE_FIXTURE(fixture, "a body that is longer than its length is cut off before that") {
        add("/long", {"one", "three"}, 5);
        const std::string answer =
            server.ask("GET /long" + std::string(host) + "GET /plain" + std::string(host));
        const std::string body = answer.substr(answer.find("\r\n\r\n") + 4);
        CHECK(body.size() <= 5);
        CHECK(std::string("onethree").starts_with(body));
        CHECK(is_closing());
    }

    TEST_CASE_FIXTURE(fixture, "a body of more than no bytes is cut off") {
        add("/long", {"one"}, 0);
        const std::string answer =
            server.ask("GET /long" + std::string(host) + "GET /plain" + std::string(host));
        CHECK(count_of(answer, "one") == 0);
        CHECK(count_of(answer, "hello") == 0);
        CHECK(is_closing());
    }

    TEST_CASE_FIXTURE(fixture, "a body that is shorter than its length is cut off") {
        add("/short", {"one"}, 5);
        const std::string answer =
            server.ask("GET /short" + std::string(host) + "GET /plain" + std::string(host));
        CHECK(count_of(answer, "HTTP/1.1") == 1);
        CHECK(is_closing());
    }

    TEST_CASE_FIXTURE(fixture, "a body of no bytes is a whole body") {
        add("/none", {}, std::nullopt);
        add("/none-counted", {}, 0);
        CHECK(get("/none").ends_with("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
        CHECK(get("/none-counted").ends_with("Content-Length: 0\r\n\r\n"));
        CHECK(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "a status without content has none of its stream") {
        for (const int status : {204, 304}) {
            const std::string path = "/s" + std::to_string(status);
            routes.get(path, [status](http::request&) {
                http::response made = http::response::stream(
                    std::make_unique<pieces_body>(std::vector<std::string>{"one"}), {});
                made.status = status;
                return made;
            });
            const std::string answer = get(path);
            CHECK(answer.ends_with("\r\n\r\n"));
            CHECK(count_of(answer, "Transfer-Encoding") == 0);
            CHECK(get("/plain").ends_with("hello"));
        }
    }

    TEST_CASE_FIXTURE(fixture,
                      "a stream that waits holds up neither its head nor earlier answers") {
        SUBCASE("with nothing to send before") {
            const std::string answers =
                server.ask("GET /plain" + std::string(host) + "GET /slow" + std::string(host));
            CHECK(count_of(answers, "HTTP/1.1 200 OK") == 2);
            CHECK(answers.ends_with("Transfer-Encoding: chunked\r\n\r\n"));
        }
        SUBCASE("with an earlier send under way") {
            server.peer->mode = fake_peer::send_mode::held;
            server.feed("GET /plain" + std::string(host));
            server.feed("GET /slow" + std::string(host));
            CHECK(server.peer->sends_started == 1);
            server.peer->finish_send();
            server.run();
            CHECK(server.peer->sends_started == 2);
            CHECK(count_of(server.peer->in_flight(), "Transfer-Encoding: chunked\r\n\r\n") == 1);
        }
        CHECK(server.peer->leased() == 0);
        server.drop();
    }

    TEST_CASE_FIXTURE(fixture, "each piece of a slow stream leaves when it is there") {
        (void)get("/slow");
        control.finish("ab");
        server.run();
        CHECK(server.take_output() == "2\r\nab\r\n");
        control.finish("cde");
        server.run();
        CHECK(server.take_output() == "3\r\ncde\r\n");
        control.finish("");
        server.run();
        CHECK(server.take_output() == "0\r\n\r\n");
        CHECK(get("/plain").ends_with("hello"));
    }

    TEST_CASE_FIXTURE(fixture, "a slow stream ends when its peer cannot be sent to") {
        (void)get("/slow");
        server.peer->fail_send = server.peer->sends_started;
        control.finish("ab");
        server.run();
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "a stream waits for its peer with one piece at most") {
        int asked = 0;
        struct endless final : http::body_source {
            explicit endless(int& count) : asked(count) {}
            rouse::poll<result<owned_bytes>> poll_next(context&) override {
                ++asked;
                return result<owned_bytes>(owned_bytes::from_static("0123456789"));
            }
            int& asked;
        };
        routes.get("/endless", [&](http::request&) {
            return http::response::stream(std::make_unique<endless>(asked), {});
        });
        server.peer->mode = fake_peer::send_mode::held;
        server.feed("GET /endless" + std::string(host));
        CHECK(asked <= 2);
        for (int i = 0; i < 10; ++i) {
            server.peer->finish_send();
            server.run();
        }
        CHECK(asked <= 12);
        CHECK(server.peer->in_flight() == "a\r\n0123456789\r\n");
        server.drop();
    }

    TEST_CASE_FIXTURE(fixture, "the content type may be text of the request") {
        routes.get("/type", [](http::request& asked) {
            return http::response::stream(
                std::make_unique<pieces_body>(std::vector<std::string>{"a"}, 1),
                asked.head().query);
        });
        routes.get("/large-type", [](http::request& asked) {
            return http::response::text(std::string(http::body_bytes_copied_max + 1, 'y'),
                                        asked.head().query);
        });
        const std::string type(300, 't');  // Does not fit into a short string.
        const std::string answers =
            server.ask("GET /type?" + type + std::string(host) + "GET /large-type?" + type +
                       std::string(host) + "GET /plain" + std::string(host));
        CHECK(count_of(answers, "Content-Type: " + type + "\r\n") == 2);
        CHECK(answers.ends_with("hello"));
    }

    TEST_CASE_FIXTURE(fixture, "a stream that throws ends its connection and no other") {
        struct throwing final : http::body_source {
            rouse::poll<result<owned_bytes>> poll_next(context&) override {
                throw std::bad_alloc();
            }
        };
        routes.get("/throw", [](http::request&) {
            return http::response::stream(std::make_unique<throwing>(), {});
        });
        (void)get("/throw");
        CHECK_FALSE(server.is_open());
        server.connect();
        CHECK(get("/plain").ends_with("hello"));
    }
}

}  // namespace rouse::test
