#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace rouse::server {

inline constexpr std::size_t sites_max = 64;
inline constexpr std::size_t site_hosts_max = 64;
/// Of each list of rules, names or paths of a site.
inline constexpr std::size_t site_rules_max = 256;
inline constexpr std::size_t site_index_names_max = 8;

/// Which Cache-Control files get: see http::cache_rules.
struct cache_control_setting {
    std::string match;
    std::string value;

    bool operator==(const cache_control_setting&) const = default;
};

/// The media type of an extension, which has no dot here: see http::media_types.
struct media_type_setting {
    std::string extension;
    std::string media_type;

    bool operator==(const media_type_setting&) const = default;
};

/// See http::security_headers_options, which has the values as long as `replaced` names none.
struct security_headers_settings {
    /// A header by its key in the file ("frame_options"), and its value; empty: not sent.
    struct header {
        std::string key;
        std::string value;

        bool operator==(const header&) const = default;
    };

    bool on = true;
    std::vector<header> replaced;

    bool operator==(const security_headers_settings&) const = default;
};

/// See http::cors_options. No origins: off.
struct cors_settings {
    std::vector<std::string> origins;
    std::vector<std::string> methods{"GET", "HEAD", "POST"};
    std::vector<std::string> headers;
    std::vector<std::string> expose;
    bool credentials = false;
    std::chrono::milliseconds max_age{600'000};

    bool operator==(const cors_settings&) const = default;
};

/// See http::redirect_rule.
struct redirect_setting {
    std::string from;
    std::string to;
    unsigned status = 302;

    bool operator==(const redirect_setting&) const = default;
};

/// See http::redirect_to_host_options. No host: off.
struct redirect_to_host_settings {
    std::string scheme = "http";
    std::string host;
    unsigned status = 308;
    std::vector<std::string> except_paths;

    bool operator==(const redirect_to_host_settings&) const = default;
};

/// See http::trailing_slash.
enum class slash_setting : std::uint8_t { off, add, remove };

/// See http::rewrite_rule.
struct rewrite_setting {
    std::string from;
    std::string to;

    bool operator==(const rewrite_setting&) const = default;
};

/// See http::basic_auth_options. Neither users nor a file of them: off.
struct basic_auth_settings {
    struct user {
        std::string name;
        std::string password_hash;

        bool operator==(const user&) const = default;
    };

    std::string realm = "restricted";
    std::vector<user> users;
    std::string users_file;  ///< An absolute path.
    std::vector<std::string> paths{"/"};

    bool operator==(const basic_auth_settings&) const = default;
};

/// See http::rate_limit_options. 0: off.
struct rate_limit_settings {
    unsigned requests_per_second = 0;
    unsigned burst = 0;

    bool operator==(const rate_limit_settings&) const = default;
};

/// A file below the root that is the body of error responses.
struct error_page_setting {
    std::string match;  ///< "404", "4xx" or "5xx".
    std::string path;   ///< Relative to the root, without a slash in front.

    bool operator==(const error_page_setting&) const = default;
};

/// One [[site]]: what is served under some host names, and how. The initialisers are the defaults;
/// configs/sites.toml says what each key means.
struct site_settings {
    std::vector<std::string> hosts;  ///< None: every host that no other site has.
    std::string root;                ///< An absolute path; empty: no files.
    std::vector<std::string> index{"index.html"};
    std::string fallback;  ///< Empty: none.
    bool listing = false;
    bool dotfiles = false;
    bool symlinks = false;
    bool sendfile = false;
    bool precompressed = true;
    bool compress = true;
    std::size_t compress_bytes_min = 1'024;
    std::size_t cache_bytes_max = 67'108'864;
    std::size_t cache_file_bytes_max = 262'144;
    std::chrono::milliseconds cache_valid{1'000};
    bool builtin = false;
    std::vector<cache_control_setting> cache_control;
    std::vector<media_type_setting> types;
    security_headers_settings security_headers;
    cors_settings cors;
    redirect_to_host_settings redirect_to_host;
    slash_setting slash = slash_setting::off;
    std::vector<redirect_setting> redirects;
    std::vector<rewrite_setting> rewrites;
    basic_auth_settings basic_auth;
    rate_limit_settings rate_limit;
    std::vector<error_page_setting> error_pages;

    bool operator==(const site_settings&) const = default;
};

/// Where the parts of a site come from that are looked at when all sources are read: "FILE:LINE:
/// COLUMN", "--root" or "environment ROUSED_ROOT".
struct site_places {
    std::string origin;  ///< Of the whole site, as --print-config shows it.
    std::string root;
    std::string users_file;
    std::vector<std::string> error_pages;  ///< One for each of site_settings::error_pages.
};

}  // namespace rouse::server
