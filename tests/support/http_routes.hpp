#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/http/router.hpp"
#include "tests/support/manual_future.hpp"

namespace rouse::test {

/// A body of these pieces; `failing` makes it fail after the last one, instead of ending.
class pieces_body final : public http::body_source {
   public:
    pieces_body(std::vector<std::string> pieces, std::optional<std::uint64_t> length = std::nullopt,
                std::error_code failing = {})
        : pieces_(std::move(pieces)), length_(length), failing_(failing) {}

    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& /*cx*/) override {
        if (next_ < pieces_.size()) {
            return result<owned_bytes>(owned_bytes::from_string(pieces_[next_++]));
        }
        return failing_ ? result<owned_bytes>(failure(failing_)) : result<owned_bytes>();
    }
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept override { return length_; }

   private:
    std::vector<std::string> pieces_;
    std::size_t next_ = 0;
    std::optional<std::uint64_t> length_;
    std::error_code failing_;
};

/// A body whose next piece comes when the test says so.
class manual_body final : public http::body_source {
   public:
    explicit manual_body(manual_control<std::string>& control) noexcept : control_(control) {}
    ~manual_body() override { control_.waker = local_waker(); }

    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& cx) override {
        auto text = manual_future<std::string>(control_).poll(cx);
        if (text.is_pending()) {
            store_waker(control_.waker, cx);  // Dropping the future above has dropped it.
            return pending;
        }
        control_.value.reset();
        return result<owned_bytes>(owned_bytes::from_string(std::move(text.value())));
    }

   private:
    manual_control<std::string>& control_;
};

/// The body of the request as that of the response.
class echoed_body final : public http::body_source {
   public:
    explicit echoed_body(http::body_source& from) noexcept : from_(from) {}
    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& cx) override {
        return from_.poll_next(cx);
    }
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept override {
        return from_.length();
    }

   private:
    http::body_source& from_;
};

[[nodiscard]] inline http::response echo(http::request& asked) {
    return http::response::stream(std::make_unique<echoed_body>(asked.body()),
                                  asked.head().content_type);
}

/// Reads the body to its end and answers it as text, with the target, whose view must still be good
/// then.
[[nodiscard]] inline task<http::response> read_all(http::request& asked) {
    std::string text;
    while (true) {
        const auto piece = co_await http::next(asked.body());
        if (!piece) {
            co_return http::response::of_status(418);  // The connection says what was wrong.
        }
        if (piece->empty()) {
            break;
        }
        text.append(reinterpret_cast<const char*>(piece->data()), piece->size());
    }
    co_return http::response::text(std::string(asked.head().target) + " " + text,
                                   asked.head().content_type);
}

/// Reads one piece of the body only.
[[nodiscard]] inline task<http::response> read_piece(http::request& asked) {
    const auto piece = co_await http::next(asked.body());
    co_return http::response::text(piece ? std::to_string(piece->size()) : "failed");
}

/// Answers when the test says so, with what it says.
[[nodiscard]] inline task<http::response> wait_for(manual_control<std::string>& control) {
    co_return http::response::text(co_await manual_future<std::string>(control));
}

/// Routes of all kinds; `control` is that of those that wait.
struct http_routes {
    manual_control<std::string> control;
    http::router routes;

    http_routes() {
        routes.get("/plain", [](http::request&) { return http::response::literal("hello"); })
            .get("/large",
                 [](http::request&) { return http::response::text(std::string(20'000, 'x')); })
            .get("/pieces",
                 [](http::request&) {
                     return http::response::stream(
                         std::make_unique<pieces_body>(std::vector<std::string>{"one", "three"}),
                         http::text_plain);
                 })
            .get("/counted",
                 [](http::request&) {
                     return http::response::stream(
                         std::make_unique<pieces_body>(std::vector<std::string>{"one", "three"}, 8),
                         http::text_plain);
                 })
            .get("/slow",
                 [this](http::request&) {
                     return http::response::stream(std::make_unique<manual_body>(control),
                                                   http::text_plain);
                 })
            .get("/wait", [this](http::request&) { return wait_for(control); })
            .post("/ignore", [](http::request&) { return http::response::literal("ignored"); })
            .post("/all", read_all)
            .post("/piece", read_piece)
            .post("/echo", echo);
    }
    http_routes(const http_routes&) = delete;  // The handlers have our address.
    http_routes& operator=(const http_routes&) = delete;
};

}  // namespace rouse::test
