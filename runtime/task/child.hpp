#pragma once

#include <cassert>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "runtime/base/result.hpp"
#include "runtime/task/future.hpp"

/// What combinators share: how they hold the futures that they were given, and what becomes of
/// their outputs.
namespace rouse::detail {

template <class F>
inline constexpr bool nothrow_poll =
    noexcept(std::declval<std::remove_reference_t<F>&>().poll(std::declval<context&>())) &&
    (std::is_void_v<future_output_t<F>> ||
     std::is_nothrow_move_constructible_v<future_output_t<F>>);

/// Void cannot be kept in a tuple or a variant; monostate can.
template <class T>
using storable_t = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class F>
using storable_output_t = storable_t<future_output_t<F>>;

/// The value of a ready poll in its storable form.
template <class T>
[[nodiscard]] storable_t<T> take_value(poll<T>&& answer) noexcept(
    std::is_void_v<T> || std::is_nothrow_move_constructible_v<T>) {
    if constexpr (std::is_void_v<T>) {
        answer.value();
        return {};
    } else {
        return std::move(answer).value();
    }
}

/// A child that the combinator owns: moved in before its first poll, destroyed by reset.
template <class F>
class child {
   public:
    explicit child(F&& future) : future_(std::move(future)) {}

    [[nodiscard]] auto poll(context& cx) noexcept(nothrow_poll<F>) {
        assert(future_);
        return future_->poll(cx);
    }
    void reset() noexcept { future_.reset(); }

   private:
    std::optional<F> future_;
};

/// A child that someone else owns: reset leaves it alone, and it is only not polled again.
template <class F>
class child<F&> {
   public:
    explicit child(F& future) noexcept : future_(&future) {}

    [[nodiscard]] auto poll(context& cx) noexcept(nothrow_poll<F>) { return future_->poll(cx); }
    void reset() noexcept {}

   private:
    F* future_;
};

template <class T>
struct flatten {
    using type = result<T>;
};
template <class T>
struct flatten<result<T>> {
    using type = result<T>;
};

/// result<T>, and result<T> again where T is a result already.
template <class T>
using flatten_t = typename flatten<T>::type;

/// Polls `F` and, while that is pending, `Guard`; when the guard is ready first, the child is
/// destroyed and the error is the answer.
template <class F, class Guard>
class guarded {
   public:
    using output = flatten_t<future_output_t<F>>;

    guarded(F&& future, Guard&& guard,
            errc error) noexcept(std::is_nothrow_constructible_v<child<F>, F&&>)
        : guard_(std::move(guard)), child_(std::forward<F>(future)), error_(error) {}

    [[nodiscard]] rouse::poll<output> poll(context& cx) noexcept(nothrow_poll<F> &&
                                                                 nothrow_poll<Guard>) {
        auto answer = child_.poll(cx);
        if (answer.is_ready()) {
            if constexpr (std::is_void_v<future_output_t<F>>) {
                return output();
            } else {
                return output(std::move(answer).value());
            }
        }
        if (guard_.poll(cx).is_pending()) {
            return pending;
        }
        child_.reset();
        return output(failure(error_));
    }

   private:
    Guard guard_;
    child<F> child_;
    errc error_;
};

}  // namespace rouse::detail
