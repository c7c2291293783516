#include "server/health_check.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/unique_fd.hpp"
#include "runtime/net/socket_option.hpp"
#include "tests/support/sockets.hpp"

using rouse::address;
using rouse::socket_address;
using rouse::unique_fd;
using rouse::server::ask_health;
using rouse::server::health_question;
using rouse::test::any_port;
using rouse::test::connect_plain;
using rouse::test::listen_plain;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds patient = 30s;
constexpr std::chrono::milliseconds hasty = 20ms;

// Answers one connection with these pieces, then closes it; keeps what it was asked.
class scripted_server {
   public:
    explicit scripted_server(std::vector<std::string> pieces, unique_fd listening = listen_plain())
        : listening_(std::move(listening)), thread_([this, pieces = std::move(pieces)] {
              const unique_fd peer(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
              while (!asked_.ends_with("\r\n\r\n")) {
                  char one = 0;
                  if (::recv(peer.get(), &one, 1, 0) != 1) {
                      return;
                  }
                  asked_ += one;
              }
              for (const std::string& each : pieces) {
                  (void)::send(peer.get(), each.data(), each.size(), MSG_NOSIGNAL);
              }
          }) {}

    [[nodiscard]] address place() const { return socket_address(listening_.get()); }
    [[nodiscard]] const std::string& asked() {
        thread_.join();
        return asked_;
    }

   private:
    unique_fd listening_;
    std::string asked_;
    std::jthread thread_;  // Last: it uses all of the above.
};

health_question question_at(std::vector<address> places) {
    return {.places = std::move(places), .host = "a.test:1", .target = "/healthz?b"};
}

// What comes of an answer in these pieces; "" is well.
std::string outcome(std::vector<std::string> pieces) {
    const scripted_server server(std::move(pieces));
    const auto healthy = ask_health(question_at({server.place()}), patient);
    return healthy ? "" : healthy.error();
}

std::vector<std::string> bytes_of(const std::string& text) {
    std::vector<std::string> each;
    for (const char one : text) {
        each.emplace_back(1, one);
    }
    return each;
}

// Where nobody listens: the port was free a moment ago, and is kept from others.
struct closed_port {
    closed_port() : bound(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const address where = any_port();
        REQUIRE(::bind(bound.get(), where.data(), where.size()) == 0);
        place = socket_address(bound.get());
    }
    unique_fd bound;
    address place;
};

}  // namespace

TEST_SUITE_BEGIN("server/health_check");

TEST_CASE("a status of 200 to 299 is healthy, and every other one is not") {
    for (const char* const status : {"200", "204", "299"}) {
        CAPTURE(status);
        CHECK(outcome({"HTTP/1.1 " + std::string(status) + " X\r\n\r\n"}).empty());
    }
    for (const char* const status : {"300", "304", "404", "500", "503", "000", "999"}) {
        CAPTURE(status);
        const std::string expected =
            status[0] == '0' ? "closed without an answer" : "answered " + std::string(status);
        CHECK(outcome({"HTTP/1.1 " + std::string(status) + " X\r\n\r\n"}) == expected);
    }
}

TEST_CASE("the request is a GET that closes, with the Host of the URL") {
    scripted_server server({"HTTP/1.1 200 OK\r\n"});
    CHECK(ask_health(question_at({server.place()}), patient));
    const std::string& asked = server.asked();
    CHECK(
        asked.starts_with("GET /healthz?b HTTP/1.1\r\nHost: a.test:1\r\n"
                          "User-Agent: roused-health-check/"));
    CHECK(asked.ends_with("\r\nConnection: close\r\n\r\n"));
}

TEST_CASE("an answer may come byte by byte, without a reason, or from HTTP/1.0") {
    CHECK(outcome(bytes_of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")).empty());
    CHECK(outcome({"HTTP/1.0 200\r\n"}).empty());
    CHECK(outcome({"HTTP/1.1 503 \r\n"}) == "answered 503");
}

TEST_CASE("interim answers are passed over, however they are cut") {
    const std::string hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    CHECK(outcome({hints + hints + "HTTP/1.1 204 No Content\r\n\r\n"}).empty());
    CHECK(outcome(bytes_of(hints + hints + "HTTP/1.1 503 Busy\r\n\r\n")) == "answered 503");
    CHECK(outcome({hints}) == "closed without an answer");
    CHECK(outcome({std::string(20'000, ' ').replace(0, 22, "HTTP/1.1 100 Go on\r\nX:")}) ==
          "no status in the first 16384 bytes of the answer");
}

TEST_CASE("what is not HTTP, or nothing, is not healthy") {
    for (const char* const text :
         {"SSH-2.0-x\r\n", "\r\n", "HTTP/2 200\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 20 OK\r\n",
          "HTTP/1.1  200 OK\r\n", "http/1.1 200 OK\r\n"}) {
        CAPTURE(text);
        CHECK(outcome({text}) == "the answer is not HTTP");
    }
    CHECK(outcome({}) == "closed without an answer");
    CHECK(outcome({"HTTP/1.1 200 O"}) == "closed without an answer");
}

TEST_CASE("a port where nobody listens is named") {
    const closed_port nobody;
    const auto healthy = ask_health(question_at({nobody.place}), patient);
    REQUIRE_FALSE(healthy);
    CHECK(healthy.error() ==
          "cannot connect to " + nobody.place.to_string() + ": Connection refused");
}

TEST_CASE("the first address that lets connect is asked, and the first that does not is named") {
    const closed_port nobody;
    const closed_port nobody_else;
    const scripted_server server({"HTTP/1.1 200 OK\r\n"});
    CHECK(ask_health(question_at({nobody.place, server.place()}), patient));
    const auto healthy = ask_health(question_at({nobody.place, nobody_else.place}), patient);
    REQUIRE_FALSE(healthy);
    CHECK(healthy.error().contains(nobody.place.to_string()));
}

TEST_CASE("a server that does not answer is given up at the deadline") {
    const unique_fd silent = listen_plain();
    const auto healthy = ask_health(question_at({socket_address(silent.get())}), hasty);
    REQUIRE_FALSE(healthy);
    CHECK(healthy.error() == "no answer within 20ms");
}

TEST_CASE("a server that accepts nothing any more is given up at the deadline") {
    const unique_fd full = listen_plain(0);
    const unique_fd waiting = connect_plain(socket_address(full.get()));
    const auto healthy = ask_health(question_at({socket_address(full.get())}), hasty);
    REQUIRE_FALSE(healthy);
    CHECK(healthy.error() == "no answer within 20ms");
}

TEST_CASE("a unix socket is asked as well") {
    unique_fd listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un unnamed{};
    unnamed.sun_family = AF_UNIX;
    // An abstract name that the kernel picks: unix(7), autobind.
    REQUIRE(::bind(listening.get(), reinterpret_cast<const sockaddr*>(&unnamed),
                   sizeof unnamed.sun_family) == 0);
    REQUIRE(::listen(listening.get(), 1) == 0);
    const scripted_server server({"HTTP/1.1 200 OK\r\n"}, std::move(listening));
    CHECK(ask_health(question_at({server.place()}), patient));
    CHECK_FALSE(ask_health(question_at({address::parse("unix:/nonexistent").value()}), patient));
}

TEST_SUITE_END();
