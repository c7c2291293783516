#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/http/files/cache_control.hpp"
#include "protocols/http/files/media_type.hpp"
#include "protocols/http/handler.hpp"
#include "protocols/http/middleware/error_pages.hpp"
#include "runtime/executor/blocking_pool.hpp"
#include "server/site_settings.hpp"

namespace rouse::server {

/// A middleware, or why the settings are not those of one. The reader of the file makes each of
/// them too, and throws it away, so that what is wrong is said with its line.
using made_middleware = std::expected<http::middleware, std::string>;

/// What is wrong in the words of a middleware, without the label that it begins with: the name of
/// the key says that already.
template <class T>
[[nodiscard]] std::string fault_in(const std::expected<T, std::string>& made,
                                   std::string_view label) {
    if (made) {
        return {};
    }
    const std::string& fault = made.error();
    return fault.starts_with(label) ? fault.substr(label.size()) : fault;
}

/// The keys of security_headers below [[site]] with the values that hold: those of
/// http::security_headers_options where the settings have none. In a fixed order.
[[nodiscard]] std::vector<security_headers_settings::header> security_headers_of(
    const security_headers_settings& values);
/// Their keys alone.
[[nodiscard]] std::vector<std::string> security_header_keys();

[[nodiscard]] made_middleware make_security_headers_of(const security_headers_settings& values);
[[nodiscard]] made_middleware make_cors_of(const cors_settings& values);
[[nodiscard]] made_middleware make_rate_limit_of(const rate_limit_settings& values);
[[nodiscard]] made_middleware make_redirect_to_host_of(const redirect_to_host_settings& values);
[[nodiscard]] made_middleware make_redirects_of(const std::vector<redirect_setting>& rules,
                                                slash_setting slash = slash_setting::off);
[[nodiscard]] made_middleware make_rewrites_of(const std::vector<rewrite_setting>& rules);
/// `users` are all of them, those of the file included. Passwords are hashed on `pool`, which is
/// null only when nothing will be asked of it.
[[nodiscard]] made_middleware make_basic_auth_of(const basic_auth_settings& values,
                                                 std::vector<basic_auth_settings::user> users,
                                                 std::shared_ptr<blocking_pool> pool);
[[nodiscard]] made_middleware make_error_pages_of(std::vector<http::error_page> pages);
[[nodiscard]] made_middleware make_compression_of(const site_settings& values);

/// Errors: a pattern or a value that is none.
[[nodiscard]] std::expected<http::cache_rules, std::string> cache_rules_of(
    const std::vector<cache_control_setting>& rules);
/// Errors: an extension or a media type that is none.
[[nodiscard]] std::expected<http::media_types, std::string> media_types_of(
    const std::vector<media_type_setting>& types);

}  // namespace rouse::server
