#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/site_middleware.hpp"
#include "server/site_reader_node.hpp"
#include "server/site_settings.hpp"

namespace rouse::server {

/// A site while it is read.
struct site_draft {
    site_settings values;
    site_places places;
    std::vector<std::string> host_places;  ///< One for each of values.hosts.
};

// Each reads one key of [[site]].
void read_cache_control(const site_node& from, site_draft& into);
void read_types(const site_node& from, site_draft& into);
void read_redirect_to_host(const site_node& from, site_draft& into);
void read_trailing_slash(const site_node& from, site_draft& into);
void read_redirects(const site_node& from, site_draft& into);
void read_rewrites(const site_node& from, site_draft& into);
void read_error_pages(const site_node& from, site_draft& into);
void read_security_headers(const site_node& from, site_draft& into);
void read_cors(const site_node& from, site_draft& into);
void read_basic_auth(const site_node& from, site_draft& into);
void read_rate_limit(const site_node& from, site_draft& into);

}  // namespace rouse::server
