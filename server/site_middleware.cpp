#include "server/site_middleware.hpp"

#include <algorithm>
#include <array>

#include "protocols/http/middleware/basic_auth.hpp"
#include "protocols/http/middleware/compression.hpp"
#include "protocols/http/middleware/cors.hpp"
#include "protocols/http/middleware/rate_limit.hpp"
#include "protocols/http/middleware/redirect.hpp"
#include "protocols/http/middleware/rewrite.hpp"
#include "protocols/http/middleware/security_headers.hpp"
#include "server/quoted_text.hpp"

namespace rouse::server {
namespace {

using security_options = http::security_headers_options;

struct security_key {
    std::string_view name;
    std::string security_options::* value;
};

constexpr std::array security_keys{
    security_key{"content_type_options", &security_options::content_type_options},
    security_key{"referrer_policy", &security_options::referrer_policy},
    security_key{"frame_options", &security_options::frame_options},
    security_key{"content_security_policy", &security_options::content_security_policy},
    security_key{"strict_transport_security", &security_options::strict_transport_security},
    security_key{"permissions_policy", &security_options::permissions_policy},
    security_key{"cross_origin_opener_policy", &security_options::cross_origin_opener_policy},
};

security_options options_of(const security_headers_settings& values) {
    security_options options;
    for (const auto& each : values.replaced) {
        const auto found = std::ranges::find(security_keys, each.key, &security_key::name);
        if (found != security_keys.end()) {
            options.*(found->value) = each.value;
        }
    }
    return options;
}

http::trailing_slash slash_of(slash_setting value) noexcept {
    switch (value) {
        case slash_setting::add:
            return http::trailing_slash::add;
        case slash_setting::remove:
            return http::trailing_slash::remove;
        case slash_setting::off:
            break;
    }
    return http::trailing_slash::as_it_is;
}

}  // namespace

std::vector<security_headers_settings::header> security_headers_of(
    const security_headers_settings& values) {
    const security_options options = options_of(values);
    std::vector<security_headers_settings::header> headers;
    for (const security_key& each : security_keys) {
        headers.push_back({std::string(each.name), options.*(each.value)});
    }
    return headers;
}

std::vector<std::string> security_header_keys() {
    std::vector<std::string> names;
    for (const security_key& each : security_keys) {
        names.emplace_back(each.name);
    }
    return names;
}

made_middleware make_security_headers_of(const security_headers_settings& values) {
    return http::make_security_headers(options_of(values));
}

made_middleware make_cors_of(const cors_settings& values) {
    return http::make_cors({.origins = values.origins,
                            .methods = values.methods,
                            .headers = values.headers,
                            .exposed_headers = values.expose,
                            .credentials = values.credentials,
                            .max_age = std::chrono::floor<std::chrono::seconds>(values.max_age)});
}

made_middleware make_rate_limit_of(const rate_limit_settings& values) {
    http::rate_limit_options options;
    options.requests = values.requests_per_second;
    options.burst = values.burst;
    return http::make_rate_limit(std::move(options));
}

made_middleware make_redirect_to_host_of(const redirect_to_host_settings& values) {
    return http::make_redirect_to_host({.scheme = values.scheme,
                                        .host = values.host,
                                        .status = static_cast<int>(values.status),
                                        .except_paths = values.except_paths});
}

made_middleware make_redirects_of(const std::vector<redirect_setting>& rules, slash_setting slash) {
    http::redirect_options options;
    options.slash = slash_of(slash);
    for (const redirect_setting& each : rules) {
        options.rules.push_back(
            {.from = each.from, .to = each.to, .status = static_cast<int>(each.status)});
    }
    return http::make_redirect(std::move(options));
}

made_middleware make_rewrites_of(const std::vector<rewrite_setting>& rules) {
    std::vector<http::rewrite_rule> made;
    for (const rewrite_setting& each : rules) {
        made.push_back({.from = each.from, .to = each.to});
    }
    return http::make_rewrite(made);
}

made_middleware make_basic_auth_of(const basic_auth_settings& values,
                                   std::vector<basic_auth_settings::user> users,
                                   std::shared_ptr<blocking_pool> pool) {
    http::basic_auth_options options;
    options.realm = values.realm;
    options.paths = values.paths;
    for (basic_auth_settings::user& each : users) {
        options.users.push_back(
            {.name = std::move(each.name), .password_hash = std::move(each.password_hash)});
    }
    return http::make_basic_auth(std::move(options), std::move(pool));
}

made_middleware make_error_pages_of(std::vector<http::error_page> pages) {
    http::error_pages_options options;
    options.pages = std::move(pages);
    return http::make_error_pages(std::move(options));
}

made_middleware make_compression_of(const site_settings& values) {
    http::compression_options options;
    options.body_bytes_min = values.compress_bytes_min;
    return http::make_compression(std::move(options));
}

std::expected<http::cache_rules, std::string> cache_rules_of(
    const std::vector<cache_control_setting>& rules) {
    http::cache_rules made;
    for (const cache_control_setting& each : rules) {
        if (!http::is_cache_control(each.value)) {
            return std::unexpected(quoted_text(each.value) +
                                   " is no Cache-Control: want directives such as \"public, "
                                   "max-age=3600\"");
        }
        if (!made.add(each.match, each.value)) {
            return std::unexpected(
                quoted_text(each.match) +
                " is no pattern: want one such as \"/assets/*\", \"*.css\" or \"/index.html\", "
                "with at most one *, and up to " +
                std::to_string(http::cache_rule_bytes_max) + " bytes of pattern and of value");
        }
    }
    return made;
}

std::expected<http::media_types, std::string> media_types_of(
    const std::vector<media_type_setting>& types) {
    http::media_types made;
    for (const media_type_setting& each : types) {
        if (!made.add(each.extension, each.media_type)) {
            return std::unexpected(
                quoted_text(each.extension) + " = " + quoted_text(each.media_type) +
                ": want an extension of up to " + std::to_string(http::extension_bytes_max) +
                " letters and digits and a media type such as \"text/x-log; charset=utf-8\"");
        }
    }
    return made;
}

}  // namespace rouse::server
