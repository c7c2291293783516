#pragma once

#include <cassert>
#include <optional>
#include <type_traits>
#include <utility>

namespace rouse {

/// "Not yet", as a value: converts to any poll<T>.
struct pending_t {
    explicit constexpr pending_t(int) noexcept {}
};
inline constexpr pending_t pending{0};

/// The answer of a future that was asked: ready with a value, or pending. Pending is not an error,
/// and it is a promise: the future has kept the waker of this very call and will wake it. See
/// core::task::Poll.
template <class T = void>
class [[nodiscard]] poll {
   public:
    using value_type = T;

    constexpr poll(pending_t) noexcept {}
    template <class U = T>
        requires(std::is_constructible_v<T, U &&> &&
                 !std::is_same_v<std::remove_cvref_t<U>, poll> &&
                 !std::is_same_v<std::remove_cvref_t<U>, pending_t>)
    constexpr poll(U&& value) noexcept(std::is_nothrow_constructible_v<T, U&&>)
        : value_(std::in_place, std::forward<U>(value)) {}

    [[nodiscard]] constexpr bool is_ready() const noexcept { return value_.has_value(); }
    [[nodiscard]] constexpr bool is_pending() const noexcept { return !value_.has_value(); }

    /// The value; the poll must be ready.
    [[nodiscard]] constexpr T& value() & noexcept {
        assert(is_ready());
        return *value_;
    }
    [[nodiscard]] constexpr const T& value() const& noexcept {
        assert(is_ready());
        return *value_;
    }
    [[nodiscard]] constexpr T&& value() && noexcept {
        assert(is_ready());
        return std::move(*value_);
    }

   private:
    std::optional<T> value_;
};

/// Ready without a value: `poll<>::ready()`.
template <>
class [[nodiscard]] poll<void> {
   public:
    using value_type = void;

    constexpr poll(pending_t) noexcept {}
    [[nodiscard]] static constexpr poll ready() noexcept {
        poll answer{pending};
        answer.ready_ = true;
        return answer;
    }

    [[nodiscard]] constexpr bool is_ready() const noexcept { return ready_; }
    [[nodiscard]] constexpr bool is_pending() const noexcept { return !ready_; }
    constexpr void value() const noexcept { assert(ready_); }

   private:
    bool ready_ = false;
};

}  // namespace rouse
