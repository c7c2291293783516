// A chat room over TCP: the first line that a client sends is its name, and each further line goes
// to all others as "name: line". chat_server [ADDRESS:PORT], then, in two terminals: nc ADDRESS
// PORT
//
// It shows two tasks of which the first to end drops the other, a bounded queue between
// connections, and bytes that many sends share without a copy.

#include <cstdio>
#include <cstdlib>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "runtime/base/shared_bytes.hpp"
#include "runtime/executor/executor.hpp"
#include "runtime/net/tcp_listener.hpp"
#include "runtime/reactor/make_reactor.hpp"
#include "runtime/sync/channel.hpp"
#include "runtime/task/select.hpp"
#include "runtime/task/task.hpp"
#include "runtime/time/sleep.hpp"

using namespace rouse;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t line_bytes_max = 1'024;
constexpr std::size_t outgoing_lines_max = 256;

// Those who are connected. All of it belongs to one thread, so nothing is locked.
class room {
   public:
    class member {
       public:
        member(room& in, std::string name) : room_(in), name_(std::move(name)) {
            room_.members_.push_back(this);
            room_.say("* " + name_ + " is here\n");
        }
        member(const member&) = delete;  // The room holds our address.
        // However the connection ends: a task that is dropped destroys what it owns.
        ~member() {
            room_.members_.remove(this);
            room_.say("* " + name_ + " has left\n");
        }

        void say(const std::string& line) { room_.say(name_ + ": " + line + '\n', this); }
        [[nodiscard]] channel<shared_bytes>& heard() noexcept { return heard_; }

       private:
        room& room_;
        std::string name_;
        channel<shared_bytes> heard_{outgoing_lines_max};
    };

   private:
    // A member that does not read its lines misses some, and holds nobody up.
    void say(std::string line, const member* from = nullptr) {
        const shared_bytes text(std::move(line));
        for (member* each : members_) {
            if (each != from) {
                (void)each->heard().try_send(shared_bytes(text));
            }
        }
    }

    std::list<member*> members_;
};

// The next line; `input` is what came behind the one before. Nothing: the peer has ended, or sends
// lines without an end.
task<std::optional<std::string>> next_line(tcp_stream& stream, std::string& input) {
    while (true) {
        if (const std::size_t end = input.find('\n'); end != std::string::npos) {
            std::string line = input.substr(0, end);
            input.erase(0, end + 1);
            co_return line;
        }
        if (input.size() > line_bytes_max) {
            co_return std::nullopt;
        }
        const auto received = co_await stream.recv();
        if (!received || received->empty()) {
            co_return std::nullopt;
        }
        input += received->text();
    }  // The receive buffer goes back to the pool here, before this waits again.
}

task<> hear(tcp_stream& stream, room::member& self) {
    while (const auto line = co_await self.heard().recv()) {
        if (!co_await stream.send(line->share())) {
            co_return;
        }
    }
}

task<> speak(tcp_stream& stream, std::string& input, room::member& self) {
    while (const auto line = co_await next_line(stream, input)) {
        self.say(*line);
    }
}

task<> converse(tcp_stream stream, room& shared) {
    std::string input;
    auto name = co_await next_line(stream, input);
    if (!name) {
        co_return;
    }
    room::member self(shared, std::move(*name));
    co_await select(speak(stream, input, self), hear(stream, self));
}

task<> accept(tcp_listener listener, executor& on, room& shared) {
    while (true) {
        auto accepted = co_await listener.accept();
        if (accepted) {
            on.spawn(converse(std::move(*accepted), shared)).detach();
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
    room shared;
    executor on(io);  // Last, so destroyed first: its tasks use the room.
    const auto where = address::parse(argc > 1 ? argv[1] : "127.0.0.1:0").value_or(address());
    auto listener = tcp_listener::bind(io, where);
    if (!listener) {
        (void)std::fprintf(stderr, "%s\n", listener.error().message().c_str());
        return EXIT_FAILURE;
    }
    std::printf("listening %s\n", listener->local_address().to_string().c_str());
    (void)std::fflush(stdout);
    on.spawn(accept(std::move(*listener), on, shared)).detach();
    return on.run() ? EXIT_SUCCESS : EXIT_FAILURE;
}
