#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "protocols/http/service.hpp"
#include "tests/sim/http/answer_head.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/peer.hpp"
#include "tests/sim/simulation.hpp"

namespace rouse::sim {

/// What the clients of the world of limits share.
struct visit_scene {
    simulation& run;
    const peer_terms& terms;
    const http::service_limits& limits;
    std::uint64_t& answered;
};

/// One connection of a client that tries one of the server's limits: it keeps just within it, or
/// goes beyond it, and knows when the server may act and by when it must.
class visit {
   public:
    visit(const visit_scene& scene, connection& line, unsigned client) noexcept
        : scene_(scene), line_(line), client_(client) {}
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;
    virtual ~visit() = default;

    /// Something has come, or next() is there.
    void act();
    [[nodiscard]] time_point next() const noexcept { return next_; }
    [[nodiscard]] bool is_over() const noexcept { return is_over_; }

   protected:
    /// What is to be read or sent by now, and checked.
    virtual void step() = 0;
    /// The server has ended its side, or broken the connection, and all is read.
    virtual void ended() = 0;

    [[nodiscard]] time_point now() const noexcept { return scene_.run.now(); }
    [[nodiscard]] const http::service_limits& limits() const noexcept { return scene_.limits; }
    /// Nothing has gone wrong that could excuse the server, or delay it.
    [[nodiscard]] bool is_strict() const noexcept {
        return scene_.terms.is_prompt && !line_.is_excused();
    }
    /// Unless something excuses it.
    void require(bool holds, std::string_view what) const {
        if (!holds && is_strict()) {
            fail(what);
        }
    }
    [[noreturn]] void fail(std::string_view what) const;

    void act_at(time_point when) noexcept { next_ = when; }
    void leave();

    /// Everything that is there.
    void read_all();
    /// Takes the first answer's head off what was read, if it is whole: its status, or 0.
    [[nodiscard]] int take_head(answer_head& into);

    const visit_scene& scene_;
    connection& line_;
    std::string text_;  ///< Was read, and not yet looked at.

   private:
    unsigned client_;
    time_point next_{};
    bool is_over_ = false;
};

/// Sends bodies: fast enough, or not, or not at all any more.
[[nodiscard]] std::unique_ptr<visit> make_upload_visit(const visit_scene& scene, connection& line,
                                                       unsigned client, random_source draw);
/// Reads a long answer: slowly and steadily, or no more after a while.
[[nodiscard]] std::unique_ptr<visit> make_download_visit(const visit_scene& scene, connection& line,
                                                         unsigned client, random_source draw);
/// Asks as often as it may, or more, and then nothing.
[[nodiscard]] std::unique_ptr<visit> make_asking_visit(const visit_scene& scene, connection& line,
                                                       unsigned client, random_source draw);

/// The paths that they ask for.
inline constexpr std::string_view upload_path = "/upload";
inline constexpr std::string_view slow_upload_path = "/upload/slow";
inline constexpr std::string_view download_path = "/download/";  ///< Followed by the length.
inline constexpr std::string_view short_path = "/";
inline constexpr std::string_view short_text = "short\n";

/// The byte of a download at an offset.
[[nodiscard]] constexpr char download_byte(std::uint64_t offset) noexcept {
    return static_cast<char>('a' + offset % 23);
}

/// What the server does at once is done in this time, when nothing is late.
inline constexpr milliseconds visit_slack{1'000};

}  // namespace rouse::sim
