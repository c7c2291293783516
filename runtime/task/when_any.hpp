#pragma once

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

#include "runtime/task/child.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

/// Which future was ready first, and its output (void as std::monostate).
template <class T>
struct any_output {
    std::size_t index;
    T value;
};

/// The future of when_any.
template <future F>
class [[nodiscard]] when_any_future {
    using output = any_output<detail::storable_output_t<F>>;

   public:
    explicit when_any_future(std::vector<F> futures) : children_(std::move(futures)) {
        assert(!children_.empty() && "when_any of nothing would never be ready");
    }
    when_any_future(when_any_future&&) = default;
    ~when_any_future() { clear(); }

    [[nodiscard]] rouse::poll<output> poll(context& cx) noexcept(detail::nothrow_poll<F>) {
        for (std::size_t index = 0; index < children_.size(); ++index) {
            auto answer = children_[index].poll(cx);
            if (answer.is_ready()) {
                clear();
                return output{index, detail::take_value(std::move(answer))};
            }
        }
        return pending;
    }

   private:
    void clear() noexcept {
        while (!children_.empty()) {
            children_.pop_back();
        }
    }

    std::vector<F> children_;
};

/// Ready with the first output of several futures of one type; at least one. They are asked in
/// order, so the first of those that are ready wins. All are destroyed, hence cancelled, in the
/// reverse order before this future is ready.
template <future F>
[[nodiscard]] when_any_future<F> when_any(std::vector<F> futures) {
    return when_any_future<F>(std::move(futures));
}

}  // namespace rouse
