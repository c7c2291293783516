#include "tests/sim/files/file_answer.hpp"

#include <algorithm>

#include "tests/sim/http/answer_head.hpp"
#include "tests/sim/http/route_content.hpp"

namespace rouse::sim {
namespace {

constexpr std::size_t head_bytes_max = 4'096;

// What a server of files may say, besides the bytes.
constexpr std::string_view known_lines[] = {
    "Date",           "Server",       "ETag",          "Last-Modified", "Accept-Ranges",
    "Content-Range",  "Content-Type", "Cache-Control", "Vary",          "Connection",
    "Content-Length", "Retry-After",  "Location"};

struct range_told {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t size = 0;
};

// "bytes 0-99/1234", and nothing else.
std::optional<range_told> parse_range(std::string_view text) {
    constexpr std::string_view unit = "bytes ";
    const std::size_t dash = text.find('-');
    const std::size_t slash = text.find('/');
    if (!text.starts_with(unit) || dash == std::string_view::npos || slash <= dash) {
        return std::nullopt;
    }
    const auto first = parse_number(text.substr(unit.size(), dash - unit.size()));
    const auto last = parse_number(text.substr(dash + 1, slash - dash - 1));
    const auto size = parse_number(text.substr(slash + 1));
    if (!first || !last || !size) {
        return std::nullopt;
    }
    return range_told{.first = *first, .last = *last, .size = *size};
}

}  // namespace

template <class Fits>
void file_answer::keep_versions(Fits fits) {
    std::erase_if(versions_, [&](const auto& each) { return !fits(*each); });
}

void file_answer::begin(const file_request& asked, const sim_files* files,
                        std::string_view sent_tag, time_point since) {
    *this = {};
    asked_ = &asked;
    sent_tag_ = sent_tag;
    since_ = since;
    is_begun_ = true;
    is_checked_ = files != nullptr;
    if (is_checked_ && !asked.path.empty()) {
        const auto all = files->versions(asked.path);
        versions_.assign(all.begin(), all.end());
        keep_versions([&](const file_node& each) { return each.unlinked_at >= since; });
    }
}

std::optional<std::string> file_answer::take(std::string_view& bytes, const file_excuses& excuses) {
    constexpr std::string_view head_end = "\r\n\r\n";
    if (status_ == 0) {
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
    const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    auto wrong = check_bytes(bytes.substr(0, now));
    bytes.remove_prefix(now);
    left_ -= now;
    is_whole_ = left_ == 0;
    return wrong;
}

file_answer::complaint file_answer::take_head(std::string_view text, const file_excuses& excuses) {
    const std::size_t line_end = text.find("\r\n");
    status_ = parse_status_line(text.substr(0, line_end));
    if (status_ == 0) {
        return "not a status line: " + std::string(text.substr(0, line_end));
    }
    if (auto wrong = take_lines(text.substr(line_end + 2))) {
        return wrong;
    }
    if (says_close_ && !excuses.may_close && status_ != 408 && status_ != 400) {
        return "it closes, with status " + std::to_string(status_);
    }
    if (auto wrong = check_status(excuses)) {
        return wrong;
    }
    if (!length_ && status_ != 304) {
        return "no Content-Length";
    }
    // Of a head that did not come in time nobody knows that it was to be HEAD.
    const bool is_without = (asked_->is_head && status_ != 408) || status_ == 304;
    left_ = is_without ? 0 : *length_;
    return is_checked_ ? check_lengths() : std::nullopt;
}

file_answer::complaint file_answer::take_lines(std::string_view text) {
    while (text != "\r\n") {
        const std::size_t end = text.find("\r\n");
        const std::string_view line = text.substr(0, end);
        const std::size_t colon = line.find(": ");
        const std::string_view name = line.substr(0, colon);
        if (colon == std::string_view::npos ||
            std::ranges::find(known_lines, name) == std::end(known_lines)) {
            return "a header line that nobody made: " + std::string(line);
        }
        const std::string_view value = line.substr(colon + 2);
        if (name == "Content-Length") {
            length_ = parse_number(value);
        } else if (name == "Content-Range") {
            range_ = value;
        } else if (name == "ETag") {
            tag_ = value;
        } else if (name == "Connection") {
            says_close_ = value == "close";
        }
        text.remove_prefix(end + 2);
    }
    return std::nullopt;
}

file_answer::complaint file_answer::check_status(const file_excuses& excuses) const {
    const bool is_file = !asked_->path.empty();
    bool may_be = false;
    switch (status_) {
        case 200:
            may_be = is_file;
            break;
        case 206:
        case 416:
            may_be = is_file && asked_->first && !asked_->is_head;
            break;
        case 304:
            may_be = is_file && !sent_tag_.empty();
            break;
        case 404:
            may_be = !is_file || excuses.may_miss;
            break;
        case 301:
            may_be = !is_file;
            break;
        case 400:
            may_be = asked_->is_bad;
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
    return may_be ? std::nullopt
                  : complaint("status " + std::to_string(status_) + " to " + asked_->target);
}

file_answer::complaint file_answer::check_lengths() {
    switch (status_) {
        case 200:
            keep_versions([&](const file_node& each) { return each.has_had(*length_, since_); });
            return versions_.empty() ? complaint("a length that the file has never had")
                                     : std::nullopt;
        case 206:
            return check_range();
        case 416:
            return check_unsatisfied();
        case 304:
            return tag_ == sent_tag_ ? std::nullopt : complaint("not modified, with another tag");
        default:
            versions_.clear();  // A text that says why.
            return std::nullopt;
    }
}

file_answer::complaint file_answer::check_range() {
    const auto told = parse_range(range_);
    if (!told || told->first != *asked_->first || told->last < told->first ||
        told->last != std::min(asked_->last, told->size - 1) ||
        *length_ != told->last - told->first + 1) {
        return "another range than asked for: " + range_;
    }
    offset_ = told->first;
    keep_versions([&](const file_node& each) { return each.has_had(told->size, since_); });
    return versions_.empty() ? complaint("a range of a length that the file has never had")
                             : std::nullopt;
}

file_answer::complaint file_answer::check_unsatisfied() const {
    constexpr std::string_view form = "bytes */";
    const auto size = range_.starts_with(form)
                          ? parse_number(std::string_view(range_).substr(form.size()))
                          : std::nullopt;
    const bool fits =
        size && *asked_->first >= *size && std::ranges::any_of(versions_, [&](const auto& each) {
            return each->has_had(*size, since_);
        });
    return fits ? std::nullopt : complaint("a range is refused that there is: " + range_);
}

file_answer::complaint file_answer::check_bytes(std::string_view bytes) {
    if (!is_checked_ || (status_ != 200 && status_ != 206)) {
        return std::nullopt;
    }
    keep_versions([&](const file_node& each) {
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            if (bytes[i] != each.byte_at(offset_ + i)) {
                return false;
            }
        }
        return true;
    });
    offset_ += bytes.size();
    return versions_.empty() ? complaint("bytes that no version of the file has, before offset " +
                                         std::to_string(offset_))
                             : std::nullopt;
}

}  // namespace rouse::sim
