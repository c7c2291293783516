#include "tests/sim/files/coding_model.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace rouse::sim {
namespace {

// Smaller ones may gain nothing.
constexpr std::uint64_t surely_gaining_bytes = 512;
constexpr unsigned unavailable = 1'000;
// More than any run has.
constexpr std::uint64_t clients_max = 1'000;

bool is_before(const file_state& left, const file_state& right) {
    return std::pair(left.modified_seconds, left.modified_nanoseconds) <
           std::pair(right.modified_seconds, right.modified_nanoseconds);
}

// The files at a path, in the states, that may be answered.
template <class Visit>
void visit_states(const sim_files& files, std::string_view path, time_point since, Visit visit) {
    for (const auto& node : files.versions(path)) {
        for (const file_state& state : node->states) {
            if (node->unlinked_at >= since && state.ends >= since) {
                visit(*node, state);
            }
        }
    }
}

unsigned rank_of(coding of, bool is_made) {
    const auto* const place = std::ranges::find(other_codings, of);
    const auto preferred = static_cast<unsigned>(place - std::begin(other_codings));
    return preferred + (is_made ? std::size(other_codings) : 0);
}

}  // namespace

std::string_view suffix_of(coding of) noexcept {
    constexpr std::array<std::string_view, 4> suffixes = {"", ".gz", ".br", ".zst"};
    return suffixes[static_cast<std::size_t>(of)];
}

std::string_view to_text(coding of) noexcept {
    constexpr std::array<std::string_view, 4> names = {"identity", "gzip", "br", "zstd"};
    return names[static_cast<std::size_t>(of)];
}

coding_model::coding_model(const site_terms& site, const sim_files& files,
                           const served_place& place, time_point since, bool is_calm)
    : site_(site),
      files_(files),
      place_(place),
      since_(since),
      is_negotiated_(place.is_negotiated(site)),
      // A look at a file ends as it is when its root was another one too often meanwhile.
      is_calm_(is_calm && !files.has_other_root() && files.is_there_since(place.path, since)) {
    unsigned count = 0;
    visit_states(files, place.path, since, [&](const file_node& node, const file_state& state) {
        ++count;
        node_ = &node;
        state_ = &state;
    });
    is_calm_ = is_calm_ && count == 1;
    for (const coding each : other_codings) {
        count = 0;
        visit_states(files, place.path + std::string(suffix_of(each)), since,
                     [&count](const file_node&, const file_state&) { ++count; });
        // One that changes while it is read is given up at last, for the file itself.
        is_calm_ = is_calm_ && count <= 1;
    }
}

bool coding_model::may_stand_for(const file_state& state) const {
    bool is_fresh = false;
    visit_states(files_, place_.path, since_, [&](const file_node&, const file_state& plain) {
        is_fresh = is_fresh || !is_before(state, plain);
    });
    return is_fresh && site_.has_siblings && is_negotiated_;
}

bool coding_model::may_be_made_of(const file_state& state) const {
    return site_.makes_codings && is_negotiated_ && state.size >= site_.made_bytes_min &&
           state.size <= site_.made_bytes_max;
}

body_origin coding_model::origin_of(const file_state& state, bool is_made) const {
    if (!is_made) {
        return body_origin::stored;
    }
    return state.size > site_.kept_bytes_max ? body_origin::streamed : body_origin::made;
}

bool coding_model::is_sibling_certain(coding of) const {
    const std::string path = place_.path + std::string(suffix_of(of));
    if (!is_calm_ || !site_.has_siblings || !files_.is_there_since(path, since_)) {
        return false;
    }
    unsigned count = 0;
    bool is_fresh = true;
    visit_states(files_, path, since_, [&](const file_node&, const file_state& state) {
        ++count;
        is_fresh = is_fresh && !is_before(state, *state_);
    });
    return count == 1 && is_fresh;
}

bool coding_model::is_made_certain() const {
    if (!is_calm_ || !may_be_made_of(*state_)) {
        return false;
    }
    // What is streamed is coded whether it gains or not, as long as there are encoders.
    return origin_of(*state_, true) == body_origin::streamed
               ? site_.streams_max >= clients_max
               : node_->is_plain_text && state_->size >= surely_gaining_bytes;
}

unsigned coding_model::certain_rank(coding of) const {
    if (is_sibling_certain(of)) {
        return rank_of(of, false);
    }
    return is_made_certain() ? rank_of(of, true) : unavailable;
}

bool coding_model::may_send(coding sent_as, bool is_made, const codings_asked& asked) const {
    if (!is_negotiated_) {
        return sent_as == coding::identity;
    }
    const unsigned weight = asked.weight(sent_as);
    const bool is_plain = sent_as == coding::identity;
    if (!is_plain && (weight == 0 || weight < asked.weight(coding::identity))) {
        return false;
    }
    return std::ranges::none_of(other_codings, [&](coding other) {
        const unsigned theirs = asked.weight(other);
        if (theirs == 0 || theirs < weight || certain_rank(other) == unavailable) {
            return false;
        }
        return is_plain || theirs > weight || certain_rank(other) < rank_of(sent_as, is_made);
    });
}

}  // namespace rouse::sim
