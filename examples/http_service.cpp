// An HTTP service with a timer and a background task.
//
//     http_service [ADDRESS:PORT]
//     curl -i --data 'some words to count' http://ADDRESS:PORT/jobs     then GET its Location
//     curl http://ADDRESS:PORT/uptime
//
// Handlers, timer and background task run on one thread, so they share plain variables. What they
// hand over goes through a bounded channel: when it is full, a client is told so at once.

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <utility>

#include "protocols/http/serve.hpp"
#include "runtime/executor/executor.hpp"
#include "runtime/net/tcp_listener.hpp"
#include "runtime/reactor/make_reactor.hpp"
#include "runtime/sync/channel.hpp"
#include "runtime/task/task.hpp"
#include "runtime/time/sleep.hpp"

using namespace rouse;
using namespace std::chrono_literals;
using http::request;
using http::response;

namespace {

constexpr std::size_t jobs_waiting_max = 64;
constexpr std::size_t results_kept_max = 1'024;

struct job {
    std::uint64_t number;
    std::string text;
};

struct application {
    channel<job> jobs{jobs_waiting_max};
    std::map<std::uint64_t, std::string> results;
    std::uint64_t jobs_taken = 0;
    std::string uptime = "0 s\n";
};

// The timer: makes once a second what would be too dear for each request.
task<> tick(application& app) {
    for (unsigned seconds = 0; true; ++seconds) {
        app.uptime = std::to_string(seconds) + " s\n";
        co_await sleep_for(1s);
    }
}

// The background task: one job after the other, while requests are answered.
task<> work(application& app) {
    while (auto next = co_await app.jobs.recv()) {
        co_await sleep_for(20ms);  // Stands for what a job waits for: a disk, another service.
        std::istringstream text(next->text);
        std::size_t words = 0;
        for (std::string word; text >> word;) {
            ++words;
        }
        app.results[next->number] = std::to_string(words) + " words\n";
        if (app.results.size() > results_kept_max) {
            app.results.erase(app.results.begin());
        }
    }
}

// A handler that waits is a coroutine: here for the body, whose bound is a limit of the service.
task<response> take_job(application& app, request& asked) {
    std::string text;
    while (true) {
        const auto piece = co_await http::next(asked.body());
        if (!piece) {
            co_return response::of_status(400);  // The connection says what was wrong with it.
        }
        if (piece->empty()) {
            break;
        }
        text.append(reinterpret_cast<const char*>(piece->data()), piece->size());
    }
    const std::uint64_t number = app.jobs_taken + 1;
    if (!app.jobs.try_send({number, std::move(text)})) {
        co_return response::of_status(503);
    }
    app.jobs_taken = number;
    response taken = response::of_status(202);
    taken.headers.push_back({"Location", "/jobs/" + std::to_string(number)});
    co_return taken;
}

response show_job(const application& app, const request& asked) {
    const std::string_view text = asked.param("number");
    std::uint64_t number = 0;
    (void)std::from_chars(text.data(), text.data() + text.size(), number);
    if (const auto found = app.results.find(number); found != app.results.end()) {
        return response::text(found->second);
    }
    return number > 0 && number <= app.jobs_taken ? response::literal("not done\n")
                                                  : response::of_status(404);
}

task<> accept(tcp_listener listener, executor& on, http::service& shared) {
    while (true) {
        auto accepted = co_await listener.accept();
        if (accepted) {
            on.spawn(http::serve(shared, std::move(*accepted))).detach();
        } else {
            co_await sleep_for(100ms);  // No descriptor is free, for example.
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    auto made = make_reactor();
    if (!made) {
        (void)std::fprintf(stderr, "%s\n", made.error().message.c_str());
        return EXIT_FAILURE;
    }
    reactor& io = *made->io;
    application app;
    http::router routes;
    routes.get("/uptime", [&app](request&) { return response::text(app.uptime); })
        .post("/jobs", [&app](request& asked) { return take_job(app, asked); })
        .get("/jobs/{number}", [&app](request& asked) { return show_job(app, asked); });
    http::service shared(routes, {.body_bytes_max = 65'536});
    executor on(io);  // Last, so destroyed first: its tasks use all of the above.
    const auto where = address::parse(argc > 1 ? argv[1] : "127.0.0.1:0").value_or(address());
    auto listener = tcp_listener::bind(io, where);
    if (!listener) {
        (void)std::fprintf(stderr, "%s\n", listener.error().message().c_str());
        return EXIT_FAILURE;
    }
    std::printf("listening %s\n", listener->local_address().to_string().c_str());
    (void)std::fflush(stdout);
    on.spawn(tick(app)).detach();
    on.spawn(work(app)).detach();
    on.spawn(accept(std::move(*listener), on, shared)).detach();
    return on.run() ? EXIT_SUCCESS : EXIT_FAILURE;
}
