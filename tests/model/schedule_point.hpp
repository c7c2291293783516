#pragma once

#include <array>
#include <cstddef>

// Not <relacy/relacy.hpp>, which redefines new, delete, assert and pthread_create as well.
#include <relacy/context.hpp>
// First the context.
#include <relacy/atomic.hpp>
#include <relacy/context_base_impl.hpp>
#include <relacy/dyn_thread.hpp>
#include <relacy/stdlib/condition_variable.hpp>
#include <relacy/stdlib/event.hpp>
#include <relacy/stdlib/mutex.hpp>
#include <relacy/stdlib/semaphore.hpp>
#include <relacy/test_suite.hpp>
#include <relacy/var.hpp>

namespace rouse::model {

/// What a thread does when it is run next.
struct operation {
    const void* on = nullptr;  ///< The object; null for a thread that has not come so far.
    bool writes = false;
};

inline constexpr std::size_t threads_max = 8;
inline std::array<operation, threads_max> next_operations;

/// To be called before each operation of relacy that may switch threads.
inline void announce(const void* object, bool writes) noexcept {
    next_operations[rl::thread_index()] = {.on = object, .writes = writes};
}

/// Undoes what relacy takes a sleep for: a promise that the thread sees newer values after it. A
/// sleep orders nothing by itself.
class stale_values_kept {
   public:
    stale_values_kept() : thread_(*rl::ctx().threadx_), last_yield_(thread_.last_yield_) {}
    stale_values_kept(const stale_values_kept&) = delete;
    stale_values_kept& operator=(const stale_values_kept&) = delete;
    ~stale_values_kept() { thread_.last_yield_ = last_yield_; }

   private:
    rl::thread_info_base& thread_;
    rl::timestamp_t last_yield_;
};

}  // namespace rouse::model
