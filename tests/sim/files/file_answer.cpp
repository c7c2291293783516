#include "tests/sim/files/file_answer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "tests/sim/files/coding_model.hpp"
#include "tests/sim/http/answer_head.hpp"

namespace rouse::sim {
namespace {

constexpr std::size_t head_bytes_max = 4'096;

}  // namespace

template <class Fits>
bool file_answer::keep(Fits fits) {
    std::erase_if(candidates_, [&](answer_candidate& each) { return !fits(each); });
    return !candidates_.empty();
}

void file_answer::begin(const file_request& asked, files_scene& scene, const asked_times& times) {
    *this = {};
    asked_ = &asked;
    scene_ = &scene;
    times_ = times;
    since_ = times.asked - scene.site.stale_max;
    is_begun_ = true;
}

std::optional<std::string> file_answer::take(std::string_view& bytes, const file_excuses& excuses) {
    constexpr std::string_view head_end = "\r\n\r\n";
    if (fields_.status == 0) {
        const std::size_t before = head_.size();
        head_ += bytes;
        const std::size_t end = head_.find(head_end);
        if (end == std::string::npos) {
            bytes = {};
            return head_.size() > head_bytes_max ? complaint("a head without an end")
                                                 : std::nullopt;
        }
        bytes.remove_prefix(end + head_end.size() - before);
        head_.resize(end + head_end.size());
        if (auto wrong = take_head(head_, excuses)) {
            return wrong;
        }
    }
    while (!bytes.empty() && !framing_.is_whole()) {
        const std::string_view content = framing_.take(bytes);
        if (framing_.is_wrong()) {
            return "what is no chunk, behind byte " + std::to_string(framing_.taken());
        }
        if (auto wrong = check_bytes(content)) {
            return wrong;
        }
    }
    return framing_.is_whole() ? finish() : std::nullopt;
}

file_answer::complaint file_answer::take_head(std::string_view text, const file_excuses& excuses) {
    if (auto wrong = fields_.read(text)) {
        return wrong;
    }
    const int status = fields_.status;
    if (fields_.says_close && !excuses.may_close && status != 408 && status != 400) {
        return "it closes, with status " + std::to_string(status);
    }
    if (auto wrong = check_framing()) {
        return wrong;
    }
    // Of a head that did not come in time nobody knows that it was to be HEAD.
    const bool is_without = (asked_->is_head && status != 408) || status == 304;
    if (fields_.is_chunked && !is_without) {
        framing_.expect_chunks();
    } else {
        framing_.expect(is_without ? 0 : *fields_.length);
    }
    return scene_->files == nullptr ? std::nullopt : check_status(excuses);
}

file_answer::complaint file_answer::check_framing() const {
    if (fields_.is_chunked && fields_.length) {
        return "chunks and a Content-Length";
    }
    // Only what is coded while it is sent has no length.
    if (fields_.is_chunked && (fields_.status != 200 || fields_.tag.empty())) {
        return "chunks of what has a length";
    }
    return fields_.length || fields_.is_chunked || fields_.status == 304
               ? std::nullopt
               : complaint("no Content-Length");
}

// An answer that depends on the state of a file, and not a listing.
bool file_answer::is_about_file() const noexcept {
    constexpr std::array statuses = {200, 206, 304, 412, 416};
    return std::ranges::find(statuses, fields_.status) != statuses.end() &&
           (fields_.status != 200 || !fields_.tag.empty());
}

file_answer::complaint file_answer::check_status(const file_excuses& excuses) {
    due_ = find_places(*asked_->at, scene_->site, *scene_->files, since_, !excuses.may_miss);
    if (is_about_file()) {
        for (const served_place& each : due_.places) {
            gather(each, !excuses.may_miss);
        }
        if (candidates_.empty()) {
            return "status " + std::to_string(fields_.status) + ", and there is no file";
        }
        return check_file();
    }
    bool may_be = false;
    switch (fields_.status) {
        case 200:
            return due_.may_list ? check_listing(!excuses.may_miss)
                                 : complaint("a file without a tag");
        case 301:
            return due_.may_redirect ? check_redirect() : complaint("a redirect of a file");
        case 404:
            may_be = due_.may_be_none || excuses.may_miss;
            break;
        case 400:
            may_be = asked_->at->is == target_kind::bad;
            break;
        case 403:
        case 500:
        case 503:
            may_be = excuses.may_miss;
            break;
        case 408:
            may_be = excuses.may_late;
            break;
        default:
            break;
    }
    return may_be ? std::nullopt : complaint("status " + std::to_string(fields_.status));
}

file_answer::complaint file_answer::check_redirect() const {
    const std::string due = std::string(asked_->at->target) + "/" + asked_->query;
    return fields_.location == due ? std::nullopt : complaint("a redirect to " + fields_.location);
}

file_answer::complaint file_answer::check_listing(bool is_calm) {
    folder_.emplace(*asked_->at, scene_->site, *scene_->files, times_.asked, is_calm,
                    wants_json(asked_->accept));
    keeps_body_ = true;
    return folder_->check(fields_);
}

void file_answer::gather(const served_place& place, bool is_calm) {
    const coding_model codings(scene_->site, *scene_->files, place, since_, is_calm);
    const auto add = [&](std::string_view path, coding sent_as, bool is_made) {
        if (!codings.may_send(sent_as, is_made, asked_->codings)) {
            return;
        }
        for (const auto& node : scene_->files->versions(path)) {
            for (const file_state& state : node->states) {
                const bool is_there = node->unlinked_at >= since_ && state.ends >= since_;
                const bool fits =
                    sent_as == coding::identity ||
                    (is_made ? codings.may_be_made_of(state) : codings.may_stand_for(state));
                if (is_there && fits) {
                    candidates_.emplace_back(place, *node, state, sent_as,
                                             codings.origin_of(state, is_made));
                }
            }
        }
    };
    add(place.path, coding::identity, false);
    if (!place.is_negotiated(scene_->site)) {
        return;
    }
    for (const coding each : other_codings) {
        add(place.path + std::string(suffix_of(each)), each, false);
        add(place.path, each, true);
    }
}

std::uint8_t file_answer::outcomes_of(const answer_candidate& each) const {
    const validators of{.tag = fields_.tag.empty() ? scene_->tags.tag_of(each.key())
                                                   : std::string_view(fields_.tag),
                        .is_weak = each.is_streamed(),
                        .modified = each.state().modified_seconds,
                        .earliest = times_.wall_asked - 1,
                        .latest = times_.wall_now};
    const bool has_ranges = !asked_->is_head && !asked_->ranges.empty();
    return sim::outcomes_of(asked_->conditions, has_ranges, of, scene_->tags);
}

// RFC 9110, 15.3.7: with If-Range the client has what a 206 need not say again.
bool file_answer::is_resumed() const noexcept {
    const conditions_asked& asked = asked_->conditions;
    return fields_.status == 206 && (asked.range_tag || asked.range_date);
}

// Besides those that validate it. RFC 9110, 15.4.5: a 304 says less.
bool file_answer::has_fields_of(const answer_candidate& each) const {
    const site_terms& site = scene_->site;
    const bool is_bare = fields_.status == 304;
    if (site.is_plain) {
        return true;
    }
    const served_place& place = each.place();
    const bool is_coded = each.sent_as() != coding::identity && !is_resumed();
    const bool is_multipart =
        fields_.status == 206 && fields_.type.starts_with("multipart/byteranges");
    return fields_.cache_control == place.cache_control() &&
           fields_.vary == (place.is_negotiated(site) ? "Accept-Encoding" : "") &&
           fields_.tag.starts_with("W/") == each.is_streamed() &&
           (is_bare || is_multipart ||
            fields_.type == (is_resumed() ? "" : place.content_type())) &&
           (is_bare || (fields_.coding == (is_coded ? to_text(each.sent_as()) : "") &&
                        fields_.accept_ranges == (each.is_streamed() ? "" : "bytes")));
}

file_answer::complaint file_answer::check_file() {
    const int status = fields_.status;
    const bool is_refused = status == 412 || status == 416;
    if (!is_refused) {
        if (!keep([&](const auto& each) {
                return scene_->tags.may_stand_for(fields_.tag, each.key());
            })) {
            return "a tag of something else: " + fields_.tag;
        }
        if (!keep([&](const auto& each) { return has_fields_of(each); })) {
            return "fields of no file that it may be, or in no coding that may be sent";
        }
    }
    // RFC 9110, 12.5.5: that there is no such range is so of this coding.
    if (status == 416 && !scene_->site.is_plain && !keep([&](const auto& each) {
            return fields_.vary ==
                   (each.place().is_negotiated(scene_->site) ? "Accept-Encoding" : "");
        })) {
        return "a range is refused with Vary: " + fields_.vary;
    }
    const bool is_dated = (status == 200 || status == 206) && !scene_->site.is_plain;
    if (is_dated && is_resumed() && !fields_.modified.empty()) {
        return "a time that the client has said itself";
    }
    if (is_dated && !is_resumed() &&
        !keep([modified = parse_http_date(fields_.modified)](const auto& each) {
            return each.state().modified_seconds == modified;
        })) {
        return "a time at which the file was not changed: " + fields_.modified;
    }
    keeps_body_ = status == 200 && !std::ranges::all_of(candidates_, &answer_candidate::is_stored);
    if (!keep([&](auto& each) {
            return each.plan(fields_, *asked_, outcomes_of(each), scene_->tags);
        })) {
        return "status " + std::to_string(status) + " with length " +
               std::to_string(fields_.length.value_or(0)) + " and range " + fields_.range +
               ", which no state of the file comes to";
    }
    return std::nullopt;
}

file_answer::complaint file_answer::check_bytes(std::string_view bytes) {
    if (keeps_body_) {
        body_ += bytes;
    }
    if (scene_->files == nullptr || (fields_.status != 200 && fields_.status != 206) ||
        candidates_.empty()) {
        return std::nullopt;
    }
    return keep([&](auto& each) { return each.takes(bytes); })
               ? std::nullopt
               : complaint("bytes that no state of the file has, before byte " +
                           std::to_string(framing_.taken()));
}

file_answer::complaint file_answer::finish() {
    if (folder_ && !asked_->is_head) {
        return folder_->check(std::string_view(body_));
    }
    if (scene_->files == nullptr || candidates_.empty()) {
        return std::nullopt;
    }
    const bool has_body = fields_.status == 200 && !asked_->is_head;
    if (has_body && !keep([&](const auto& each) { return each.is_right(body_); })) {
        return "a coded body that is not that of the file";
    }
    if (candidates_.size() == 1 && !fields_.tag.empty()) {
        const answer_candidate& only = candidates_.front();
        scene_->tags.learn(fields_.tag, only.key(),
                           has_body && only.is_made() ? std::move(body_) : std::string());
    }
    return std::nullopt;
}

}  // namespace rouse::sim
