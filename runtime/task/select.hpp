#pragma once

#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>

#include "runtime/task/child.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

/// The future of select.
template <future... Fs>
class [[nodiscard]] select_future {
    using output = std::variant<detail::storable_output_t<Fs>...>;

   public:
    explicit select_future(Fs&&... futures) : children_(std::forward<Fs>(futures)...) {}
    select_future(select_future&&) = default;
    ~select_future() { reset(std::index_sequence_for<Fs...>()); }

    [[nodiscard]] rouse::poll<output> poll(context& cx) noexcept((detail::nothrow_poll<Fs> &&
                                                                  ...)) {
        return poll_each(cx, std::index_sequence_for<Fs...>());
    }

   private:
    template <std::size_t... Index>
    rouse::poll<output> poll_each(context& cx, std::index_sequence<Index...> indices) {
        std::optional<output> won;
        (void)(poll_one<Index>(cx, won) || ...);
        if (!won) {
            return pending;
        }
        reset(indices);
        return *std::move(won);
    }

    template <std::size_t Index>
    bool poll_one(context& cx, std::optional<output>& won) {
        auto answer = std::get<Index>(children_).poll(cx);
        if (answer.is_pending()) {
            return false;
        }
        won.emplace(std::in_place_index<Index>, detail::take_value(std::move(answer)));
        return true;
    }

    // The order in which a tuple destroys is not specified; a task drops what it owns in the
    // reverse order.
    template <std::size_t... Index>
    void reset(std::index_sequence<Index...>) noexcept {
        (std::get<sizeof...(Fs) - 1 - Index>(children_).reset(), ...);
    }

    std::tuple<detail::child<Fs>...> children_;
};

/// Ready with the first output of several futures: a variant (void as std::monostate) whose index()
/// says which. They are asked in order, so the first of those that are ready wins, and put first
/// what must not starve. All are destroyed, hence cancelled, in the reverse order before this
/// future is ready; lvalues are borrowed, outlive it and are left as they are.
template <future... Fs>
    requires(sizeof...(Fs) > 0)
[[nodiscard]] select_future<Fs...> select(Fs&&... futures) {
    return select_future<Fs...>(std::forward<Fs>(futures)...);
}

}  // namespace rouse
