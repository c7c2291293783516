#include "protocols/http/middleware/basic_auth.hpp"

#include <memory>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

#include "tests/protocols/http/middleware/asked_request.hpp"
#include "tests/protocols/http/middleware/known_hashes.hpp"

namespace rouse::test {
namespace {

using namespace std::chrono_literals;

task<http::response> say_path_later(http::request& asked) {
    co_return http::response::text(std::string(asked.path()));
}

// "Aladdin:open sesame", as in RFC 7617, 2.
const std::string aladdin = "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
const std::string wrong_password = "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZSE=";
const std::string nobody = "Authorization: Basic bm9ib2R5Om9wZW4gc2VzYW1l";

http::basic_auth_options one_user() {
    return {.users = {{.name = "Aladdin", .password_hash = open_sesame_bcrypt}}};
}

struct guarded {
    explicit guarded(http::handler inner, http::basic_auth_options options = one_user(),
                     blocking_pool_options threads = {})
        : pool(std::make_shared<blocking_pool>(threads)) {
        options.now = [this] { return now; };
        const auto wrap = http::make_basic_auth(std::move(options), pool);
        REQUIRE_MESSAGE(wrap.has_value(), wrap.error());
        handler = (*wrap)(std::move(inner));
    }
    guarded(const guarded&) = delete;
    guarded& operator=(const guarded&) = delete;

    // Whether the request is answered without waiting for a hash.
    bool is_at_once(std::vector<std::string> lines) {
        asked_request asked("GET /", std::move(lines));
        return http::call_at_once(handler, asked.attempt()).has_value();
    }

    time_point now{1'000h};
    std::shared_ptr<blocking_pool> pool;
    http::handler handler;
};

}  // namespace

TEST_SUITE("protocols/http/middleware/basic_auth") {
    TEST_CASE("without credentials there is a challenge: RFC 7617, 2") {
        guarded with(say_path());
        const auto made = answer_of(with.handler, "GET /secret");
        CHECK(made.status == 401);
        CHECK(header_lines(made) ==
              "WWW-Authenticate: Basic realm=\"restricted\", charset=\"UTF-8\"\r\n");
        CHECK(text_of(made) == "401 Unauthorized\n");
        CHECK(with.is_at_once({}));
    }

    TEST_CASE("the right password opens, a wrong one and an unknown user do not") {
        guarded with(say_path());
        CHECK(text_of(answer_of(with.handler, "GET /secret", {aladdin})) == "/secret");
        CHECK(answer_of(with.handler, "GET /secret", {wrong_password}).status == 401);
        CHECK(answer_of(with.handler, "GET /secret", {nobody}).status == 401);
        CHECK(answer_of(with.handler, "GET /", {"Authorization: Bearer QQ=="}).status == 401);
        CHECK(answer_of(with.handler, "GET /", {aladdin, aladdin}).status == 401);
    }

    TEST_CASE("verified credentials are remembered for their time, wrong ones never") {
        guarded with(say_path());
        CHECK_FALSE(with.is_at_once({aladdin}));
        CHECK(answer_of(with.handler, "GET /", {aladdin}).status == 200);
        CHECK(with.is_at_once({aladdin}));
        CHECK(answer_of(with.handler, "GET /", {wrong_password}).status == 401);
        CHECK_FALSE(with.is_at_once({wrong_password}));
        CHECK(answer_of(with.handler, "GET /", {nobody}).status == 401);
        CHECK_FALSE(with.is_at_once({nobody}));
        with.now += 300s;
        CHECK_FALSE(with.is_at_once({aladdin}));
    }

    TEST_CASE("the access log gets the name of who is let through, remembered or not") {
        const auto user_of = [](guarded& with, std::vector<std::string> lines) {
            asked_request asked("GET /", std::move(lines));
            (void)answer_of(with.handler, asked);
            return std::string(asked.user());
        };
        guarded with(say_path());
        CHECK(user_of(with, {wrong_password}).empty());
        CHECK(user_of(with, {aladdin}) == "Aladdin");
        REQUIRE(with.is_at_once({aladdin}));
        CHECK(user_of(with, {aladdin}) == "Aladdin");
        CHECK(user_of(with, {wrong_password}).empty());
        CHECK(user_of(with, {nobody}).empty());
        CHECK(user_of(with, {}).empty());
        counted_handler waiting;
        guarded before(waiting.make());
        CHECK(user_of(before, {aladdin}) == "Aladdin");
        CHECK(user_of(before, {aladdin}) == "Aladdin");
        // Below a path that is open nobody asks who it is.
        http::basic_auth_options options = one_user();
        options.paths = {"/private"};
        guarded open(say_path(), std::move(options));
        CHECK(user_of(open, {aladdin}).empty());
    }

    TEST_CASE("nothing is remembered when it is not to be") {
        auto options = one_user();
        options.cache_entries_max = 0;
        guarded with(say_path(), std::move(options));
        CHECK(answer_of(with.handler, "GET /", {aladdin}).status == 200);
        CHECK_FALSE(with.is_at_once({aladdin}));
    }

    TEST_CASE("each step of a handler that waits is called once, remembered or not") {
        counted_handler inner;
        guarded with(inner.make());
        CHECK(text_of(answer_of(with.handler, "GET /a", {aladdin})) == "/a");
        CHECK(inner.at_once_calls == 1);
        CHECK(inner.later_calls == 1);
        CHECK(text_of(answer_of(with.handler, "GET /b", {aladdin})) == "/b");
        CHECK(inner.at_once_calls == 2);
        CHECK(inner.later_calls == 2);
        CHECK(answer_of(with.handler, "GET /c", {nobody}).status == 401);
        CHECK(inner.at_once_calls == 2);
    }

    TEST_CASE("a handler behind a password that was just hashed sees who asks at both steps") {
        std::string seen;
        guarded with(http::either_handler{
            .at_once =
                [&seen](http::request& asked) {
                    seen += asked.peer_ip() == ip_address(asked.peer()) ? "same " : "other ";
                    seen += asked.peer().to_string() + " ";
                    return std::optional<http::response>();
                },
            .later =
                [&seen](http::request& asked) {
                    seen += asked.peer().to_string();
                    return say_path_later(asked);
                }});
        CHECK(text_of(answer_of(with.handler, "GET /a", {aladdin})) == "/a");
        CHECK(seen == "same 192.0.2.1:1 192.0.2.1:1");
    }

    TEST_CASE("a change of the request inside is made once for each attempt") {
        guarded with(http::with_request(
            [] {
                static counted_handler inner;
                return inner.make();
            }(),
            [](http::request& asked) {
                asked.rewrite(std::string(asked.path()) + "/more", std::string());
            }));
        CHECK(text_of(answer_of(with.handler, "GET /a", {aladdin})) == "/a/more");
    }

    TEST_CASE("only the paths that are named are protected, however they are spelt") {
        auto options = one_user();
        options.paths = {"/admin", "/a b/"};
        guarded with(say_path(), std::move(options));
        for (const auto* open : {"/", "/administrator", "/x/admin", "/ab", "/admin2/"}) {
            CAPTURE(open);
            CHECK(answer_of(with.handler, "GET " + std::string(open)).status == 200);
        }
        for (const auto* shut :
             {"/admin", "/admin/", "/admin/x?y", "/%61dmin", "//admin", "/./admin", "/x/../admin",
              "/%2e%2E/admin", "/x%2f..%2fadmin/y", "/admin/../open", "/admin%00", "/%", "/a%20b",
              "/../admin", "/x//../admin/", "/y/../admin//../z", "/x%2fy/../admin"}) {
            CAPTURE(shut);
            CHECK(answer_of(with.handler, "GET " + std::string(shut)).status == 401);
        }
        CHECK(answer_of(with.handler, "OPTIONS *").status == 401);
    }

    TEST_CASE("a protected file has its compressed siblings with it") {
        auto options = one_user();
        options.paths = {"/t.css"};
        guarded with(say_path(), std::move(options));
        for (const auto* shut :
             {"/t.css", "/t.css.gz", "/t.css.br", "/t.css.zst", "/t.css%2egz", "//t.css.br/"}) {
            CAPTURE(shut);
            CHECK(answer_of(with.handler, "GET " + std::string(shut)).status == 401);
        }
        for (const auto* open : {"/t.css.map", "/t.css.gz.txt", "/t.cssx.gz", "/t.gz"}) {
            CAPTURE(open);
            CHECK(answer_of(with.handler, "GET " + std::string(open)).status == 200);
        }
    }

    TEST_CASE("a handler that waits is reached on open paths without credentials") {
        counted_handler inner;
        auto options = one_user();
        options.paths = {"/admin"};
        guarded with(inner.make(), std::move(options));
        CHECK(text_of(answer_of(with.handler, "GET /open")) == "/open");
        CHECK(inner.at_once_calls == 1);
        CHECK(inner.later_calls == 1);
    }

    TEST_CASE("beyond its bound a password is not hashed: 503 with Retry-After") {
        auto options = one_user();
        options.hashes_max = 1;
        std::binary_semaphore entered{0};
        std::binary_semaphore opened{0};
        guarded with(say_path(), std::move(options));
        auto held = with.pool->run([&] {
            entered.release();
            opened.acquire();
        });
        CHECK(poll_once(held).is_pending());
        entered.acquire();
        asked_request waiting("GET /", {aladdin});
        CHECK_FALSE(http::call_at_once(with.handler, waiting.attempt()));
        auto first = http::call_later(with.handler, waiting.attempt());
        CHECK(poll_once(first).is_pending());
        const auto made = answer_of(with.handler, "GET /", {nobody});
        CHECK(made.status == 503);
        CHECK(header_lines(made) == "Retry-After: 1\r\n");
        opened.release();
        waking_executor on;
        CHECK(on.runs.run_until(std::move(first)).value().status == 200);
        CHECK(answer_of(with.handler, "GET /", {nobody}).status == 401);
    }

    TEST_CASE(
        "a pool without room is the same, and a request that is dropped gives its place back") {
        guarded with(say_path(), one_user(), {.threads = 1, .queue_jobs_max = 0});
        for (int round = 0; round < 20; ++round) {
            CHECK(answer_of(with.handler, "GET /", {aladdin}).status == 503);
        }
    }

    TEST_CASE("the realm is a quoted string: RFC 9110, 5.6.4") {
        auto options = one_user();
        options.realm = "a \"b\" \\ c";
        guarded with(say_path(), std::move(options));
        CHECK(header_of(answer_of(with.handler, "GET /"), "WWW-Authenticate") ==
              R"(Basic realm="a \"b\" \\ c", charset="UTF-8")");
    }

    TEST_CASE("options that protect nothing or too little are refused, without the hash") {
        const auto error_of = [](auto change) {
            auto options = one_user();
            change(options);
            return http::make_basic_auth(options, nullptr).error();
        };
        CHECK(error_of([](auto& each) { each.users[0].password_hash = "hunter2"; }) ==
              "basic auth: user \"Aladdin\": not a hash, or one of the old DES formats: use "
              "htpasswd -B or mkpasswd");
        CHECK(error_of([](auto& each) { each.users.clear(); }) == "basic auth: users: 1 to 10000");
        CHECK(error_of([](auto& each) { each.users.push_back(each.users[0]); }) ==
              "basic auth: user \"Aladdin\": is there twice");
        CHECK(error_of([](auto& each) { each.users[0].name = "a:b"; }).contains("no colon"));
        CHECK(error_of([](auto& each) { each.users[0].name = "a\nb"; }).contains("user \"?\""));
        CHECK(error_of([](auto& each) { each.users[0].name = ""; }).contains("not empty"));
        CHECK(error_of([](auto& each) { each.realm = "é"; }).contains("printable ASCII"));
        CHECK(error_of([](auto& each) { each.realm = std::string(129, 'a'); }).contains("realm"));
        CHECK(error_of([](auto& each) { each.paths = {"admin"}; }).contains("no slash"));
        CHECK(error_of([](auto& each) { each.paths = {"/a/../b"}; }).contains("dots"));
        CHECK(error_of([](auto& each) { each.paths = {"/a%20b"}; }).contains("without escapes"));
        CHECK(error_of([](auto& each) { each.paths = {}; }).contains("paths: 1 to 256"));
        CHECK(error_of([](auto& each) { each.hashes_max = 0; }).contains("hashes at once"));
        CHECK(error_of([](auto& each) { each.cache_entries_max = 100'000; }).contains("entries"));
        CHECK(error_of([](auto& each) { each.cache_lifetime = -1s; }).contains("lifetime"));
    }
}

}  // namespace rouse::test
