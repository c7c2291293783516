#include "server/site_file_handler.hpp"

#include <memory>
#include <utility>

#include "protocols/http/files/file_site.hpp"
#include "server/site_middleware.hpp"

namespace rouse::server {

std::expected<site_files, std::string> open_site_files(reactor& io, const site_settings& settings,
                                                       blocking_pool* pool) {
    auto cache_control = cache_rules_of(settings.cache_control);
    if (!cache_control) {
        return std::unexpected(std::move(cache_control.error()));
    }
    auto types = media_types_of(settings.types);
    if (!types) {
        return std::unexpected(std::move(types.error()));
    }
    http::file_site_options options;
    options.root = settings.root;
    options.index = settings.index;
    options.fallback = settings.fallback;
    options.listing = settings.listing;
    options.dotfiles = settings.dotfiles;
    options.symlinks = settings.symlinks;
    options.send_files = settings.sendfile;
    options.precompressed = settings.precompressed;
    options.compress = settings.compress;
    options.compress_bytes_min = settings.compress_bytes_min;
    options.cache_bytes_max = settings.cache_bytes_max;
    options.cache_file_bytes_max = settings.cache_file_bytes_max;
    options.cache_valid = settings.cache_valid;
    options.root_valid = settings.cache_valid;
    options.cache_control = std::move(*cache_control);
    options.types = std::move(*types);
    auto made = http::file_site::make(io, std::move(options), pool);
    if (!made) {
        return std::unexpected(std::move(made.error()));
    }
    std::shared_ptr<http::file_site> owner = std::move(*made);
    http::handler answer = owner->make_handler();
    return site_files{.owner = std::move(owner), .answer = std::move(answer)};
}

}  // namespace rouse::server
