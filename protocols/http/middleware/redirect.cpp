#include "protocols/http/middleware/redirect.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "protocols/http/header_field.hpp"
#include "protocols/http/request_target.hpp"

namespace rouse::http {
namespace {

constexpr std::array redirect_statuses = {301, 302, 303, 307, 308};

std::string status_fault(int status) {
    return std::ranges::find(redirect_statuses, status) != redirect_statuses.end()
               ? std::string()
               : "status " + std::to_string(status) + ": 301, 302, 303, 307 or 308";
}

response make_redirection(int status, std::string location) {
    response made = response::of_status(status);
    made.headers.push_back({.name = "Location", .value = std::move(location)});
    return made;
}

void append_query(std::string& location, std::string_view query) {
    if (!query.empty()) {
        location.append("?").append(query);
    }
}

struct compiled_redirect {
    path_rule rule;
    int status;
};
struct compiled_redirects {
    std::vector<compiled_redirect> rules;
    trailing_slash slash = trailing_slash::as_it_is;
    int slash_status = 308;
};

std::string fault_of(const redirect_options& options) {
    if (options.rules.size() > path_rules_max) {
        return "more than " + std::to_string(path_rules_max) + " rules";
    }
    for (const redirect_rule& each : options.rules) {
        if (const std::string fault = status_fault(each.status); !fault.empty()) {
            return "rule " + each.from + ": " + fault;
        }
    }
    return status_fault(options.slash_status);
}

// The path that this one should have been; nothing when it is right.
std::optional<std::string> with_right_slash(std::string_view path, trailing_slash slash) {
    const bool has_slash = path.ends_with('/');
    if (slash == trailing_slash::remove && has_slash && path.size() > 1) {
        return to_own_path(path.substr(0, path.find_last_not_of('/') + 1));
    }
    if (slash == trailing_slash::add && !has_slash &&
        !path.substr(path.rfind('/') + 1).contains('.')) {
        return to_own_path(path) + '/';
    }
    return std::nullopt;
}

std::optional<response> redirect(const compiled_redirects& all, const request& asked) {
    if (!asked.path().starts_with('/')) {
        return std::nullopt;  // OPTIONS *
    }
    for (const compiled_redirect& each : all.rules) {
        if (auto target = each.rule.apply(asked.path(), asked.query())) {
            append_query(target->path, target->query);
            return make_redirection(each.status, std::move(target->path) + target->fragment);
        }
    }
    if (auto path = with_right_slash(asked.path(), all.slash); path && *path != asked.path()) {
        append_query(*path, asked.query());
        return make_redirection(all.slash_status, *std::move(path));
    }
    return std::nullopt;
}

// The authority as it is compared: without the port that the scheme implies, and without the dot of
// an absolute name.
std::string_view plain_authority(std::string_view host, std::string_view scheme) noexcept {
    const std::string_view implied = scheme == "https" ? ":443" : ":80";
    if (host.ends_with(implied)) {
        host.remove_suffix(implied.size());
    }
    if (host.size() > 1 && host.ends_with('.')) {
        host.remove_suffix(1);
    }
    return host;
}

bool is_excepted(const redirect_to_host_options& options, std::string_view path) {
    return std::ranges::any_of(options.except_paths, [path](const std::string& each) {
        return each.ends_with('/') ? path.starts_with(each) : path == each;
    });
}

std::optional<response> redirect_to_host(const redirect_to_host_options& options,
                                         const request& asked) {
    const std::string_view host = asked.head().host;
    if (host.empty() || !asked.path().starts_with('/') || is_excepted(options, asked.path()) ||
        equals_ignoring_case(plain_authority(host, options.scheme), options.host)) {
        return std::nullopt;
    }
    std::string location = options.scheme + "://" + options.host + to_own_path(asked.path());
    append_query(location, asked.query());
    return make_redirection(options.status, std::move(location));
}

}  // namespace

std::expected<middleware, std::string> make_redirect(redirect_options options) {
    if (std::string fault = fault_of(options); !fault.empty()) {
        return std::unexpected("redirect: " + fault);
    }
    auto all = std::make_shared<compiled_redirects>();
    all->slash = options.slash;
    all->slash_status = options.slash_status;
    for (const redirect_rule& each : options.rules) {
        auto rule = path_rule::parse(each.from, each.to, target_kind::path_or_address);
        if (!rule) {
            return std::unexpected("redirect: " + rule.error());
        }
        all->rules.push_back({.rule = *std::move(rule), .status = each.status});
    }
    return middleware(
        [all = std::shared_ptr<const compiled_redirects>(std::move(all))](handler inner) {
            return with_check(std::move(inner),
                              [all](request& asked) { return redirect(*all, asked); });
        });
}

std::expected<middleware, std::string> make_redirect_to_host(redirect_to_host_options options) {
    if (options.scheme != "http" && options.scheme != "https") {
        return std::unexpected("redirect to host: the scheme is http or https");
    }
    options.host = plain_authority(options.host, options.scheme);
    if (options.host.empty() || !is_valid_host(options.host)) {
        return std::unexpected("redirect to host: \"" + options.host + "\" is no host");
    }
    if (std::string fault = status_fault(options.status); !fault.empty()) {
        return std::unexpected("redirect to host: " + fault);
    }
    for (const std::string& each : options.except_paths) {
        if (!each.starts_with('/')) {
            return std::unexpected("redirect to host: \"" + each + "\" is no path");
        }
    }
    auto kept = std::make_shared<const redirect_to_host_options>(std::move(options));
    return middleware([kept](handler inner) {
        return with_check(std::move(inner),
                          [kept](request& asked) { return redirect_to_host(*kept, asked); });
    });
}

}  // namespace rouse::http
