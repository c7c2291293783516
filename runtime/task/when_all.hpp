#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/task/child.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

namespace detail {

/// A child until it is ready, its output from then on.
template <class F>
class child_or_output {
   public:
    explicit child_or_output(F&& future)
        : state_(std::in_place_index<0>, std::forward<F>(future)) {}

    /// True once there is an output. Asks the child only while it is unfinished.
    [[nodiscard]] bool poll(context& cx) noexcept(nothrow_poll<F>) {
        if (state_.index() == 1) {
            return true;
        }
        auto answer = std::get<0>(state_).poll(cx);
        if (answer.is_pending()) {
            return false;
        }
        state_.template emplace<1>(take_value(std::move(answer)));
        return true;
    }

    [[nodiscard]] storable_output_t<F>&& take() noexcept { return std::get<1>(std::move(state_)); }

    void reset() noexcept {
        if (state_.index() == 0) {
            std::get<0>(state_).reset();
        }
    }

   private:
    std::variant<child<F>, storable_output_t<F>> state_;
};

}  // namespace detail

/// The future of when_all of several types.
template <future... Fs>
class [[nodiscard]] when_all_future {
    using output = std::tuple<detail::storable_output_t<Fs>...>;

   public:
    explicit when_all_future(Fs&&... futures) : children_(std::forward<Fs>(futures)...) {}
    when_all_future(when_all_future&&) = default;
    ~when_all_future() {
        // The order in which a tuple destroys is not specified; a task drops what it owns in the
        // reverse order.
        reset(std::index_sequence_for<Fs...>());
    }

    [[nodiscard]] rouse::poll<output> poll(context& cx) noexcept((detail::nothrow_poll<Fs> &&
                                                                  ...)) {
        bool finished = true;
        std::apply([&](auto&... each) { ((finished = each.poll(cx) && finished), ...); },
                   children_);
        if (!finished) {
            return pending;
        }
        return std::apply([](auto&... each) { return output(each.take()...); }, children_);
    }

   private:
    template <std::size_t... Index>
    void reset(std::index_sequence<Index...>) noexcept {
        (std::get<sizeof...(Fs) - 1 - Index>(children_).reset(), ...);
    }

    std::tuple<detail::child_or_output<Fs>...> children_;
};

/// The future of when_all of a vector.
template <future F>
class [[nodiscard]] when_all_vector_future {
    using output = std::vector<detail::storable_output_t<F>>;

   public:
    explicit when_all_vector_future(std::vector<F> futures) {
        children_.reserve(futures.size());
        for (F& each : futures) {
            children_.emplace_back(std::move(each));
        }
        outputs_.reserve(futures.size());
    }
    when_all_vector_future(when_all_vector_future&&) = default;
    ~when_all_vector_future() {
        while (!children_.empty()) {
            children_.pop_back();
        }
    }

    [[nodiscard]] rouse::poll<output> poll(context& cx) noexcept(detail::nothrow_poll<F>) {
        bool finished = true;
        for (auto& each : children_) {
            finished = each.poll(cx) && finished;
        }
        if (!finished) {
            return pending;
        }
        for (auto& each : children_) {
            outputs_.push_back(each.take());
        }
        return std::move(outputs_);
    }

   private:
    std::vector<detail::child_or_output<F>> children_;
    output outputs_;  // has its room from the start, so that poll cannot fail
};

/// Ready with all outputs, in the order of the futures (void as std::monostate), once every one is
/// ready. Each poll asks those that are unfinished; a finished one is destroyed at once. An
/// exception of one is thrown out of poll, and ends all. Lvalues are borrowed and must outlive this
/// future.
template <future... Fs>
    requires(sizeof...(Fs) > 0)
[[nodiscard]] when_all_future<Fs...> when_all(Fs&&... futures) {
    return when_all_future<Fs...>(std::forward<Fs>(futures)...);
}

/// The same for any number of one type: a vector of outputs. A poll costs one poll of each
/// unfinished future.
template <future F>
[[nodiscard]] when_all_vector_future<F> when_all(std::vector<F> futures) {
    return when_all_vector_future<F>(std::move(futures));
}

}  // namespace rouse
