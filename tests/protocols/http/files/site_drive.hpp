#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "protocols/http/files/file_site.hpp"
#include "protocols/http/request_parser.hpp"
#include "protocols/http/router.hpp"
#include "tests/runtime/fs/file_tree.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/reactor_drive.hpp"

namespace rouse::test {

/// What a site answered, all of it in memory.
struct site_reply {
    int status = 0;
    std::string content_type;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
    std::uint64_t length = 0;  ///< As announced,
    bool has_length = true;    ///< if it was.
    bool at_once = false;
    std::optional<std::error_code> cut;  ///< Why the body ended too early.

    /// The value of a field; empty when there is none.
    [[nodiscard]] std::string operator[](std::string_view name) const {
        const auto place = std::ranges::find(
            fields, name, [](const auto& each) { return std::string_view(each.first); });
        return place == fields.end() ? std::string() : place->second;
    }
};

/// Everything of a body.
inline void read_body(reactor& io, http::body_source& body, site_reply& into) {
    while (true) {
        auto piece = drive(io, http::next(body));
        if (!piece) {
            into.cut = piece.error();
            return;
        }
        if (piece->empty()) {
            return;
        }
        into.body.append(reinterpret_cast<const char*>(piece->data()), piece->size());
    }
}

/// A request that came from nowhere.
class request_text final : private http::request_origin {
   public:
    request_text(std::string_view method, std::string_view target,
                 const std::vector<std::string>& lines) {
        text_.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: a\r\n");
        for (const std::string& line : lines) {
            text_.append(line).append("\r\n");
        }
        text_.append("\r\n");
        REQUIRE(parser_.parse(text_) == http::parse_status::done);
    }

    [[nodiscard]] http::request asked() { return {parser_.head(), *this}; }
    [[nodiscard]] const http::request_head& head() const { return parser_.head(); }

   private:
    struct no_body final : http::body_source {
        rouse::poll<result<owned_bytes>> poll_next(context& /*cx*/) override {
            return result<owned_bytes>();
        }
    };

    [[nodiscard]] address peer_address() const override { return {}; }
    [[nodiscard]] ip_address peer_ip() override { return {}; }
    [[nodiscard]] http::body_source& body_of_request() override { return body_; }

    std::string text_;
    http::request_parser parser_{http::parser_limits()};
    no_body body_;
};

/// A response, with its body read.
[[nodiscard]] inline site_reply reply_of(reactor& io, http::response made, bool is_head) {
    CHECK(http::is_writable(made));
    http::unshare(made);
    site_reply reply{.status = made.status,
                     .content_type = std::string(made.content_type),
                     .fields = {},
                     .body = {},
                     .cut = {}};
    for (const auto& each : made.headers) {
        reply.fields.emplace_back(each.name, each.value);
    }
    auto* const source = std::get_if<std::unique_ptr<http::body_source>>(&made.body);
    const std::optional<std::uint64_t> length =
        source == nullptr ? http::text_of(made).size() : (*source)->length();
    reply.has_length = length.has_value();
    reply.length = length.value_or(0);
    if (source == nullptr) {
        reply.body = is_head ? std::string() : std::string(http::text_of(made));
    } else if (!is_head) {
        read_body(io, **source, reply);
    }
    return reply;
}

/// A site on a folder of its own, asked by hand.
class site_drive {
   public:
    site_drive() = default;
    explicit site_drive(http::file_site_options options) : options_(std::move(options)) {}

    /// Once the options are set; the site is made at the first question.
    [[nodiscard]] http::file_site_options& options() { return options_; }
    [[nodiscard]] http::file_site& site() {
        if (!site_) {
            if (options_.root.empty()) {
                options_.root = files.path();
            }
            auto made = http::file_site::make(*io, options_);
            REQUIRE_MESSAGE(made, (made ? std::string() : made.error()));
            site_ = *std::move(made);
            handler_ = site_->make_handler();
        }
        return *site_;
    }

    [[nodiscard]] site_reply ask(std::string_view target,
                                 const std::vector<std::string>& lines = {},
                                 std::string_view method = "GET") {
        (void)site();
        request_text text(method, target, lines);
        http::request asked = text.asked();
        auto made = http::call_at_once(handler_, asked);
        const bool at_once = made.has_value();
        if (!made) {
            http::request again = text.asked();
            made.emplace(drive(*io, http::call_later(handler_, again)));
        }
        site_reply reply = reply_of(*io, std::move(*made), method == "HEAD");
        reply.at_once = at_once;
        return reply;
    }
    /// Asks a second time, when the first has loaded it.
    [[nodiscard]] site_reply ask_twice(std::string_view target,
                                       const std::vector<std::string>& lines = {},
                                       std::string_view method = "GET") {
        (void)ask(target, lines, method);
        return ask(target, lines, method);
    }
    /// What the kernel is asked for meanwhile: opens, stats and reads.
    template <class Act>
    std::uint64_t operations_of(Act act) {
        const std::uint64_t before = io->counters().submissions;
        act();
        return io->counters().submissions - before;
    }
    /// Asks until that takes so few operations as to look at files, and to read none: until they
    /// are no longer so new that they may change unseen. For looking_each_time().
    void await_settled(std::string_view target, std::uint64_t operations,
                       const std::vector<std::string>& lines = {}) {
        const patience waiting;
        while (operations_of([&] { (void)ask(target, lines); }) > operations) {
            REQUIRE(!waiting.is_over());
        }
    }
    [[nodiscard]] http::handler& handler() {
        (void)site();
        return handler_;
    }

    file_tree files;
    std::unique_ptr<reactor> io = tested_reactor();

   private:
    http::file_site_options options_;
    std::unique_ptr<http::file_site> site_;
    http::handler handler_;
};

/// For tests of what happens when a file is looked at: each time, or never again.
[[nodiscard]] inline http::file_site_options looking_each_time() {
    http::file_site_options made;
    made.cache_valid = milliseconds(0);
    made.root_valid = std::chrono::hours(1);
    return made;
}
[[nodiscard]] inline http::file_site_options looking_once() {
    http::file_site_options made;
    made.cache_valid = std::chrono::hours(1);
    made.root_valid = std::chrono::hours(1);
    return made;
}

}  // namespace rouse::test
