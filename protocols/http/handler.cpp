#include "protocols/http/handler.hpp"

#include <memory>

namespace rouse::http {
namespace {

// Lets an optional or the like be made of what a function returns without a move in between.
template <class F>
class result_of {
   public:
    explicit result_of(const F& function) noexcept : function_(function) {}
    // NOLINTNEXTLINE(google-explicit-constructor): this conversion is all that it is for.
    operator std::invoke_result_t<const F&>() const { return function_(); }

   private:
    const F& function_;
};

task<response> call_then_change(const handler& inner, const response_change& change,
                                request& asked) {
    response made = co_await call_later(inner, asked);
    change(asked, made);
    co_return made;
}

// Handlers are copied into std::function, and coroutines hold references to what they are made of:
// so what belongs together has one place, for as long as any copy lives.
struct checked {
    handler inner;
    request_check check;
};
struct changed_request {
    handler inner;
    request_change change;
};
struct changed_response {
    handler inner;
    response_change change;
};

}  // namespace

std::optional<response> call_at_once(const handler& called, request& asked) {
    if (const auto* plain = std::get_if<plain_handler>(&called)) {
        const auto call = [&] { return (*plain)(asked); };
        return std::optional<response>(std::in_place, result_of(call));
    }
    if (const auto* either = std::get_if<either_handler>(&called)) {
        return either->at_once(asked);
    }
    return std::nullopt;
}

task<response> call_later(const handler& called, request& asked) {
    if (const auto* async = std::get_if<async_handler>(&called)) {
        return (*async)(asked);
    }
    return std::get<either_handler>(called).later(asked);
}

handler with_check(handler inner, request_check check) {
    auto kept = std::make_shared<const checked>(std::move(inner), std::move(check));
    if (const auto* plain = std::get_if<plain_handler>(&kept->inner)) {
        return plain_handler([kept, plain](request& asked) {
            std::optional<response> refused = kept->check(asked);
            return refused ? std::move(*refused) : (*plain)(asked);
        });
    }
    return either_handler{
        .at_once =
            [kept](request& asked) {
                std::optional<response> refused = kept->check(asked);
                return refused ? std::move(refused) : call_at_once(kept->inner, asked);
            },
        .later = [kept](request& asked) { return call_later(kept->inner, asked); }};
}

handler with_request(handler inner, request_change change) {
    auto kept = std::make_shared<const changed_request>(std::move(inner), std::move(change));
    return either_handler{.at_once =
                              [kept](request& asked) {
                                  kept->change(asked);
                                  return call_at_once(kept->inner, asked);
                              },
                          .later =
                              [kept](request& asked) {
                                  kept->change(asked);
                                  return call_later(kept->inner, asked);
                              }};
}

handler with_response(handler inner, response_change change) {
    return with_shared_response(std::move(inner),
                                [change = std::move(change)](const request& asked, response& made) {
                                    unshare(made);
                                    change(asked, made);
                                });
}

handler with_shared_response(handler inner, response_change change) {
    auto kept = std::make_shared<const changed_response>(std::move(inner), std::move(change));
    if (const auto* plain = std::get_if<plain_handler>(&kept->inner)) {
        return plain_handler([kept, plain](request& asked) {
            response made = (*plain)(asked);
            kept->change(asked, made);
            return made;
        });
    }
    return either_handler{
        .at_once =
            [kept](request& asked) {
                std::optional<response> made = call_at_once(kept->inner, asked);
                if (made) {
                    kept->change(asked, *made);
                }
                return made;
            },
        .later =
            [kept](request& asked) { return call_then_change(kept->inner, kept->change, asked); }};
}

}  // namespace rouse::http
