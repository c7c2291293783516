#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/http_drive.hpp"
#include "tests/support/http_routes.hpp"

namespace rouse::test {
namespace {

// Every kind of handler, body and response, in one pipeline.
std::string all_kinds(std::initializer_list<std::string> bodies = {"/ignore", "/all", "/piece",
                                                                   "/echo"}) {
    std::string requests;
    for (const std::string path :
         {"/plain", "/pieces", "/large", "/counted", "/nowhere", "/plain"}) {
        requests += "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
    }
    for (const std::string& path : bodies) {
        requests += "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd";
        requests += "POST " + path +
                    " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "2\r\nab\r\n2\r\ncd\r\n0\r\nA: b\r\n\r\n";
    }
    return requests +
           "POST /all HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
           "Expect: 100-continue\r\nConnection: close\r\n\r\nabcd";
}

// In pieces of several sizes, so that there are many polls to stop at.
void send_in_pieces(fake_peer& peer, std::string_view bytes, std::size_t step) {
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        peer.send(bytes.substr(at, step));
    }
}

// Takes no notice of a body that cannot be read.
task<http::response> careless(http::request& asked, manual_control<std::string>& control) {
    while (true) {
        const auto piece = co_await http::next(asked.body());
        if (!piece || piece->empty()) {
            break;
        }
    }
    co_return http::response::text(co_await manual_future<std::string>(control));
}

constexpr std::size_t polls_max = 10'000;

}  // namespace

TEST_SUITE("protocols/http/connection faults") {
    TEST_CASE("a connection may be dropped after any poll") {
        http_routes routes;
        const std::string requests = all_kinds();
        for (const std::size_t step : {std::size_t{11}, std::size_t{97}, requests.size()}) {
            bool finished = false;
            for (std::size_t stop = 0; !finished && stop < polls_max; ++stop) {
                http_drive server(routes.routes);
                server.task_budget = 2;  // Many polls.
                send_in_pieces(*server.peer, requests, step);
                for (std::size_t polls = 0; polls < stop && server.is_open(); ++polls) {
                    if (!server.step() && !server.peer->take_turn()) {
                        break;
                    }
                }
                finished = !server.is_open();
                server.drop();
                CHECK(server.peer->is_closed);
                CHECK_FALSE(server.peer->is_sending());
            }
            CHECK(finished);
        }
    }

    TEST_CASE("an answer that fails while the rest of its body is awaited ends the connection") {
        http_routes routes;
        http_drive server(routes.routes);
        server.peer->fail_send = 0;
        server.feed("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabcd");
        CHECK(server.peer->sends_started == 1);
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE("a connection ends when any of its sends fails") {
        http_routes routes;
        const std::string requests = all_kinds();
        for (const auto mode :
             {fake_peer::send_mode::immediately, fake_peer::send_mode::in_turns}) {
            http_drive whole(routes.routes);
            whole.peer->mode = mode;
            whole.feed(requests);
            REQUIRE_FALSE(whole.is_open());
            REQUIRE(whole.peer->sends_started > 5);
            for (std::size_t number = 0; number < whole.peer->sends_started; ++number) {
                http_drive server(routes.routes);
                server.peer->mode = mode;
                server.peer->fail_send = number;
                server.feed(requests);
                CHECK_FALSE(server.is_open());
                CHECK_FALSE(server.failed);
                // Nothing is sent behind what was lost.
                CHECK(plain(whole.peer->output).starts_with(plain(server.peer->output)));
                CHECK(server.peer->sends.size() == number);
            }
        }
    }

    TEST_CASE("no memory for any of the sends ends the connection and no other") {
        http_routes routes;
        const std::string requests = all_kinds();
        http_drive whole(routes.routes);
        whole.feed(requests);
        for (std::size_t number = 0; number < whole.peer->sends_started; ++number) {
            http_drive server(routes.routes);
            server.peer->throw_send = number;
            server.feed(requests);
            CHECK_FALSE(server.is_open());
            CHECK(server.failed);
            server.connect();
            CHECK(server.ask("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("hello"));
        }
    }

    TEST_CASE("nothing is sent behind a lost answer, whatever the handler makes of it") {
        http_routes routes;
        routes.routes.post("/careless",
                           [&](http::request& asked) { return careless(asked, routes.control); });
        const std::string get = "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n";
        for (const bool with_body : {true, false}) {
            http_drive server(routes.routes);
            server.peer->mode = fake_peer::send_mode::held;
            server.peer->fail_send = 0;
            server.feed(get);
            server.feed(get + (with_body ? "POST /careless HTTP/1.1\r\nHost: a\r\n"
                                           "Content-Length: 4\r\n\r\nab"
                                         : "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"));
            server.peer->finish_send();
            server.run();
            CHECK(server.peer->sends_started == 1);
            CHECK_FALSE(server.is_open());
            CHECK_FALSE(routes.control.waker);  // The handler is dropped: nobody gets its answer.
        }
    }

    TEST_CASE("a peer may end or fail after any byte") {
        http_routes routes;
        // How much of a body is there decides on the chunks of its echo, and on what /piece says.
        const std::string requests = all_kinds({"/ignore", "/all"});
        http_drive whole(routes.routes);
        const std::string expected = whole.ask(requests);
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        http_drive server(routes.routes);
        for (const bool is_clean : {true, false}) {
            for (std::size_t size = 0; size < requests.size(); ++size) {
                server.connect();
                server.peer->send(std::string_view(requests).substr(0, size));
                server.peer->end_with(is_clean ? std::error_code() : errno_code(ECONNRESET));
                server.run();
                CHECK_FALSE(server.is_open());
                CHECK_FALSE(server.failed);
                std::string output = server.take_output();
                if (output.ends_with(go_on)) {  // Whose body was there at once in the whole.
                    output.resize(output.size() - go_on.size());
                }
                CHECK(expected.starts_with(output));
            }
        }
    }

    TEST_CASE("a peer that ends while sends are held gets the rest when it reads") {
        http_routes routes;
        const std::string requests = all_kinds();
        http_drive whole(routes.routes);
        const std::string expected = whole.ask(requests);
        http_drive server(routes.routes);
        server.peer->mode = fake_peer::send_mode::held;
        server.peer->send(requests);
        server.peer->end();
        server.run();
        server.peer->mode = fake_peer::send_mode::in_turns;
        server.run();
        CHECK(server.take_output() == expected);
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE("the working memory of one connection serves another") {
        http_routes routes;
        http_drive server(routes.routes);
        const std::string requests = all_kinds();
        for (std::size_t size = 1; size < requests.size(); size += 5) {
            server.connect();
            server.feed(requests.substr(0, size));  // Whatever state it is left in by the drop.
        }
        server.connect();
        const std::string expected = server.ask(requests);
        server.connect();
        CHECK(server.ask(requests) == expected);
    }
}

}  // namespace rouse::test
