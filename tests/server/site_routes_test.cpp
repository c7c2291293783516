#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "server/sites.hpp"
#include "tests/protocols/http/middleware/asked_request.hpp"
#include "tests/protocols/http/middleware/known_hashes.hpp"
#include "tests/server/temporary_site.hpp"

namespace rouse::test {
namespace {

using namespace server;
using http::response;

// "Aladdin:open sesame", as in RFC 7617, 2.
const std::string aladdin = "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";

// Files that say which root and path they would be; "/none" is missing.
std::expected<site_files, std::string> fake_files(const site_settings& settings) {
    if (settings.root == "/broken") {
        return std::unexpected("no such thing");
    }
    auto owner = std::make_shared<std::string>(settings.root);
    http::handler answer = http::make_handler([root = owner.get()](http::request& asked) {
        return asked.path() == "/none" ? response::of_status(404)
               : asked.path() == "/large"
                   ? response::text(std::string(5'000, 'a'), "text/html")
                   : response::text(*root + std::string(asked.path()), "text/html");
    });
    return site_files{.owner = std::move(owner), .answer = std::move(answer)};
}

// Sites as the daemon has them, of one worker.
struct served {
    explicit served(std::vector<site_settings> sites) : settings(std::move(sites)) {
        auto made = shared_sites::make(settings);
        REQUIRE_MESSAGE(made.has_value(), made.error());
        shared.emplace(std::move(*made));
        add_worker();
    }
    served(const served&) = delete;
    served& operator=(const served&) = delete;

    void add_worker() {
        auto opened = worker_sites::make(*shared, fake_files);
        REQUIRE_MESSAGE(opened.has_value(), opened.error());
        workers.push_back(std::move(*opened));
    }

    [[nodiscard]] response answer(std::string_view line, std::vector<std::string> lines = {},
                                  std::size_t worker = 0) const {
        asked_request asked(line, std::move(lines));
        http::request& attempt = asked.attempt();
        const http::router& routes = workers[worker]->routes().for_host(attempt.head().host);
        const http::handler* const found = routes.find(attempt);
        response made = found != nullptr ? answer_of(*found, asked) : routes.refusal(attempt);
        made.content_type = to_lasting(made.content_type);
        http::unshare(made);
        return made;
    }
    [[nodiscard]] std::string text(std::string_view line, std::string_view host) const {
        const response made = answer(line, {"Host: " + std::string(host)});
        return std::to_string(made.status) + ' ' + std::string(text_of(made));
    }

    std::vector<site_settings> settings;
    std::optional<shared_sites> shared;
    std::vector<std::unique_ptr<worker_sites>> workers;
};

site_settings site_at(std::string root, std::vector<std::string> hosts = {}) {
    site_settings site;
    site.root = std::move(root);
    site.hosts = std::move(hosts);
    return site;
}

basic_auth_settings one_user(std::vector<std::string> paths) {
    basic_auth_settings settings;
    settings.users = {{"Aladdin", open_sesame_bcrypt}};
    settings.paths = std::move(paths);
    return settings;
}

}  // namespace

TEST_SUITE("server/site_routes") {
    TEST_CASE("without a site roused's own routes are served as ever") {
        const served own({});
        CHECK(own.text("GET /plaintext", "a") == "200 Hello, World!");
        CHECK(own.text("GET /", "a").contains("<h1>roused</h1>"));
        CHECK(own.text("GET /healthz", "a") == "200 ok\n");
        CHECK(own.answer("GET /healthz").quiet);
        CHECK(own.answer("GET /plaintext").headers.empty());
        CHECK(own.answer("GET /none").status == 404);
    }

    TEST_CASE("a site without hosts answers for every host, with its files alone") {
        const served one({site_at("/srv")});
        CHECK(one.text("GET /a/b", "any") == "200 /srv/a/b");
        CHECK(one.text("GET /", "other:81") == "200 /srv/");
        CHECK(one.text("GET /plaintext", "any") == "200 /srv/plaintext");
        CHECK(one.answer("GET /none").status == 404);
    }

    TEST_CASE("hosts have sites of their own, and others the one without") {
        const served all({site_at("/a", {"a.example", "www.a.example"}),
                          site_at("/b", {"*.a.example"}), site_at("/rest")});
        CHECK(all.text("GET /x", "A.example:8080") == "200 /a/x");
        CHECK(all.text("GET /x", "www.a.example") == "200 /a/x");
        CHECK(all.text("GET /x", "c.a.example") == "200 /b/x");
        CHECK(all.text("GET /x", "b.example") == "200 /rest/x");
    }

    TEST_CASE("a host that no site has gets 404 but for its health") {
        const served one({site_at("/a", {"a.example"})});
        CHECK(one.text("GET /", "b.example").starts_with("404 "));
        CHECK(one.text("GET /plaintext", "b.example").starts_with("404 "));
        CHECK(one.text("GET /healthz", "b.example") == "200 ok\n");
    }

    TEST_CASE("the health of the daemon is behind no password, rate or redirect") {
        site_settings site = site_at("/srv");
        site.basic_auth = one_user({"/"});
        site.rate_limit = {.requests_per_second = 1, .burst = 1};
        site.redirects = {{"/{all...}", "https://a.example/{all}", 302}};
        const served one({site});
        for (int times = 0; times < 3; ++times) {
            const response made = one.answer("GET /healthz");
            CHECK(text_of(made) == "ok\n");
            CHECK(made.quiet);
        }
        CHECK(one.answer("HEAD /healthz").status == 200);
        CHECK(one.answer("GET /healthz/").status == 302);
        CHECK(one.answer("POST /healthz").status == 429);
    }

    TEST_CASE("roused's own routes go before the files, and its page only without files") {
        site_settings site = site_at("/srv");
        site.builtin = true;
        const served both({site});
        CHECK(both.text("GET /plaintext", "a") == "200 Hello, World!");
        CHECK(both.text("POST /plaintext", "a").starts_with("405 "));
        CHECK(both.text("GET /", "a") == "200 /srv/");
        CHECK(both.text("GET /delay/0", "a") == "200 waited 0 ms\n");
        CHECK(both.text("GET /status/418", "a").starts_with("418 "));
        site.root.clear();
        const served own({site});
        CHECK(own.text("GET /", "a").contains("<h1>roused</h1>"));
        CHECK(own.answer("GET /none").status == 404);
    }

    TEST_CASE("a second attempt that asks for something else gets its answer or refusal") {
        site_settings site = site_at("/srv");
        site.builtin = true;
        site.compress = false;
        const served one({site});
        const auto answer_second = [&](std::string_view line) {
            asked_request asked(line);
            http::request& attempt = asked.attempt();
            const http::handler* const found = one.workers.front()->routes().find(attempt);
            REQUIRE(found != nullptr);
            waking_executor on;
            const response made = on.runs.run_until(http::call_later(*found, attempt)).value();
            return std::to_string(made.status) + ' ' + std::string(text_of(made));
        };
        CHECK(answer_second("GET /delay/0") == "200 waited 0 ms\n");
        CHECK(answer_second("GET /plaintext") == "200 Hello, World!");
        CHECK(answer_second("POST /plaintext").starts_with("405 "));
        CHECK(answer_second("GET /a") == "200 /srv/a");
        CHECK(answer_second("POST /a").starts_with("405 "));
    }

    // RFC 9110, 9.3.7.
    TEST_CASE("OPTIONS * tells what is served: files are read, roused's own routes take more") {
        site_settings site = site_at("/srv");
        const auto allowed = [&](std::string_view line) {
            const response made = served({site}).answer(line);
            CHECK(made.status == 204);
            return header_of(made, "Allow");
        };
        CHECK(allowed("OPTIONS *") == "GET, HEAD, OPTIONS");
        CHECK(allowed("OPTIONS http://example.org") == "GET, HEAD, OPTIONS");
        CHECK(allowed("OPTIONS /a") == "GET, HEAD, OPTIONS");
        CHECK(header_of(served({site}).answer("POST /a"), "Allow") == "GET, HEAD, OPTIONS");
        site.builtin = true;
        CHECK(allowed("OPTIONS *") == "GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE, PATCH");
        CHECK(allowed("OPTIONS /a") == "GET, HEAD, OPTIONS");
    }

    TEST_CASE("the host and the slash of a site are put right before its rules") {
        site_settings site = site_at("/srv", {"a.example", "www.a.example"});
        site.redirect_to_host.host = "a.example";
        site.redirect_to_host.except_paths = {"/.well-known/"};
        site.redirects = {{"/old", "/new", 301}};
        site.slash = slash_setting::add;
        const served one({site});
        const response moved = one.answer("GET /old?x", {"Host: www.a.example"});
        CHECK(moved.status == 308);
        CHECK(header_of(moved, "Location") == "http://a.example/old?x");
        CHECK(one.text("GET /.well-known/x.txt", "www.a.example") == "200 /srv/.well-known/x.txt");
        CHECK(one.text("GET /healthz", "www.a.example") == "200 ok\n");
        CHECK(header_of(one.answer("GET /old", {"Host: a.example"}), "Location") == "/new");
        const response slashed = one.answer("GET /b?x", {"Host: a.example:80"});
        CHECK(slashed.status == 308);
        CHECK(header_of(slashed, "Location") == "/b/?x");
        CHECK(one.text("GET /b/", "a.example") == "200 /srv/b/");
    }

    TEST_CASE("a slash can be taken away where there are no files, and other schemes named") {
        site_settings site;
        site.builtin = true;
        site.slash = slash_setting::remove;
        site.redirect_to_host = {
            .scheme = "https", .host = "a.example", .status = 301, .except_paths = {}};
        const served one({site});
        CHECK(header_of(one.answer("GET /json/", {"Host: a.example"}), "Location") == "/json");
        const response moved = one.answer("GET /json", {"Host: b"});
        CHECK(moved.status == 301);
        CHECK(header_of(moved, "Location") == "https://a.example/json");
    }

    TEST_CASE("security headers are on everything unless they are off") {
        site_settings site = site_at("/srv");
        site.redirects = {{"/old", "/new", 301}};
        const served on({site});
        for (const char* line : {"GET /", "GET /none", "GET /old"}) {
            CHECK(header_of(on.answer(line), "X-Content-Type-Options") == "nosniff");
        }
        site.security_headers.replaced = {{"frame_options", "DENY"}, {"referrer_policy", ""}};
        const served own({site});
        CHECK(header_of(own.answer("GET /"), "X-Frame-Options") == "DENY");
        CHECK(header_of(own.answer("GET /"), "Referrer-Policy") == "none");
        CHECK(header_of(own.answer("GET /"), "X-Content-Type-Options") == "nosniff");
        site.security_headers = {.on = false, .replaced = {}};
        CHECK(served({site}).answer("GET /").headers.empty());
    }

    TEST_CASE("a preflight needs no password, and a refusal can be read by the page") {
        site_settings site = site_at("/srv");
        site.cors.origins = {"https://app.example"};
        site.basic_auth = one_user({"/"});
        const served one({site});
        const std::string origin = "Origin: https://app.example";
        CHECK(one.answer("OPTIONS /", {"Host: a", origin, "Access-Control-Request-Method: GET"})
                  .status == 204);
        const response refused = one.answer("GET /", {"Host: a", origin});
        CHECK(refused.status == 401);
        CHECK(header_of(refused, "Access-Control-Allow-Origin") == "https://app.example");
    }

    TEST_CASE("redirects go by the path of the client, before rewrites") {
        site_settings site = site_at("/srv");
        site.redirects = {{"/old/*", "/new/{rest}", 308}, {"/new/x", "/newest", 301}};
        site.rewrites = {{"/old/*", "/wrong"}, {"/new/*", "/v2/{rest}"}};
        const served one({site});
        const response moved = one.answer("GET /old/a?b=c");
        CHECK(moved.status == 308);
        CHECK(header_of(moved, "Location") == "/new/a?b=c");
        CHECK(one.answer("GET /new/x").status == 301);
        CHECK(one.text("GET /new/y", "a") == "200 /srv/v2/y");
    }

    TEST_CASE("no rewrite leads around a password") {
        site_settings site = site_at("/srv");
        site.basic_auth = one_user({"/private"});
        site.rewrites = {{"/open/*", "/private/{rest}"}};
        const served one({site});
        CHECK(one.answer("GET /private/a").status == 401);
        CHECK(one.answer("GET /open/a").status == 401);
        CHECK(text_of(one.answer("GET /open/a", {"Host: a", aladdin})) == "/srv/private/a");
        CHECK(one.text("GET /public", "a") == "200 /srv/public");
    }

    TEST_CASE("a rate counts over all workers and hosts of a site, and before passwords") {
        site_settings site = site_at("/srv", {"a", "b"});
        site.rate_limit = {.requests_per_second = 1, .burst = 3};
        site.basic_auth = one_user({"/"});
        served one({site});
        one.add_worker();
        CHECK(one.answer("GET /", {"Host: a"}, 0).status == 401);
        CHECK(one.answer("GET /", {"Host: b"}, 0).status == 401);
        CHECK(one.answer("GET /", {"Host: a"}, 1).status == 401);
        const response refused = one.answer("GET /", {"Host: b"}, 1);
        CHECK(refused.status == 429);
        CHECK(header_of(refused, "Retry-After") == "1");
    }

    TEST_CASE("error pages are for what the files, the password and the rate refuse") {
        const temporary_site root;
        site_settings site = site_at(root.path());
        (void)root.write("4xx.html", "<p>{status}");
        site.error_pages = {{"4xx", "4xx.html"}};
        site.basic_auth = one_user({"/private"});
        site.rate_limit = {.requests_per_second = 1, .burst = 2};
        const served one({site});
        CHECK(one.text("GET /none", "a") == "404 <p>404");
        CHECK(one.text("GET /private", "a") == "401 <p>401");
        CHECK(one.text("GET /", "a") == "429 <p>429");
    }

    TEST_CASE("roused's own answers are compressed, and files are left to themselves") {
        site_settings site = site_at("/srv");
        site.builtin = true;
        const std::vector<std::string> gzip{"Host: a", "Accept-Encoding: gzip"};
        const served both({site});
        CHECK(header_of(both.answer("GET /large", gzip), "Content-Encoding") == "none");
        site.root.clear();
        const served own({site});
        CHECK(header_of(own.answer("GET /", gzip), "Content-Encoding") == "gzip");
        site.compress_bytes_min = 100'000;
        CHECK(header_of(served({site}).answer("GET /", gzip), "Content-Encoding") == "none");
        site.compress_bytes_min = 0;
        site.compress = false;
        CHECK(header_of(served({site}).answer("GET /", gzip), "Content-Encoding") == "none");
    }

    TEST_CASE("what cannot be made is said with the hosts of its site") {
        site_settings site = site_at("/nonexistent", {"a.example"});
        site.error_pages = {{"404", "404.html"}};
        std::vector<site_settings> sites{site};
        CHECK(shared_sites::make(sites).error() ==
              "the site of a.example: cannot open \"/nonexistent\": No such file or directory");
        sites = {site_at("/srv")};
        sites.front().cors.origins = {"a"};
        CHECK(shared_sites::make(sites).error().starts_with(
            "the site of all other hosts: cors: origin \"a\": "));
        sites = {site_at("/broken", {"b.example"})};
        const auto shared = shared_sites::make(sites);
        REQUIRE(shared);
        CHECK(worker_sites::make(*shared, fake_files).error() ==
              "the site of b.example: no such thing");
    }

    TEST_CASE("files are let go with the worker's routes") {
        std::weak_ptr<void> files;
        const std::vector<site_settings> sites{site_at("/srv", {"a", "b"})};
        const auto shared = shared_sites::make(sites);
        REQUIRE(shared);
        int opened = 0;
        auto worker = worker_sites::make(*shared, [&](const site_settings& settings) {
            ++opened;
            auto made = fake_files(settings);
            files = made->owner;
            return made;
        });
        REQUIRE(worker);
        CHECK(opened == 1);
        CHECK_FALSE(files.expired());
        worker->reset();
        CHECK(files.expired());
    }
}

}  // namespace rouse::test
