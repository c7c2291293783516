#include "server/sites.hpp"

#include <optional>
#include <ranges>
#include <utility>

#include "runtime/executor/blocking_pool.hpp"
#include "server/routes.hpp"
#include "server/site_files.hpp"
#include "server/site_middleware.hpp"

namespace rouse::server {
namespace {

using http::handler;
using http::request;
using http::response;

std::string name_of(const site_settings& site) {
    if (site.hosts.empty()) {
        return "the site of all other hosts: ";
    }
    return "the site of " + site.hosts.front() + ": ";
}

// The answer to a load balancer must not hang on passwords, rates and redirects of the site.
handler with_health(handler inner) {
    return http::with_check(std::move(inner), [](request& asked) -> std::optional<response> {
        const http::method verb = asked.head().verb;
        if (asked.path() != health_path ||
            (verb != http::method::get && verb != http::method::head)) {
            return std::nullopt;
        }
        return health_answer();
    });
}

// The routes of `first` that there are, whatever their methods, and `inner` for all other paths.
handler with_routes(const http::router& first, handler inner) {
    auto kept = std::make_shared<const handler>(std::move(inner));
    const auto is_known = [&first](const request& asked) {
        return first.match(asked.head().verb, asked.path()).kind != http::route_outcome::not_found;
    };
    return http::either_handler{
        .at_once = [&first, kept, is_known](request& asked) -> std::optional<response> {
            if (!is_known(asked)) {
                return call_at_once(*kept, asked);
            }
            const handler* const found = first.find(asked);
            return found != nullptr ? call_at_once(*found, asked)
                                    : std::optional(first.refusal(asked));
        },
        .later =
            [&first, kept, is_known](request& asked) {
                return is_known(asked) ? first.answer_later(first.find(asked), asked)
                                       : call_later(*kept, asked);
            }};
}

// Collects middleware from the outermost to the innermost, and the first fault.
class chain {
   public:
    void add(made_middleware made) {
        if (!made && fault_.empty()) {
            fault_ = std::move(made.error());
        } else if (made) {
            layers_.push_back(std::move(*made));
        }
    }
    void add(std::string fault) {
        if (fault_.empty()) {
            fault_ = std::move(fault);
        }
    }

    /// All layers as one: a router wraps its routes anew for each that it is given.
    [[nodiscard]] made_middleware whole() && {
        if (!fault_.empty()) {
            return std::unexpected(std::move(fault_));
        }
        return [layers = std::move(layers_)](handler inner) {
            for (const http::middleware& layer : std::views::reverse(layers)) {
                inner = layer(std::move(inner));
            }
            return inner;
        };
    }

   private:
    std::vector<http::middleware> layers_;
    std::string fault_;
};

void add_error_pages(chain& layers, const site_settings& site) {
    std::vector<http::error_page> pages;
    for (const error_page_setting& each : site.error_pages) {
        auto page = read_error_page(site, each);
        if (!page) {
            layers.add(std::move(page.error()));
            return;
        }
        pages.push_back(std::move(*page));
    }
    layers.add(make_error_pages_of(std::move(pages)));
}

void add_basic_auth(chain& layers, const site_settings& site,
                    const std::shared_ptr<blocking_pool>& pool) {
    auto users = read_users(site.basic_auth);
    if (!users) {
        layers.add(std::move(users.error()));
        return;
    }
    layers.add(make_basic_auth_of(site.basic_auth, std::move(*users), pool));
}

bool has_basic_auth(const site_settings& site) noexcept {
    return !site.basic_auth.users.empty() || !site.basic_auth.users_file.empty();
}

// The order, from the outside in; the access log is outside of all, in the connection.
//  1. health: a check of the daemon is none of the site.
//  2. security headers: also on refusals, redirects and error pages, which browsers show too.
//  3. CORS: a page must be able to read why it was refused, so its headers go on what follows; and
//     a preflight has no password, and asks for permission before anything may happen.
//  4. error pages: for the refusals of rate limit and password too.
//  5. rate limit: before anything that costs more than itself, hashing passwords above all.
//  6. redirects: cheap, and what is elsewhere is not protected here. To the right host first, so
//     that the others lead on from there. Before rewrites: they go by the path that the client
//     knows.
//  7. rewrites: before the password, which holds for the path that is served. The other way round,
//     a rewrite would lead around it.
//  8. basic auth.
//  9. compression: innermost, so that it sees what the routes made and no error page is held back
//     by it; only around roused's own routes, because files compress themselves and keep the
//     result.
made_middleware make_layers(const site_settings& site, const http::router* builtin,
                            const std::shared_ptr<blocking_pool>& pool) {
    chain layers;
    layers.add(made_middleware(with_health));
    if (site.security_headers.on) {
        layers.add(make_security_headers_of(site.security_headers));
    }
    if (!site.cors.origins.empty()) {
        layers.add(make_cors_of(site.cors));
    }
    if (!site.error_pages.empty()) {
        add_error_pages(layers, site);
    }
    if (site.rate_limit.requests_per_second != 0) {
        layers.add(make_rate_limit_of(site.rate_limit));
    }
    if (!site.redirect_to_host.host.empty()) {
        layers.add(make_redirect_to_host_of(site.redirect_to_host));
    }
    if (!site.redirects.empty() || site.slash != slash_setting::off) {
        layers.add(make_redirects_of(site.redirects, site.slash));
    }
    if (!site.rewrites.empty()) {
        layers.add(make_rewrites_of(site.rewrites));
    }
    if (has_basic_auth(site)) {
        add_basic_auth(layers, site, pool);
    }
    if (builtin != nullptr) {
        layers.add(made_middleware(
            [builtin](handler inner) { return with_routes(*builtin, std::move(inner)); }));
    }
    return std::move(layers).whole();
}

std::expected<std::unique_ptr<http::router>, std::string> make_builtin(const site_settings& site) {
    auto routes = std::make_unique<http::router>();
    if (site.root.empty()) {
        add_index_route(*routes);
    }
    add_test_routes(*routes);
    if (site.compress) {
        auto compression = make_compression_of(site);
        if (!compression) {
            return std::unexpected(std::move(compression.error()));
        }
        routes->use(std::move(*compression));
    }
    return routes;
}

}  // namespace

std::expected<shared_sites, std::string> shared_sites::make(
    const std::vector<site_settings>& settings) {
    shared_sites made;
    for (const site_settings& each : settings) {
        if ((has_basic_auth(each) || each.listing) && !made.pool_) {
            made.pool_ = std::make_shared<blocking_pool>();
        }
        site added{.settings = &each, .around = {}, .builtin = nullptr};
        if (each.builtin) {
            auto routes = make_builtin(each);
            if (!routes) {
                return std::unexpected(name_of(each) + routes.error());
            }
            added.builtin = std::move(*routes);
        }
        auto around = make_layers(each, added.builtin.get(), made.pool_);
        if (!around) {
            return std::unexpected(name_of(each) + around.error());
        }
        added.around = std::move(*around);
        made.sites_.push_back(std::move(added));
    }
    return made;
}

std::expected<std::unique_ptr<worker_sites>, std::string> worker_sites::make(
    const shared_sites& shared, const site_files_maker& open_files) {
    std::unique_ptr<worker_sites> made(new worker_sites());
    bool has_all_others = false;
    for (const shared_sites::site& each : shared.sites_) {
        std::optional<handler> files;
        if (!each.settings->root.empty()) {
            auto opened = open_files(*each.settings);
            if (!opened) {
                return std::unexpected(name_of(*each.settings) + opened.error());
            }
            made->files_.push_back(std::move(opened->owner));
            files = std::move(opened->answer);
        }
        const auto fill = [&](http::router& routes) {
            if (files) {
                // What files refuse of other methods, the router refuses as they would, and so
                // `OPTIONS *` tells what there is.
                routes.get("/{path...}", *files);
            }
            if (each.builtin) {
                routes.allow(each.builtin->methods());
            }
            routes.allow(http::to_mask(http::method::get));  // The health.
            routes.use(each.around);
        };
        for (const std::string& host : each.settings->hosts) {
            fill(made->routes_.host(host));
        }
        if (each.settings->hosts.empty()) {
            fill(made->routes_);
            has_all_others = true;
        }
    }
    if (shared.sites_.empty()) {
        add_routes(made->routes_);
    } else if (!has_all_others) {
        add_health_route(made->routes_);
    }
    return made;
}

}  // namespace rouse::server
