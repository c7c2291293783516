#pragma once

#include <expected>
#include <string>

#include "runtime/reactor/reactor.hpp"
#include "server/sites.hpp"

namespace rouse::server {

/// Opens the root of a site for one worker, which `io` is of. `pool` reads the folders that are
/// listed, and outlives the site. Errors: what is wrong, and where.
[[nodiscard]] std::expected<site_files, std::string> open_site_files(reactor& io,
                                                                     const site_settings& settings,
                                                                     blocking_pool* pool);

}  // namespace rouse::server
