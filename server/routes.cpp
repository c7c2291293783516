#include "server/routes.hpp"

#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "protocols/http/status.hpp"
#include "runtime/time/sleep.hpp"
#include "server/anything.hpp"
#include "server/index_page.hpp"

namespace rouse::server {
namespace {

using http::request;
using http::response;

// A whole decimal number and nothing else.
std::optional<std::uint64_t> parse_number(std::string_view text) noexcept {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

response bad_number(std::string_view wanted) {
    response refused =
        response::text("400 Bad Request: want a whole number " + std::string(wanted) + "\n");
    refused.status = 400;
    return refused;
}

response index_page(request& /*asked*/) {
    return response::literal(index_html, http::text_html);
}

response plaintext(request& /*asked*/) {
    return response::literal("Hello, World!");
}

response json(request& /*asked*/) {
    return response::literal(R"({"message":"Hello, World!"})", http::application_json);
}

response healthz(request& /*asked*/) {
    return health_answer();
}

/// The body of the request as the body of the response: one piece is read while the one before is
/// sent, and no more.
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

response echo(request& asked) {
    const std::string_view type = asked.head().content_type;
    return response::stream(std::make_unique<echoed_body>(asked.body()),
                            type.empty() ? "application/octet-stream" : type);
}

response status(request& asked) {
    const auto code = parse_number(asked.param("code"));
    if (!code || *code < 200 || *code > http::status_max) {
        return bad_number("from 200 to 599");
    }
    return response::of_status(static_cast<int>(*code));
}

task<response> delay(request& asked) {
    const auto wait = parse_number(asked.param("ms"));
    if (!wait || *wait > delay_milliseconds_max) {
        co_return bad_number("of milliseconds, up to 60000");
    }
    co_await sleep_for(milliseconds(*wait));
    co_return response::text("waited " + std::to_string(*wait) + " ms\n");
}

/// n bytes of a pattern, from memory that all responses share.
class pattern_body final : public http::body_source {
   public:
    explicit pattern_body(std::uint64_t bytes) noexcept : length_(bytes), left_(bytes) {}

    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& /*cx*/) override {
        static const std::string pattern = [] {
            constexpr std::string_view digits = "0123456789abcdef";
            std::string made;
            while (made.size() < piece_bytes) {
                made += digits;
            }
            return made;
        }();
        const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece_bytes));
        left_ -= taken;
        return result<owned_bytes>(
            owned_bytes::from_static(std::string_view(pattern).substr(0, taken)));
    }
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept override { return length_; }

   private:
    static constexpr std::size_t piece_bytes = 65'536;

    std::uint64_t length_;
    std::uint64_t left_;
};

response bytes(request& asked) {
    const auto count = parse_number(asked.param("n"));
    if (!count || *count > bytes_max) {
        return bad_number("of bytes, up to 1073741824");
    }
    return response::stream(std::make_unique<pattern_body>(*count), "application/octet-stream");
}

task<response> upload(request& asked) {
    std::uint64_t count = 0;
    while (true) {
        const auto piece = co_await http::next(asked.body());
        if (!piece) {
            co_return response::of_status(400);  // The connection says what was wrong.
        }
        if (piece->empty()) {
            break;
        }
        count += piece->size();
    }
    co_return response::text(R"({"bytes":)" + std::to_string(count) + "}", http::application_json);
}

}  // namespace

response health_answer() {
    response healthy = response::literal("ok\n");
    healthy.quiet = true;
    return healthy;
}

void add_index_route(http::router& routes) {
    routes.get("/", index_page);
}

void add_health_route(http::router& routes) {
    routes.get(health_path, healthz);
}

void add_test_routes(http::router& routes) {
    using http::method;
    const auto post_or_put =
        static_cast<http::method_mask>(http::to_mask(method::post) | http::to_mask(method::put));
    routes.get("/plaintext", plaintext)
        .get("/json", json)
        .on(post_or_put, "/echo", echo)
        .on(post_or_put, "/upload", upload)
        .any("/anything", anything)
        .any("/anything/{rest...}", anything)
        .any("/status/{code}", status)
        .get("/delay/{ms}", delay)
        .get("/bytes/{n}", bytes);
}

void add_routes(http::router& routes) {
    add_index_route(routes);
    add_health_route(routes);
    add_test_routes(routes);
}

}  // namespace rouse::server
