#include "protocols/http/files/site_path.hpp"

#include <algorithm>
#include <utility>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/files/text_escape.hpp"

namespace rouse::http {
namespace {

using outcome = site_path_outcome;

// Decodes one segment behind what is there.
outcome append_decoded(std::string& out, std::string_view segment) {
    for (std::size_t at = 0; at < segment.size(); ++at) {
        char byte = segment[at];
        if (byte == '%') {
            const int high = segment.size() - at > 2 ? hex_value(segment[at + 1]) : -1;
            const int low = segment.size() - at > 2 ? hex_value(segment[at + 2]) : -1;
            if (high < 0 || low < 0) {
                return outcome::malformed;
            }
            byte = static_cast<char>(high * 16 + low);
            at += 2;
            if (byte == '/') {
                return outcome::slash_in_name;
            }
        }
        if (byte == '\0') {
            return outcome::malformed;
        }
        out.push_back(byte);
    }
    return outcome::found;
}

// What is there so far: segments with a slash behind each.
class resolved_segments {
   public:
    explicit resolved_segments(std::size_t bytes_expected) { text_.reserve(bytes_expected); }

    outcome add(std::string_view segment) {
        const std::size_t begin = text_.size();
        if (const outcome decoded = append_decoded(text_, segment); decoded != outcome::found) {
            return decoded;
        }
        const std::string_view name = std::string_view(text_).substr(begin);
        if (name.empty() || name == ".") {
            text_.resize(begin);
            return outcome::found;
        }
        if (name == "..") {
            text_.resize(begin);
            return remove_last();
        }
        if (name.size() > site_name_bytes_max || text_.size() > site_path_bytes_max ||
            ++count_ > site_path_segments_max) {
            return outcome::too_long;
        }
        text_.push_back('/');
        return outcome::found;
    }

    [[nodiscard]] std::size_t bytes() const noexcept { return text_.size(); }

    // RFC 8615, 3: "/.well-known/" is at the root only.
    [[nodiscard]] bool has_hidden() const noexcept {
        constexpr std::string_view well_known = ".well-known/";
        const std::string_view text = text_;
        const bool is_hidden_first = text.starts_with('.') && !text.starts_with(well_known);
        return is_hidden_first || text.find("/.") != std::string_view::npos;
    }

    [[nodiscard]] std::string take() {
        if (text_.empty()) {
            return ".";
        }
        text_.pop_back();
        return std::move(text_);
    }

   private:
    outcome remove_last() {
        if (text_.empty()) {
            return outcome::above_root;
        }
        text_.pop_back();
        text_.resize(text_.rfind('/') + 1);
        --count_;
        return outcome::found;
    }

    std::string text_;
    std::size_t count_ = 0;
};

}  // namespace

int status_of(site_path_outcome found) noexcept {
    switch (found) {
        case outcome::found:
            return 200;
        case outcome::malformed:
        case outcome::above_root:
            return 400;
        case outcome::slash_in_name:
        case outcome::hidden:
        case outcome::too_long:
            break;
    }
    return 404;
}

site_path resolve_site_path(std::string_view path, bool allow_dotfiles) {
    if (!path.starts_with('/')) {
        return {};
    }
    site_path made;
    resolved_segments segments(std::min(path.size(), site_path_bytes_max + 1));
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        const std::size_t bytes_before = segments.bytes();
        made.outcome = segments.add(segment);
        if (made.outcome != outcome::found) {
            return made;
        }
        // What added no name ended with a slash, a dot or two.
        made.is_folder = segments.bytes() <= bytes_before;
        path.remove_prefix(segment.size());
    }
    if (!allow_dotfiles && segments.has_hidden()) {
        made.outcome = outcome::hidden;
        return made;
    }
    made.file = segments.take();
    return made;
}

std::string request_path_of(std::string_view file, bool is_folder) {
    std::string made("/");
    if (file == ".") {
        return made;
    }
    while (true) {
        const std::string_view name = file.substr(0, file.find('/'));
        append_percent_encoded(made, name);
        if (name.size() == file.size()) {
            break;
        }
        made.push_back('/');
        file.remove_prefix(name.size() + 1);
    }
    return is_folder ? made.append("/") : made;
}

}  // namespace rouse::http
