#include "protocols/http/middleware/security_headers.hpp"

#include <algorithm>
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

bool has_any(const response& made, const shared_headers& common) noexcept {
    return made.common != nullptr || (made.shared != nullptr && common.overlaps(*made.shared)) ||
           std::ranges::any_of(made.headers, [&common](const response_header& each) {
               return common.has(each.name);
           });
}

void add_common(const shared_headers& common, response& made) {
    if (!has_any(made, common)) {
        made.common = &common;  // Nearly always, and for nothing.
        return;
    }
    unshare(made);
    for (const response_header& each : common.headers()) {
        add_unless_present(made, each.name, each.value);
    }
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
    // Every handler keeps it as long as it answers. Workers may have it in common: nothing in it
    // changes, and no answer counts itself in or out.
    return middleware(
        [kept = std::make_shared<const shared_headers>(std::move(all))](handler inner) {
            return with_shared_response(
                std::move(inner),
                [kept](const request& /*asked*/, response& made) { add_common(*kept, made); });
        });
}

}  // namespace rouse::http
