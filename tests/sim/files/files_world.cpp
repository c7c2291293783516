#include "tests/sim/files/files_world.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "protocols/http/files/file_site.hpp"
#include "protocols/http/router.hpp"
#include "tests/sim/files/file_peer.hpp"
#include "tests/sim/files/known_files.hpp"
#include "tests/sim/files/plain_site.hpp"
#include "tests/sim/sim_threads.hpp"
#include "tests/sim/worker_world.hpp"

namespace rouse::sim {
namespace {

// Keeps the choices of this world apart from those that all have.
constexpr std::uint64_t file_choices = 4;
constexpr std::uint64_t made_codings_one_in = 8;
constexpr std::size_t cache_bytes_max = std::size_t{512} * 1'024;

class files_world final : public worker_world {
   public:
    explicit files_world(simulation& owner)
        : worker_world(owner), thread_(owner), draw_(owner.source(part::world, file_choices)) {}

   private:
    void prepare(server::settings& values, server::worker_sockets& sockets,
                 const sim_reactor_options& /*options*/) override {
        values.http.requests_max = UINT32_MAX;  // The world of limits has it.
        draw_site();
        scene_.favourite = draw_favourite(draw_);
        terms_.listener = listen();
        sockets.http.emplace_back(terms_.listener);
    }
    [[nodiscard]] std::size_t file_memory_max() const noexcept override { return cache_bytes_max; }
    void open(sim_reactor& io) override {
        add_files(io.files(), draw_);
        scene_.files = &io.files();
        if (!scene_.site.is_plain) {
            pool_.emplace();
            auto made = http::file_site::make(io, std::move(options_), &*pool_);
            simulation_.require(made.has_value(), "the site cannot be made");
            site_ = std::move(*made);
            routes_.any("/{path...}", site_->make_handler());
            return;
        }
        auto root = directory::open(io, sim_files::root_path);
        simulation_.require(root.has_value(), "the root of the files cannot be used");
        plain_.emplace(plain_site{.root = std::move(*root)});
        add_plain_site(routes_, *plain_);
    }
    void has_run() override { thread_.look(); }
    [[nodiscard]] time_point next_event() const noexcept override { return thread_.due(); }
    [[nodiscard]] bool pass_event() override { return thread_.run_due(); }
    void draw_site() {
        constexpr std::size_t cached[] = {0, 2'000, 50'000, cache_bytes_max};
        constexpr std::size_t each[] = {0, 1'000, 20'000, 200'000};
        site_terms& told = scene_.site;
        told.is_plain = draw_.below(4) == 0;
        options_.cache_bytes_max = draw_.pick(cached);
        options_.cache_file_bytes_max = draw_.pick(each);
        options_.cache_valid = milliseconds(draw_.coin() ? draw_.below(10) : draw_.below(2'000));
        cached_max_ = options_.cache_bytes_max;
        if (told.is_plain) {
            return;
        }
        told.stale_max = options_.root_valid = options_.cache_valid;
        options_.send_files = draw_.coin();
        told.follows_links = options_.symlinks = draw_.coin();
        told.has_siblings = options_.precompressed = draw_.below(4) != 0;
        told.fallback = draw_.below(3) == 0 ? "app.html" : "";
        options_.fallback = told.fallback.empty() ? "" : "/app.html";
        told.lists_folders = options_.listing = draw_.coin();
        for (const std::string_view name : {"index.html", "index.htm"}) {
            told.index_names.push_back(name);
        }
        options_.index.assign(told.index_names.begin(), told.index_names.end());
        for (const cache_rule& rule : cache_rules_of_site) {
            const bool is_added = options_.cache_control.add(rule.pattern, rule.value);
            simulation_.require(is_added, "a rule for Cache-Control is refused");
        }
        draw_made_codings();
    }
    // Seldom: an encoder costs as much as the rest of a run.
    void draw_made_codings() {
        constexpr std::size_t least[] = {0, 100, 1'024};
        constexpr std::size_t most[] = {1'500, 5'000, 40'000};
        constexpr std::size_t streams[] = {0, 1, 1'000};
        const bool is_drawn = draw_.below(made_codings_one_in) == 0;
        options_.compress = scene_.site.makes_codings =
            is_drawn && simulation_.options().compresses;
        options_.compress_bytes_min = draw_.pick(least);
        options_.compress_bytes_max = draw_.pick(most);
        options_.levels = {.gzip = 1, .br = 1, .zstd = 1};
        scene_.site.made_bytes_min = options_.compress_bytes_min;
        scene_.site.made_bytes_max = options_.compress_bytes_max;
        scene_.site.kept_bytes_max =
            std::min(options_.cache_file_bytes_max, options_.cache_bytes_max);
        scene_.site.streams_max = options_.compress_streams_max = draw_.pick(streams);
    }
    void close() noexcept override {
        scene_.files = nullptr;
        is_cache_bounded_ = site_ == nullptr || site_->cached_bytes() <= cached_max_;
        site_.reset();
        pool_.reset();
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
        if (number == 1 && draw_.coin()) {
            return make_file_changer(simulation_, number, scene_);
        }
        return std::make_unique<file_peer>(simulation_, network_, terms_, number, scene_);
    }
    [[nodiscard]] const http::router& routes() const override { return routes_; }
    [[nodiscard]] std::uint64_t answers() const noexcept override { return scene_.answered; }

    sim_thread thread_;
    random_source draw_;
    files_scene scene_;
    http::file_site_options options_{.root = sim_files::root_path};
    std::optional<plain_site> plain_;
    std::optional<blocking_pool> pool_;
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
