#include "tests/sim/files/file_peer.hpp"

#include <algorithm>
#include <utility>

#include "tests/sim/files/known_files.hpp"
#include "tests/sim/http/answer_head.hpp"

namespace rouse::sim {
namespace {

constexpr std::uint64_t requests_max = 6;

constexpr std::size_t tags_seen_max = 3;

constexpr fault missing_faults[] = {
    fault::file_missing,     fault::file_denied,    fault::file_error, fault::file_interrupted,
    fault::no_kernel_memory, fault::no_descriptors, fault::allocation};
constexpr fault cutting_faults[] = {fault::file_shrinks, fault::file_error, fault::file_interrupted,
                                    fault::no_kernel_memory, fault::allocation};

}  // namespace

file_peer::file_peer(simulation& owner, network& wires, const peer_terms& terms, unsigned number,
                     files_scene& scene)
    : stream_peer(owner, wires, terms, number), scene_(scene), pipelines_(draw_.coin()) {
    const std::uint64_t count = draw_.below(requests_max + 1);
    for (std::uint64_t i = 0; i < count; ++i) {
        const bool is_favourite = scene_.favourite != nullptr && draw_.below(3) != 0;
        const known_target& at = is_favourite ? *scene_.favourite : draw_target(draw_);
        requests_.push_back(draw_request(draw_, at, scene_.site.is_plain));
    }
}

void file_peer::write_next() {
    script_.clear();
    sent_ = 0;
    const std::uint64_t most = pipelines_ ? 1 + draw_.below(requests_max) : 1;
    for (std::uint64_t i = 0; i < most && asked_ < requests_.size(); ++i) {
        file_request& next = requests_[asked_++];
        draw_conditions(draw_, seen_[next.at->target], simulation_.wall_clock(),
                        scene_.site.is_plain, next);
        script_ += next.to_text();
        asked_at_.push_back({.asked = simulation_.now(), .wall_asked = simulation_.wall_clock()});
    }
}

std::string_view file_peer::outgoing() {
    if (closing_) {
        return {};
    }
    if (sent_ == script_.size() && answered_ == asked_ && asked_ < requests_.size()) {
        write_next();
    }
    return std::string_view(script_).substr(sent_);
}

void file_peer::sent(std::size_t bytes) {
    sent_ += bytes;
}

file_excuses file_peer::excuses() const {
    const auto struck = [&](fault each) { return simulation_.has_struck(each); };
    return {.may_miss = std::ranges::any_of(missing_faults, struck),
            .may_late = is_excused() || !terms().is_prompt,
            .may_cut = std::ranges::any_of(cutting_faults, struck),
            .may_close = is_excused() || simulation_.has_struck(fault::allocation)};
}

void file_peer::received(std::string_view bytes) {
    while (!bytes.empty()) {
        if (!answer_.is_inside()) {
            if (closing_ || answered_ == asked_) {
                fail("gets bytes that answer no request");
            }
            asked_at_[answered_].wall_now = simulation_.wall_clock();
            answer_.begin(requests_[answered_], scene_, asked_at_[answered_]);
        }
        if (const auto wrong = answer_.take(bytes, excuses())) {
            fail("answer " + std::to_string(answered_) + ", to " +
                 std::string(requests_[answered_].at->target) + ": " + *wrong);
        }
        if (!answer_.is_whole()) {
            continue;
        }
        remember();
        closing_ = answer_.fields().says_close;
        ++answered_;
        ++scene_.answered;
    }
}

void file_peer::remember() {
    const answer_fields& told = answer_.fields();
    if (told.tag.empty()) {
        return;
    }
    seen_before& seen = seen_[requests_[answered_].at->target];
    if (seen.tags.empty() || seen.tags.back() != told.tag) {
        seen.tags.push_back(told.tag);
    }
    if (seen.tags.size() > tags_seen_max) {
        seen.tags.erase(seen.tags.begin());
    }
    if (!told.modified.empty()) {
        seen.modified = parse_http_date(told.modified);
    }
}

void file_peer::ended(bool /*by_reset*/) {
    if (answer_.is_inside()) {
        require(excuses().may_cut, "gets a part of an answer, and no file has changed");
        return;
    }
    require(closing_ || answered_ == requests_.size() || excuses().may_cut || excuses().may_miss,
            "is left before it is answered");
}

}  // namespace rouse::sim
