#include "tests/sim/files/files_world.hpp"

#include <optional>

#include "protocols/http/files/file_site.hpp"
#include "protocols/http/router.hpp"
#include "tests/sim/files/file_peer.hpp"
#include "tests/sim/files/plain_site.hpp"
#include "tests/sim/worker_world.hpp"

namespace rouse::sim {
namespace {

// Keeps the choices of this world apart from those that all have.
constexpr std::uint64_t file_choices = 4;
constexpr std::size_t cache_bytes_max = std::size_t{512} * 1'024;

class files_world final : public worker_world {
   public:
    explicit files_world(simulation& owner)
        : worker_world(owner), draw_(owner.source(part::world, file_choices)) {}

   private:
    void prepare(server::settings& values, server::worker_sockets& sockets,
                 const sim_reactor_options& /*options*/) override {
        values.http.requests_max = UINT32_MAX;  // The world of limits has it.
        terms_.listener = listen();
        sockets.http.emplace_back(terms_.listener);
    }
    [[nodiscard]] std::size_t file_memory_max() const noexcept override { return cache_bytes_max; }
    void open(sim_reactor& io) override {
        add_files(io.files(), draw_);
        scene_.files = &io.files();
        if (draw_.coin()) {
            open_site(io);
            return;
        }
        auto root = directory::open(io, sim_files::root_path);
        simulation_.require(root.has_value(), "the root of the files cannot be used");
        plain_.emplace(plain_site{.root = std::move(*root)});
        add_plain_site(routes_, *plain_);
    }
    void open_site(sim_reactor& io) {
        constexpr std::size_t cached[] = {0, 2'000, 50'000, cache_bytes_max};
        constexpr std::size_t each[] = {0, 1'000, 20'000, 200'000};
        http::file_site_options options{.root = sim_files::root_path};
        options.cache_bytes_max = draw_.pick(cached);
        options.cache_file_bytes_max = draw_.pick(each);
        options.cache_valid = milliseconds(draw_.coin() ? draw_.below(10) : draw_.below(2'000));
        options.root_valid = options.cache_valid;
        options.send_files = draw_.coin();
        cached_max_ = options.cache_bytes_max;
        scene_.stale_max = options.cache_valid;
        auto made = http::file_site::make(io, std::move(options));
        simulation_.require(made.has_value(), "the site cannot be made");
        site_ = std::move(*made);
        routes_.any("/{path...}", site_->make_handler());
    }
    void close() noexcept override {
        scene_.files = nullptr;
        is_cache_bounded_ = site_ == nullptr || site_->cached_bytes() <= cached_max_;
        site_.reset();
        if (plain_) {
            blocks_ = std::move(plain_->blocks);
            plain_.reset();
        }
    }
    // A site takes its blocks along: what is left of those is a leak like others.
    void check_left() override {
        simulation_.require(is_cache_bounded_, "more of the files is kept than cache_bytes_max");
        simulation_.require(blocks_ == nullptr || blocks_->bytes_outside() == 0,
                            "a block of a file is left at the end");
        blocks_.reset();
    }
    [[nodiscard]] std::unique_ptr<peer> make_peer(unsigned number) override {
        return std::make_unique<file_peer>(simulation_, network_, terms_, number, scene_);
    }
    [[nodiscard]] const http::router& routes() const override { return routes_; }
    [[nodiscard]] std::uint64_t answers() const noexcept override { return scene_.answered; }

    random_source draw_;
    files_scene scene_;
    std::optional<plain_site> plain_;
    std::unique_ptr<http::file_site> site_;
    http::router routes_;
    file_blocks::handle blocks_;
    std::size_t cached_max_ = 0;
    bool is_cache_bounded_ = true;
};

}  // namespace

std::unique_ptr<world> make_files_world(simulation& owner) {
    return std::make_unique<files_world>(owner);
}

}  // namespace rouse::sim
