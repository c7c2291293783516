#pragma once

#include <coroutine>

#include "runtime/task/context.hpp"

namespace rouse::detail {

/// The coroutines of one task that await each other, seen from the outside: which one runs next,
/// and which future it waits for. Plain data, kept in the promise of the outermost coroutine.
struct coroutine_stack {
    using poll_function = bool (*)(void* leaf, context& cx);

    std::coroutine_handle<>
        innermost;  ///< Runs next. Null when the outermost coroutine has finished.
    poll_function poll_leaf = nullptr;  ///< Not null: innermost waits for this future.
    void* leaf = nullptr;               ///< The awaiter of that future, in innermost's frame.
    context* cx = nullptr;              ///< Valid while run() is on the native stack.

    /// Polls the leaf, if there is one, and resumes coroutines until the outermost has finished
    /// (true) or another leaf is pending (false). A coroutine that awaits a child, or finishes,
    /// returns here with `innermost` changed, so the native stack is as deep after a million
    /// children as after one, at any optimisation level: symmetric transfer is a tail call that g++
    /// makes only when it optimises and sanitizers may forbid.
    [[nodiscard]] bool run(context& current) {
        cx = &current;
        if (poll_leaf != nullptr) {
            if (!poll_leaf(leaf, current)) {
                return false;
            }
            poll_leaf = nullptr;
        }
        do {
            innermost.resume();
        } while (innermost && poll_leaf == nullptr);
        return !innermost;
    }
};

}  // namespace rouse::detail
