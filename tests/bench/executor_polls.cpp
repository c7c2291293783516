// Shows how many polls the waker saves: the same tasks, which sleep side by side, on the executor
// that polls what was woken and on the one that polls everything. Counts, so no quiet machine is
// needed; only those of simple_executor depend on how fast it spins.

#include <cstdint>
#include <cstdio>

#include "runtime/executor/executor.hpp"
#include "runtime/executor/simple_executor.hpp"
#include "runtime/reactor/uring/uring_reactor.hpp"
#include "runtime/task/task.hpp"
#include "runtime/time/sleep.hpp"

namespace {

constexpr int tasks = 100;
constexpr int sleeps = 10;

rouse::task<> sleeper(int number) {
    for (int i = 0; i < sleeps; ++i) {
        co_await rouse::sleep_for(rouse::milliseconds(1 + number % 3));
    }
}

// Returns false when the reactor failed.
bool report(const char* name, bool ran, std::uint64_t polls) {
    std::printf("%-16s %12llu polls for %d tasks that sleep %d times\n", name,
                static_cast<unsigned long long>(polls), tasks, sleeps);
    return ran;
}

}  // namespace

int main() {
    const auto io = rouse::uring_reactor::make();
    if (!io) {
        (void)std::fprintf(stderr, "%s\n", io.error().message.c_str());
        return 3;
    }
    bool good = true;
    {
        rouse::executor waking(**io);
        for (int number = 0; number < tasks; ++number) {
            waking.spawn(sleeper(number)).detach();
        }
        const bool ran = waking.run().has_value();
        good = report("executor", ran, waking.counters().polls) && good;
    }
    rouse::simple_executor polling(io->get());
    for (int number = 0; number < tasks; ++number) {
        polling.spawn(sleeper(number));
    }
    const bool ran = polling.run().has_value();
    good = report("simple_executor", ran, polling.polls()) && good;
    return good ? 0 : 1;
}
