#pragma once

#include <memory>
#include <utility>

#include "runtime/executor/executor.hpp"
#include "runtime/executor/simple_executor.hpp"
#include "tests/support/reactor_drive.hpp"

namespace rouse::test {

/// An executor with its reactor, in the order in which they must be destroyed.
struct waking_executor {
    waking_executor() : waking_executor(executor_options{}) {}
    explicit waking_executor(executor_options options) : runs(*io, options) {}

    template <future F>
    void spawn(F work) {
        runs.spawn(std::move(work)).detach();
    }

    std::unique_ptr<reactor> io = tested_reactor();
    executor runs;
};

/// The baseline with its reactor: what runs on one runs on the other.
struct polling_executor {
    template <future F>
    void spawn(F work) {
        runs.spawn(std::move(work));
    }

    std::unique_ptr<reactor> io = tested_reactor();
    simple_executor runs{io.get()};
};

}  // namespace rouse::test
