#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "protocols/http/handler.hpp"
#include "protocols/http/router.hpp"
#include "runtime/executor/blocking_pool.hpp"
#include "server/site_settings.hpp"

namespace rouse::server {

/// What the workers share of the sites: the middleware, whose rates and remembered passwords are
/// those of all of them together, and the routes of roused itself.
class shared_sites {
   public:
    /// `settings` outlive it. Reads the files that middleware is made of. Errors: what is wrong, by
    /// the hosts of its site. Throws std::system_error when a thread for passwords cannot be had.
    [[nodiscard]] static std::expected<shared_sites, std::string> make(
        const std::vector<site_settings>& settings);

    /// For work that blocks: passwords, and folders that are listed. Null when no site needs it.
    [[nodiscard]] blocking_pool* pool() const noexcept { return pool_.get(); }

   private:
    friend class worker_sites;

    struct site {
        const site_settings* settings;
        http::middleware around;                // All of it, in order.
        std::unique_ptr<http::router> builtin;  // Null without.
    };

    shared_sites() = default;

    std::shared_ptr<blocking_pool> pool_;
    std::vector<site> sites_;
};

/// The files of one site on one worker: a handler for all paths, and what it refers to.
struct site_files {
    std::shared_ptr<void> owner;
    http::handler answer;
};
using site_files_maker =
    std::function<std::expected<site_files, std::string>(const site_settings& settings)>;

/// The routes of one worker: those of every site by host, or without any site those of roused
/// itself. Destroyed before the reactor that its files are read with.
class worker_sites {
   public:
    /// `shared` outlives it. `open_files` is asked for each site with a root. Errors: its own, by
    /// the hosts of the site.
    [[nodiscard]] static std::expected<std::unique_ptr<worker_sites>, std::string> make(
        const shared_sites& shared, const site_files_maker& open_files);

    [[nodiscard]] const http::router& routes() const noexcept { return routes_; }

   private:
    worker_sites() = default;

    std::vector<std::shared_ptr<void>> files_;
    http::router routes_;
};

}  // namespace rouse::server
