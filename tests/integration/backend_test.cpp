#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/client.hpp"
#include "tests/support/daemon.hpp"

using rouse::test::daemon_options;
using rouse::test::occurrences_of;
using rouse::test::on_any_port;
using rouse::test::running_daemon;

namespace {

/// Two workers, whose backend is chosen as it is when nobody says anything.
daemon_options by_default(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--workers", "2"});
    return {.arguments = on_any_port(std::move(more)), .variables = {"ROUSED_SERVER_BACKEND=auto"}};
}

void check_service(const running_daemon& daemon) {
    rouse::test::client http(daemon.http());
    http.send("GET /plaintext HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(http.receive_to_end().contains("Hello, World!"));
    rouse::test::client echo(daemon.echo());
    echo.send("echoed");
    CHECK(echo.receive_exactly(6) == "echoed");
}

void check_fallback(daemon_options options, unsigned error, const std::string& cause) {
    options.io_uring_error = error;
    running_daemon daemon(options);
    check_service(daemon);
    const std::string log = daemon.log();
    CHECK(occurrences_of(log, " warn backend_fallback ") == 1);
    CHECK(log.contains("to=epoll workers=2"));
    CHECK(log.contains("io_uring_setup: " + cause));
    CHECK(log.contains("allow io_uring_setup, io_uring_enter and io_uring_register"));
    CHECK(log.contains(" info backend name=epoll workers=2 features=asio-"));
}

}  // namespace

TEST_SUITE_BEGIN("integration/backend");

TEST_CASE("where io_uring is allowed it is what serves, and the log says so") {
    running_daemon daemon(by_default());
    check_service(daemon);
    CHECK(daemon.log().contains(" info backend name=io_uring workers=2 features="));
    CHECK_FALSE(daemon.log().contains("backend_fallback"));
}

TEST_CASE("where io_uring is EPERM, as under Docker, epoll serves, with one warning") {
    check_fallback(by_default(), EPERM, "Operation not permitted");
}

TEST_CASE("where io_uring is ENOSYS, as under podman, epoll serves, with one warning") {
    check_fallback(by_default(), ENOSYS, "Function not implemented");
}

TEST_CASE("with 64 KiB of locked memory it serves, on a smaller ring or on epoll, and says so") {
    auto options = by_default();
    options.locked_bytes_max = 65'536;
    running_daemon daemon(options);
    check_service(daemon);
    CHECK(daemon.log().contains("memlock limit"));
}

TEST_CASE("with --backend epoll there is no ring, and no warning") {
    auto options = by_default({"--backend", "epoll"});
    options.io_uring_error = EPERM;  // Not even tried.
    running_daemon daemon(options);
    check_service(daemon);
    CHECK(daemon.log().contains(" info backend name=epoll workers=2 features=asio-"));
    CHECK_FALSE(daemon.log().contains("backend_fallback"));
}

TEST_SUITE_END();
