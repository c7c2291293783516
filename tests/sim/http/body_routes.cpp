#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "runtime/time/sleep.hpp"
#include "tests/sim/http/route_content.hpp"
#include "tests/sim/http/routes.hpp"

namespace rouse::sim {
namespace {

using http::request;
using http::response;

void append(std::string& text, const owned_bytes& piece) {
    text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
}

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

response echo(request& asked) {
    return response::stream(std::make_unique<echoed_body>(asked.body()), asked.head().content_type);
}

// The head is looked at when the body has come, so that its text must still be good.
task<response> read_all(request& asked) {
    std::string text;
    while (true) {
        const auto piece = co_await http::next(asked.body());
        if (!piece) {
            co_return response::of_status(418);  // The connection says what was wrong.
        }
        if (piece->empty()) {
            break;
        }
        append(text, *piece);
    }
    const http::request_head& head = asked.head();
    std::string told = describe({.method = head.method_name,
                                 .target = head.target,
                                 .path = head.path,
                                 .query = head.query,
                                 .host = head.host,
                                 .tag = head.find("X-TAG").value_or("-"),
                                 .minor_version = head.minor_version,
                                 .header_count = head.headers.size()});
    co_return response::text(told + text, head.content_type);
}

task<response> read_slowly(request& asked) {
    constexpr int pauses_max = 4;
    const milliseconds pause(parse_number(asked.param("ms")).value_or(0));
    std::string text;
    for (int count = 0;; ++count) {
        if (count < pauses_max) {
            co_await sleep_for(pause);
        }
        const auto piece = co_await http::next(asked.body());
        if (!piece || piece->empty()) {
            break;
        }
        append(text, *piece);
    }
    co_return response::text(std::move(text));
}

task<response> read_piece(request& asked) {
    std::string text;
    const auto piece = co_await http::next(asked.body());
    if (piece) {
        append(text, *piece);
    }
    co_return response::text(std::move(text));
}

task<response> read_piece_and_throw(request& asked) {
    (void)co_await http::next(asked.body());
    throw std::runtime_error("after a piece");
}

task<response> ignore_slowly(request& asked) {
    co_await sleep_for(milliseconds(parse_number(asked.param("ms")).value_or(0)));
    co_return response::literal("ignored in the end");
}

response turn_away(request&) {
    response made = response::of_status(403);
    made.close = true;
    return made;
}

}  // namespace

void add_body_routes(http::router& routes) {
    using namespace route_methods;
    routes.on(post_or_put, "/echo", echo)
        .on(named, "/tell", read_all)
        .post("/slow/{ms}", read_slowly)
        .on(post_or_put, "/piece", read_piece)
        .post("/piece/throw", read_piece_and_throw)
        .on(post_or_put, "/ignore", [](request&) { return response::literal("ignored"); })
        .post("/ignore/{ms}", ignore_slowly)
        .post("/away", turn_away);
}

}  // namespace rouse::sim
