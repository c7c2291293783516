#include "tests/sim/files/answer_candidate.hpp"

#include <numeric>

#include "tests/sim/files/decoded_text.hpp"
#include "tests/sim/http/route_content.hpp"

namespace rouse::sim {
namespace {

constexpr std::string_view multipart_type = "multipart/byteranges; boundary=";

/// What stands behind the slash of "bytes 0-99/1234".
std::optional<std::uint64_t> size_told(std::string_view range) {
    const std::size_t slash = range.find('/');
    return slash == std::string_view::npos ? std::nullopt : parse_number(range.substr(slash + 1));
}

}  // namespace

representation_key answer_candidate::key() const noexcept {
    return {.inode = node_->inode,
            .size = state_.size,
            .modified_seconds = state_.modified_seconds,
            .modified_nanoseconds = state_.modified_nanoseconds,
            .changed_seconds = state_.changed_seconds,
            .changed_nanoseconds = state_.changed_nanoseconds,
            .sent_as = sent_as_,
            .origin = origin_};
}

bool answer_candidate::plan(const answer_fields& told, const file_request& asked,
                            std::uint8_t outcomes, const tag_book& book) {
    if (told.status == 304 || told.status == 412) {
        return (outcomes & (told.status == 304 ? not_modified : precondition_failed)) != 0;
    }
    if (is_streamed()) {
        // Of what is never the same bytes there are no ranges. RFC 9110, 14.2.
        is_open_ = true;
        return (outcomes & (serve_whole | serve_ranges)) != 0 && told.status == 200 &&
               told.is_chunked == (state_.size > 0);
    }
    if (told.is_chunked) {
        return false;
    }
    made_bytes_ = is_stored() ? nullptr : book.made_bytes(told.tag);
    if (is_stored()) {
        size_ = state_.size;
    } else if (made_bytes_ != nullptr) {
        size_ = made_bytes_->size();
    } else {
        size_ = size_told(told.range);
    }
    if ((outcomes & serve_whole) != 0 && told.status == 200 && plan_whole(told)) {
        return true;
    }
    if ((outcomes & serve_ranges) == 0) {
        return false;
    }
    if (!size_) {
        is_open_ = true;
        return told.status != 416;
    }
    const ranges_due due = ranges_of(asked.ranges, *size_);
    switch (told.status) {
        case 200:
            return !due.is_unsatisfiable && due.parts.empty() && plan_whole(told);
        case 206:
            return !due.parts.empty() && plan_ranges(told, due.parts);
        default:
            return is_refused_range(told, due);
    }
}

bool answer_candidate::is_refused_range(const answer_fields& told, const ranges_due& due) const {
    return due.is_unsatisfiable && told.range == "bytes */" + std::to_string(*size_);
}

bool answer_candidate::plan_whole(const answer_fields& told) {
    if (!told.range.empty()) {
        return false;
    }
    if (!size_) {
        is_open_ = true;
        return *told.length < state_.size;
    }
    body_ = {{.text = {}, .part = {0, *size_}}};
    return *told.length == *size_;
}

bool answer_candidate::plan_ranges(const answer_fields& told,
                                   const std::vector<range_part>& parts) {
    is_open_ = !is_stored() && made_bytes_ == nullptr;
    body_.clear();
    if (parts.size() == 1) {
        body_.push_back({.text = {}, .part = parts.front()});
        return told.range == content_range_text(parts.front(), *size_) &&
               *told.length == parts.front().bytes;
    }
    if (!told.range.empty() || !told.type.starts_with(multipart_type)) {
        return false;
    }
    const std::string line = "\r\n--" + told.type.substr(multipart_type.size());
    for (const range_part& each : parts) {
        std::string head = line.substr(body_.empty() ? 2 : 0) + "\r\nContent-Type: ";
        head.append(place_->content_type()).append("\r\nContent-Range: ");
        head.append(content_range_text(each, *size_)).append("\r\n\r\n");
        body_.push_back({.text = std::move(head), .part = {}});
        body_.push_back({.text = {}, .part = each});
    }
    body_.push_back({.text = line + "--\r\n", .part = {}});
    const auto total = std::accumulate(
        body_.begin(), body_.end(), std::uint64_t{0},
        [](std::uint64_t sum, const body_piece& each) { return sum + each.size(); });
    return *told.length == total;
}

bool answer_candidate::is_byte(std::uint64_t offset, char byte) const {
    return made_bytes_ != nullptr ? (*made_bytes_)[static_cast<std::size_t>(offset)] == byte
                                  : node_->byte_at(offset) == byte;
}

bool answer_candidate::takes(std::string_view bytes) {
    if (is_open_) {
        return true;
    }
    for (const char byte : bytes) {
        while (piece_ < body_.size() && offset_ == body_[piece_].size()) {
            ++piece_;
            offset_ = 0;
        }
        if (piece_ == body_.size()) {
            return false;
        }
        const body_piece& at = body_[piece_];
        const bool is_right = at.text.empty() ? is_byte(at.part.first + offset_, byte)
                                              : at.text[static_cast<std::size_t>(offset_)] == byte;
        if (!is_right) {
            return false;
        }
        ++offset_;
    }
    return true;
}

bool answer_candidate::is_right(std::string_view body) const {
    if (is_stored() || made_bytes_ != nullptr) {
        return true;
    }
    const auto decoded = decode(sent_as_, body, static_cast<std::size_t>(state_.size) + 1);
    if (!decoded || decoded->size() != state_.size) {
        return false;
    }
    for (std::size_t i = 0; i < decoded->size(); ++i) {
        if ((*decoded)[i] != node_->byte_at(i)) {
            return false;
        }
    }
    return true;
}

}  // namespace rouse::sim
