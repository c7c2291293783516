#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "protocols/http/handler.hpp"
#include "protocols/http/request_parser.hpp"
#include "tests/support/executors.hpp"

namespace rouse::test {

/// A request that came from somewhere, without a connection.
class asked_request final : public http::request_origin {
   public:
    /// "GET /path" and further header lines, each without its line end. Host comes first, unless
    /// the lines have one.
    explicit asked_request(std::string_view request_line, std::vector<std::string> lines = {},
                           std::string_view peer = "192.0.2.1:1")
        : peer_(address::parse(peer).value()) {
        text_.append(request_line).append(" HTTP/1.1\r\n");
        if (lines.empty() || !lines[0].starts_with("Host:")) {
            text_ += "Host: example.org\r\n";
        }
        for (const std::string& each : lines) {
            text_.append(each).append("\r\n");
        }
        text_ += "\r\n";
        REQUIRE(parser_.parse(text_) == http::parse_status::done);
    }
    asked_request(const asked_request&) = delete;
    asked_request& operator=(const asked_request&) = delete;

    /// Who asks, as middleware has said.
    [[nodiscard]] std::string_view user() const noexcept { return user_; }

    /// The same request in a new object, as a connection makes one for each attempt.
    [[nodiscard]] http::request& attempt() { return attempts_.emplace_back(parser_.head(), *this); }

    [[nodiscard]] address peer_address() const override { return peer_; }
    [[nodiscard]] ip_address peer_ip() override { return ip_address(peer_); }
    [[nodiscard]] http::body_source& body_of_request() override {
        FAIL("these requests have no body");
        std::abort();
    }
    void set_user(std::string_view name) noexcept override { user_ = name; }

   private:
    std::string text_;
    http::request_parser parser_;
    address peer_;
    std::string_view user_;
    std::deque<http::request> attempts_;  // Their text may be part of the response.
};

/// What a connection gets of a handler: at once, or else later.
inline http::response answer_of(const http::handler& called, asked_request& asked) {
    if (auto made = http::call_at_once(called, asked.attempt())) {
        return std::move(*made);
    }
    waking_executor on;
    return on.runs.run_until(http::call_later(called, asked.attempt())).value();
}

inline std::string_view to_lasting(std::string_view text) {
    static std::set<std::string, std::less<>> kept;
    return *kept.emplace(text).first;
}

inline http::response answer_of(const http::handler& called, std::string_view request_line,
                                std::vector<std::string> lines = {}) {
    asked_request asked(request_line, std::move(lines));
    http::response made = answer_of(called, asked);
    CHECK(is_writable(made));
    // Its type may be text of the request, which ends here.
    made.content_type = to_lasting(made.content_type);
    http::unshare(made);  // They may be of the handler, which ends too.
    return made;
}

/// The values of all headers of this name, joined by '|'; "none" without one.
inline std::string header_of(const http::response& made, std::string_view name) {
    std::string values;
    bool is_there = false;
    for (const http::response_header& each : made.headers) {
        if (http::equals_ignoring_case(each.name, name)) {
            values.append(is_there ? "|" : "").append(each.value);
            is_there = true;
        }
    }
    return is_there ? values : "none";
}

/// The header lines as they would be sent.
inline std::string header_lines(const http::response& made) {
    std::string lines;
    for (const http::response_header& each : made.headers) {
        lines.append(each.name).append(": ").append(each.value).append("\r\n");
    }
    return lines;
}

/// A handler that answers at its second step, after at_once has given nothing, and counts both.
struct counted_handler {
    int at_once_calls = 0;
    int later_calls = 0;

    [[nodiscard]] http::handler make() {
        return http::either_handler{.at_once =
                                        [this](http::request& /*asked*/) {
                                            ++at_once_calls;
                                            return std::optional<http::response>();
                                        },
                                    .later =
                                        [this](http::request& asked) {
                                            ++later_calls;
                                            return answer(asked);
                                        }};
    }

   private:
    static task<http::response> answer(http::request& asked) {
        co_return http::response::text(std::string(asked.path()));
    }
};

inline http::handler say_path() {
    return http::make_handler([](http::request& asked) {
        std::string text(asked.path());
        if (!asked.query().empty()) {
            text.append("?").append(asked.query());
        }
        return http::response::text(std::move(text));
    });
}

}  // namespace rouse::test
