#include "server/passed_sockets.hpp"

#include <fcntl.h>
#include <netinet/tcp.h>

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/sockets.hpp"

using rouse::unique_fd;
using rouse::server::passed_sockets;
using rouse::server::sort_passed;
using rouse::server::systemd::passed_descriptor;
using rouse::server::systemd::socket_kind;
using rouse::test::listen_plain;

namespace {

passed_descriptor listening(std::string name) {
    return {.fd = listen_plain(), .name = std::move(name), .kind = socket_kind::listening};
}

passed_descriptor datagram(std::string name) {
    return {.fd = unique_fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
            .name = std::move(name),
            .kind = socket_kind::datagram};
}

template <class... Descriptors>
std::expected<passed_sockets, std::string> sorted(Descriptors... each) {
    std::vector<passed_descriptor> all;
    (all.push_back(std::move(each)), ...);
    return sort_passed(std::move(all));
}

}  // namespace

TEST_SUITE_BEGIN("server/passed_sockets");

TEST_CASE("sockets go where their names say, in any order and number") {
    const auto made =
        sorted(listening("echo"), listening("http"), datagram("echo"), listening("http"));
    REQUIRE(made);
    CHECK(made->http.size() == 2);
    CHECK(made->echo_streams.size() == 1);
    CHECK(made->echo_datagrams.size() == 1);
    CHECK(made->has_http());
    CHECK(made->has_echo());
    const auto none = sorted();
    REQUIRE(none);
    CHECK_FALSE(none->has_http());
    CHECK_FALSE(none->has_echo());
    CHECK(sorted(datagram("echo"))->has_echo());
}

TEST_CASE("a name that is no protocol's is refused with the descriptor, the name and the cure") {
    for (const std::string name : {"unknown", "roused.socket", "HTTP", ""}) {
        CAPTURE(name);
        auto descriptor = listening(name);
        const std::string number = std::to_string(descriptor.fd.get());
        const auto made = sorted(std::move(descriptor));
        REQUIRE_FALSE(made);
        CHECK(made.error().starts_with("descriptor " + number + ", passed as \""));
        CHECK(made.error().ends_with(
            name +
            "\", is for no protocol: the socket unit says FileDescriptorName=http or "
            "FileDescriptorName=echo"));
    }
}

TEST_CASE("what cannot be served is refused") {
    auto connected = listening("echo");
    connected.kind = socket_kind::other;
    const auto other = sorted(std::move(connected));
    REQUIRE_FALSE(other);
    CHECK(other.error().contains("listening (Accept=no)"));
    const auto udp_http = sorted(datagram("http"));
    REQUIRE_FALSE(udp_http);
    CHECK(udp_http.error().contains("HTTP is not served on"));
}

TEST_CASE("a passed socket is made blocking, which io_uring wants, and sends without delay") {
    auto descriptor = listening("http");
    REQUIRE(::fcntl(descriptor.fd.get(), F_SETFL, O_NONBLOCK) == 0);
    const auto made = sorted(std::move(descriptor));
    REQUIRE(made);
    const int fd = made->http.front().get();
    CHECK((::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
    int no_delay = 0;
    socklen_t size = sizeof no_delay;
    REQUIRE(::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size) == 0);
    CHECK(no_delay == 1);
}

TEST_SUITE_END();
