#include "protocols/http/middleware/cors.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/middleware/response_fields.hpp"
#include "protocols/http/request_target.hpp"

namespace rouse::http {
namespace {

// The lists as they are sent.
struct cors_rules {
    std::vector<std::string> origins;
    bool any_origin = false;
    bool credentials = false;
    std::string methods;
    std::string headers;
    std::string exposed_headers;
    std::string max_age;
};

std::string joined(const std::vector<std::string>& entries) {
    std::string text;
    for (const std::string& each : entries) {
        text.append(text.empty() ? "" : ", ").append(each);
    }
    return text;
}

// As a browser writes it (HTML Standard, 7.1.1, "serialization of an origin"): compared byte by
// byte, so another spelling would never match.
std::string origin_fault(const std::string& origin) {
    std::string named = "origin \"";
    named.append(origin).append("\": ");
    if (origin == "null") {
        return named.append("every sandboxed page has it, so it is no origin to trust");
    }
    const std::size_t colon = origin.find("://");
    if (colon == std::string::npos || colon == 0) {
        return named.append("write it as https://host or https://host:port");
    }
    const std::string_view scheme = std::string_view(origin).substr(0, colon);
    const std::string_view authority = std::string_view(origin).substr(colon + 3);
    if (!all_in(scheme, byte_class::token) || authority.empty() || !is_valid_host(authority) ||
        authority.contains('*')) {
        return named.append("write it as https://host or https://host:port, without a path");
    }
    if (std::ranges::any_of(origin, [](char byte) { return byte >= 'A' && byte <= 'Z'; })) {
        return named.append("browsers send it in small letters");
    }
    if ((scheme == "https" && authority.ends_with(":443")) ||
        (scheme == "http" && authority.ends_with(":80")) || authority.ends_with(':')) {
        return named.append("browsers leave out the port of the scheme");
    }
    return {};
}

std::string list_fault(std::string_view what, const std::vector<std::string>& entries,
                       bool credentials) {
    std::string named(what);
    if (entries.size() > cors_entries_max) {
        return named.append(": more than ").append(std::to_string(cors_entries_max));
    }
    for (const std::string& each : entries) {
        if (each.empty() || (what != "origins" && !all_in(each, byte_class::token))) {
            return named.append(": \"").append(each).append("\" is no name");
        }
        if (each != "*") {
            continue;
        }
        if (entries.size() > 1) {
            return named.append(": \"*\" stands alone");
        }
        if (credentials) {
            // Fetch Standard, 3.3.5: with credentials "*" means nothing, or is refused.
            return named.append(": \"*\" does not go with credentials; name them");
        }
    }
    return {};
}

std::string fault_of(const cors_options& options) {
    const std::pair<std::string_view, const std::vector<std::string>*> lists[] = {
        {"origins", &options.origins},
        {"methods", &options.methods},
        {"headers", &options.headers},
        {"exposed headers", &options.exposed_headers}};
    for (const auto& [name, entries] : lists) {
        if (std::string fault = list_fault(name, *entries, options.credentials); !fault.empty()) {
            return fault;
        }
    }
    for (const std::string& each : options.origins) {
        if (std::string fault = each == "*" ? std::string() : origin_fault(each); !fault.empty()) {
            return fault;
        }
    }
    if (options.max_age < std::chrono::seconds::zero() || options.max_age > cors_max_age_max) {
        return "max age: 0 to " + std::to_string(cors_max_age_max.count()) + " seconds";
    }
    return {};
}

// The Origin of a request, when it may read the response.
std::optional<std::string_view> allowed_origin(const cors_rules& rules, const request& asked) {
    const auto origin = asked.head().find("Origin");
    const bool is_allowed =
        origin &&
        (rules.any_origin || std::ranges::find(rules.origins, *origin) != rules.origins.end());
    return is_allowed ? origin : std::nullopt;
}

void add_origin(const cors_rules& rules, const request& asked, response& made) {
    const auto origin = allowed_origin(rules, asked);
    if (!rules.any_origin) {
        add_vary(made, "Origin");  // Fetch Standard, 3.3.7 ("CORS protocol and HTTP caches").
    }
    // A handler that speaks of origins itself means what it says, credentials included.
    if (!origin || find_header(made, "Access-Control-Allow-Origin") != nullptr) {
        return;
    }
    add_unless_present(made, "Access-Control-Allow-Origin",
                       rules.any_origin ? std::string_view("*") : *origin);
    if (rules.credentials) {
        add_unless_present(made, "Access-Control-Allow-Credentials", "true");
    }
}

// Fetch Standard, 3.3.2: a CORS-preflight request is an OPTIONS with both of these.
bool is_preflight(const request& asked) {
    return asked.head().verb == method::options && asked.head().find("Origin") &&
           asked.head().find("Access-Control-Request-Method");
}

response answer_preflight(const cors_rules& rules, const request& asked) {
    response made{.status = 204};
    add_origin(rules, asked, made);
    if (allowed_origin(rules, asked)) {
        const auto add = [&made](std::string_view name, const std::string& value) {
            if (!value.empty()) {
                made.headers.push_back({.name = name, .value = value});
            }
        };
        add("Access-Control-Allow-Methods", rules.methods);
        add("Access-Control-Allow-Headers", rules.headers);
        add("Access-Control-Max-Age", rules.max_age);
    }
    return made;
}

}  // namespace

std::expected<middleware, std::string> make_cors(cors_options options) {
    if (std::string fault = fault_of(options); !fault.empty()) {
        return std::unexpected("cors: " + fault);
    }
    auto rules = std::make_shared<cors_rules>();
    rules->any_origin = std::ranges::find(options.origins, "*") != options.origins.end();
    rules->origins = std::move(options.origins);
    rules->credentials = options.credentials;
    rules->methods = joined(options.methods);
    rules->headers = joined(options.headers);
    rules->exposed_headers = joined(options.exposed_headers);
    rules->max_age = std::to_string(options.max_age.count());
    return middleware([rules = std::shared_ptr<const cors_rules>(std::move(rules))](handler inner) {
        handler named = with_response(std::move(inner), [rules](const request& asked,
                                                                response& made) {
            add_origin(*rules, asked, made);
            if (!rules->exposed_headers.empty() && allowed_origin(*rules, asked)) {
                add_unless_present(made, "Access-Control-Expose-Headers", rules->exposed_headers);
            }
        });
        return with_check(std::move(named), [rules](request& asked) {
            return is_preflight(asked) ? std::optional(answer_preflight(*rules, asked))
                                       : std::nullopt;
        });
    });
}

}  // namespace rouse::http
