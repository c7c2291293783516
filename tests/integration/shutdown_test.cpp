#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/client.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/http_answer.hpp"
#include "tests/support/sockets.hpp"

using rouse::address;
using rouse::unique_fd;
using rouse::test::ask;
using rouse::test::chunk;
using rouse::test::client;
using rouse::test::daemon_end;
using rouse::test::get;
using rouse::test::http_answer;
using rouse::test::next_answer;
using rouse::test::occurrences_of;
using rouse::test::pattern;
using rouse::test::post;
using rouse::test::running_daemon;
using rouse::test::take_answer;

namespace {

constexpr int exit_code_clean = 0;
constexpr int exit_code_cut = 1;

// A request is under way when another one that came after it is answered: by the same worker, so
// there is only one where this is called.
void make_sure_of_a_turn(const running_daemon& running) {
    client other(running.http());
    CHECK(ask(other, get("/plaintext")).status == 200);
}

// The end of an idle connection tells that the listeners are closed and the others know. The log
// does not: its line may come before the worker has been told.
void await_drain(client& idle) {
    CHECK(idle.receive_to_end().empty());
}

bool is_refused(const address& where) {
    const unique_fd probe(::socket(where.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::connect(probe.get(), where.data(), where.size()) != 0 && errno == ECONNREFUSED;
}

void check_idle_are_closed(int signal) {
    running_daemon running({"--workers", "1"});
    client never(running.http());
    client used(running.http());
    CHECK(ask(used, get("/plaintext")).status == 200);
    client echoed(running.echo());
    echoed.send("hello");
    CHECK(echoed.receive_exactly(5) == "hello");
    make_sure_of_a_turn(running);
    running.signal(signal);
    for (client* const each : {&never, &used, &echoed}) {
        CHECK(each->receive_to_end().empty());
        CHECK_FALSE(each->was_reset());
    }
    const daemon_end end = running.await_end();
    CHECK(end.exit_code == exit_code_clean);
    CHECK(end.log.find(" stopped ") != std::string::npos);
    CHECK(end.log.find("connections_cut") == std::string::npos);
}

}  // namespace

TEST_SUITE_BEGIN("integration/shutdown");

TEST_CASE("SIGTERM closes idle connections at once and exits 0") {
    check_idle_are_closed(SIGTERM);
}

TEST_CASE("SIGINT closes idle connections at once and exits 0") {
    check_idle_are_closed(SIGINT);
}

TEST_CASE("a request in flight is answered with Connection: close, while nobody new is let in") {
    running_daemon running({"--workers", "1"});
    client visitor(running.http());
    visitor.send(get("/delay/400") + get("/healthz"));
    client idle(running.http());
    make_sure_of_a_turn(running);
    running.signal(SIGTERM);
    await_drain(idle);
    CHECK(is_refused(running.http()));
    CHECK(is_refused(running.echo()));
    const http_answer answer = next_answer(visitor);
    CHECK(answer.body == "waited 400 ms\n");
    CHECK(answer.field("connection") == "close");
    CHECK(visitor.receive_to_end().empty());
    CHECK(running.await_end().exit_code == exit_code_clean);
}

TEST_CASE("a body that is still coming at the signal is taken whole and answered") {
    running_daemon running({"--workers", "1"});
    client uploading(running.http());
    const std::string request = post("/upload", "0123456789");
    uploading.send(request.substr(0, request.size() - 5));
    client echoing(running.http());
    echoing.send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" +
                 chunk("first"));
    (void)echoing.receive_until("first\r\n");
    client idle(running.http());
    make_sure_of_a_turn(running);
    running.signal(SIGTERM);
    await_drain(idle);
    uploading.send("56789");
    const http_answer answer = next_answer(uploading);
    CHECK(answer.body == R"({"bytes":10})");
    CHECK(answer.field("connection") == "close");
    echoing.send(chunk("second") + chunk(""));
    CHECK(echoing.receive_to_end() == chunk("second") + "0\r\n\r\n");
    CHECK(running.await_end().exit_code == exit_code_clean);
}

TEST_CASE("a large response that is under way at the signal is sent to its end") {
    running_daemon running({"--workers", "1"});
    constexpr int receive_buffer_bytes = 16'384;
    client visitor(running.http(), receive_buffer_bytes);
    visitor.send(get("/bytes/30000000"));
    (void)visitor.receive_until("\r\n\r\n");
    running.signal(SIGTERM);
    running.await_log(" shutdown ");
    CHECK(visitor.receive_to_end().size() == 30'000'000);
    CHECK(running.await_end().exit_code == exit_code_clean);
}

TEST_CASE("what an echo client had sent before the signal comes back") {
    running_daemon running({"--workers", "1"});
    constexpr int receive_buffer_bytes = 4096;
    client visitor(running.echo(), receive_buffer_bytes);
    const std::string bytes = pattern(20'000'000);
    const std::size_t sent = visitor.send_what_fits(bytes);
    running.signal(SIGTERM);
    const std::string back = visitor.receive_to_end();
    CHECK(back.size() <= sent);
    CHECK((back == bytes.substr(0, back.size())));
    CHECK(running.await_end().exit_code == exit_code_clean);
}

TEST_CASE("a second signal cuts what is in flight, which the exit code and the log tell") {
    running_daemon running;
    client visitor(running.http());
    client other(running.http());
    for (client* const each : {&visitor, &other}) {
        // The answer to the first tells that the second has come too, whichever worker has it.
        each->send(get("/plaintext") + get("/delay/60000"));
        CHECK(next_answer(*each).status == 200);
    }
    running.signal(SIGTERM);
    running.await_log(" shutdown ");
    running.signal(SIGINT);
    const daemon_end end = running.await_end();
    CHECK(end.exit_code == exit_code_cut);
    CHECK(end.log.find(" shutdown_now signal=INT") != std::string::npos);
    CHECK(end.log.find(" connections_cut count=2") != std::string::npos);
    CHECK(visitor.receive_to_end().empty());
    CHECK(other.receive_to_end().empty());
}

TEST_CASE("shutdown_timeout cuts what is in flight, which the exit code and the log tell") {
    running_daemon running({"--workers", "1", "--shutdown-timeout", "50ms"});
    client delayed(running.http());
    delayed.send(get("/delay/60000"));
    client deaf(running.echo(), 4096);
    (void)deaf.send_what_fits(pattern(20'000'000));
    client half(running.http());
    half.send("GET / HTTP/1.1\r\nHost:");
    make_sure_of_a_turn(running);
    running.signal(SIGTERM);
    const daemon_end end = running.await_end();
    CHECK(end.exit_code == exit_code_cut);
    CHECK(end.log.find(" connections_cut ") != std::string::npos);
    CHECK(delayed.receive_to_end().empty());
}

TEST_CASE("with a shutdown_timeout of zero requests in flight are cut at once") {
    running_daemon running({"--workers", "1", "--shutdown-timeout", "0s"});
    client delayed(running.http());
    delayed.send(get("/delay/60000"));
    make_sure_of_a_turn(running);
    running.signal(SIGTERM);
    CHECK(running.await_end().exit_code == exit_code_cut);
}

TEST_CASE("a signal right after the start ends the daemon cleanly") {
    for (int time = 0; time < 10; ++time) {
        running_daemon running;
        running.signal(SIGTERM);
        CHECK(running.await_end().exit_code == exit_code_clean);
    }
}

TEST_CASE("pipelined load in the middle of a shutdown gets whole answers, and then the end") {
    running_daemon running;
    constexpr std::size_t clients = 64;
    constexpr int depth = 16;
    std::string batch;
    for (int number = 0; number < depth; ++number) {
        batch += number % 5 == 4 ? post("/echo", "the body") : get("/json");
    }
    std::vector<client> load;
    for (std::size_t number = 0; number < clients; ++number) {
        load.emplace_back(running.http()).send(batch + batch);
    }
    std::size_t answers = 0;
    for (int round = 0; round < 20; ++round) {
        for (client& each : load) {
            for (int number = 0; number < depth; ++number, ++answers) {
                REQUIRE(next_answer(each).status == 200);
            }
            each.send(batch);
        }
    }
    running.signal(SIGTERM);
    for (client& each : load) {
        bool last = false;
        bool open = true;
        while (open) {
            while (const auto answer = take_answer(each.pending())) {
                CHECK_FALSE(last);
                CHECK(answer->status == 200);
                last = answer->field("connection") == "close";
            }
            (void)each.send_what_fits(batch);
            open = each.receive_more();
        }
        if (!each.was_reset()) {
            CHECK(each.pending().empty());
        }
    }
    CHECK(answers == 20 * clients * depth);
    const daemon_end end = running.await_end();
    CHECK(end.exit_code == exit_code_clean);
    CHECK(occurrences_of(end.log, "connections_cut") == 0);
}

TEST_SUITE_END();
