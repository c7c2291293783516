// The system calls of the code under test that the simulated kernel answers. The linker sends them
// here: -Wl,--wrap=close and so on, see ld(1).
#include <cerrno>
#include <ctime>

#include "tests/sim/allocations.hpp"
#include "tests/sim/network.hpp"

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names.
extern "C" {
int __real_close(int fd);
std::time_t __real_time(std::time_t* result);

int __wrap_close(int fd) {
    using rouse::sim::network;
    if (!network::is_ours(fd)) {
        return __real_close(fd);
    }
    const rouse::sim::simulated_part outside;
    network::current().close(fd);
    return 0;
}

std::time_t __wrap_time(std::time_t* result) {
    const auto* running = rouse::sim::simulation::current();
    if (running == nullptr) {
        return __real_time(result);
    }
    return running->wall_clock();
}
}
// NOLINTEND(bugprone-reserved-identifier)
