#include "protocols/http/middleware/security_headers.hpp"

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/http/header_field.hpp"
#include "protocols/http/middleware/response_fields.hpp"

namespace rouse::http {
namespace {

std::string fault_of(const response_header& header) {
    const std::string name(header.name);
    if (!is_valid({.name = header.name, .value = header.value})) {
        return name + ": a header value has no control characters";
    }
    constexpr std::string_view space = " \t";
    if (space.contains(header.value.front()) || space.contains(header.value.back())) {
        return name + ": a header value neither begins nor ends with a space";
    }
    if (header.value.size() > security_header_bytes_max) {
        return name + ": longer than " + std::to_string(security_header_bytes_max) + " bytes";
    }
    if (header.name == "Strict-Transport-Security" && !header.value.contains("max-age=")) {
        return name + ": needs max-age=SECONDS";
    }
    return {};
}

}  // namespace

std::expected<middleware, std::string> make_security_headers(security_headers_options options) {
    std::vector<response_header> all;
    const auto add = [&all](std::string_view name, std::string& value) {
        if (!value.empty()) {
            all.push_back({.name = name, .value = std::move(value)});
        }
    };
    add("X-Content-Type-Options", options.content_type_options);
    add("Referrer-Policy", options.referrer_policy);
    add("X-Frame-Options", options.frame_options);
    add("Content-Security-Policy", options.content_security_policy);
    add("Strict-Transport-Security", options.strict_transport_security);
    add("Permissions-Policy", options.permissions_policy);
    add("Cross-Origin-Opener-Policy", options.cross_origin_opener_policy);
    for (const response_header& each : all) {
        if (std::string fault = fault_of(each); !fault.empty()) {
            return std::unexpected(std::move(fault));
        }
    }
    auto kept = std::make_shared<const std::vector<response_header>>(std::move(all));
    return middleware([kept](handler inner) {
        return with_response(std::move(inner), [kept](const request& /*asked*/, response& made) {
            made.headers.reserve(made.headers.size() + kept->size());
            for (const response_header& each : *kept) {
                add_unless_present(made, each.name, each.value);
            }
        });
    });
}

}  // namespace rouse::http
