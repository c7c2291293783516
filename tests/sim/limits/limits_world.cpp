#include "tests/sim/limits/limits_world.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "protocols/http/body_source.hpp"
#include "protocols/http/router.hpp"
#include "runtime/time/sleep.hpp"
#include "tests/sim/http/route_content.hpp"
#include "tests/sim/limits/visit.hpp"
#include "tests/sim/worker_world.hpp"

namespace rouse::sim {
namespace {

using http::request;
using http::response;

constexpr std::uint64_t visits_max = 3;
constexpr std::uint64_t pause_milliseconds_max = 3'000;
constexpr std::size_t piece_bytes = 8'192;
constexpr milliseconds handler_pause{10};
constexpr int handler_pauses_max = 4;
// Keeps the choices of this world apart from those that all have.
constexpr std::uint64_t limit_choices = 3;

class download final : public http::body_source {
   public:
    explicit download(std::uint64_t length) noexcept : length_(length) {}
    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& /*cx*/) override {
        std::string piece(
            static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, length_ - given_)), '\0');
        for (char& byte : piece) {
            byte = download_byte(given_++);
        }
        return result<owned_bytes>(piece.empty() ? owned_bytes()
                                                 : owned_bytes::from_string(std::move(piece)));
    }
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept override { return length_; }

   private:
    std::uint64_t length_;
    std::uint64_t given_ = 0;
};

response give_download(request& asked) {
    const auto length = parse_number(asked.param("length"));
    return response::stream(std::make_unique<download>(length.value_or(0)), {});
}

task<response> take_upload(request& asked, int pauses) {
    std::uint64_t taken = 0;
    while (true) {
        if (pauses-- > 0) {
            co_await sleep_for(handler_pause);
        }
        const auto piece = co_await http::next(asked.body());
        if (!piece || piece->empty()) {
            break;
        }
        taken += piece->size();
    }
    co_return response::text(std::to_string(taken) + "\n");
}

struct limits_routes : http::router {
    limits_routes() {
        get(short_path, [](request&) { return response::literal(short_text); });
        get(std::string(download_path) + "{length}", give_download);
        post(upload_path, [](request& asked) { return take_upload(asked, 0); });
        post(slow_upload_path,
             [](request& asked) { return take_upload(asked, handler_pauses_max); });
    }
};

/// Comes again and again, each time for something else.
class visitor final : public peer {
   public:
    visitor(const visit_scene& scene, network& wires, unsigned number, unsigned place)
        : peer(scene.run, number),
          scene_(scene),
          network_(wires),
          place_(place),
          visits_(draw_.between(1, visits_max)) {}

    [[nodiscard]] time_point due() const noexcept override {
        return line_ != nullptr && line_->has_news() ? simulation_.now() : peer::due();
    }

    void act() override {
        if (line_ == nullptr && !begin()) {
            return;
        }
        if (line_->is_turned_away()) {
            require(line_->readable().empty(), "is turned away with an answer");
            line_->close_client(false);
            end();
            return;
        }
        present_->act();
        if (present_->is_over()) {
            end();
            return;
        }
        act_after(std::max(present_->next() - simulation_.now(), duration::zero()));
    }

   private:
    bool begin() {
        line_ = network_.connect(scene_.terms.listener, number_);
        simulation_.log(event::connect, number_, line_ != nullptr ? 1 : 0);
        if (line_ == nullptr) {
            require(scene_.terms.is_draining, "is refused by a server that does not drain");
            finish();
            return false;
        }
        line_->set_place(place_);
        constexpr decltype(&make_upload_visit) kinds[] = {make_upload_visit, make_download_visit,
                                                          make_asking_visit};
        const auto make = draw_.pick(kinds);
        present_ = make(scene_, *line_, number_, draw_.fork(visits_));
        return true;
    }

    void end() {
        present_.reset();
        line_ = nullptr;
        if (--visits_ == 0) {
            finish();
            return;
        }
        act_after(milliseconds(draw_.below(pause_milliseconds_max)));
    }

    const visit_scene& scene_;
    network& network_;
    unsigned place_;
    std::uint64_t visits_;
    connection* line_ = nullptr;
    std::unique_ptr<visit> present_;
};

class limits_world final : public worker_world {
   public:
    explicit limits_world(simulation& owner)
        : worker_world(owner),
          draw_(owner.source(part::world, limit_choices)),
          scene_{owner, terms_, limits_, answered_} {}

   private:
    void prepare(server::settings& values, server::worker_sockets& sockets,
                 const sim_reactor_options& /*options*/) override {
        constexpr std::size_t rates[] = {0, 100, 1'000, 10'000};
        constexpr unsigned most[] = {0, 1, 2, 3};
        values.http.body_rate_min = draw_.pick(rates);
        values.http.body_grace = milliseconds(draw_.below(6'000));
        values.server.connections_per_address_max = draw_.pick(most);
        places_ = draw_.between(1, 4);
        terms_.listener = listen();
        sockets.http.emplace_back(terms_.listener);
        limits_.body_bytes_max = values.http.body_bytes_max;
        limits_.idle_timeout = values.http.idle_timeout;
        limits_.body_timeout = values.http.body_timeout;
        limits_.body_rate_min = static_cast<std::uint32_t>(values.http.body_rate_min);
        limits_.body_grace = values.http.body_grace;
        limits_.write_timeout = values.http.write_timeout;
        limits_.requests_max = values.http.requests_max;
        limits_.pipelined_requests_max = values.http.pipelined_requests_max;
    }
    [[nodiscard]] std::unique_ptr<peer> make_peer(unsigned number) override {
        return std::make_unique<visitor>(scene_, network_, number,
                                         static_cast<unsigned>(draw_.below(places_)));
    }
    [[nodiscard]] const http::router& routes() const override {
        static const limits_routes all;
        return all;
    }
    [[nodiscard]] std::uint64_t answers() const noexcept override { return answered_; }

    random_source draw_;
    http::service_limits limits_;
    std::uint64_t answered_ = 0;
    std::uint64_t places_ = 1;
    visit_scene scene_;
};

}  // namespace

std::unique_ptr<world> make_limits_world(simulation& owner) {
    return std::make_unique<limits_world>(owner);
}

}  // namespace rouse::sim
