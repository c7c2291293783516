// Pools of the code under test have no threads here: these definitions come before those of
// runtime/executor/blocking_pool.cpp when a program of the simulator is linked.
#include "tests/sim/sim_threads.hpp"

#include <chrono>

#include "tests/sim/allocations.hpp"

namespace rouse {
namespace {

// Of the pool of this run.
detail::blocking_queue* active = nullptr;

}  // namespace

blocking_pool::blocking_pool(blocking_pool_options options)
    : queue_(std::make_shared<detail::blocking_queue>(options.queue_jobs_max)) {
    active = queue_.get();
}

blocking_pool::~blocking_pool() {
    stop();
}

void blocking_pool::stop() noexcept {
    queue_->close();
    active = nullptr;
}

namespace sim {

void sim_thread::look() {
    constexpr std::chrono::microseconds quick{50};
    constexpr std::uint64_t slow_milliseconds_max = 5'000;
    if (active == nullptr || due_ != time_point::max() || active->size() == 0) {
        return;
    }
    due_ = simulation_.now() + quick;
    if (simulation_.strike(fault::slow_file)) {
        due_ += milliseconds(simulation_.detail(fault::slow_file, slow_milliseconds_max));
    }
}

bool sim_thread::run_due() {
    if (active == nullptr || due_ > simulation_.now()) {
        return false;
    }
    due_ = time_point::max();
    const tested_part inside;
    return active->run_next();
}

}  // namespace sim
}  // namespace rouse
