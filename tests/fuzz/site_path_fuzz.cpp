#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/files/site_path.hpp"
#include "protocols/http/target.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/reference_text.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::byte_reader;
using rouse::fuzz::exact_copy;
using rouse::fuzz::require;
using rouse::fuzz::split;
using outcome = site_path_outcome;

std::size_t bytes_of(const std::vector<std::string>& names) {
    std::size_t total = names.size() - 1;
    for (const std::string& name : names) {
        total += name.size();
    }
    return total;
}

// Each segment on its own, in a list of names.
site_path resolve(std::string_view path, bool allow_dotfiles) {
    if (!path.starts_with('/')) {
        return {};
    }
    site_path made;
    std::vector<std::string> names;
    std::vector<std::string_view> segments = split(path.substr(1), '/');
    if (segments.empty()) {
        segments.emplace_back();
    }
    for (const std::string_view segment : segments) {
        const auto name = percent_decode(segment);
        // The first fault in a segment counts.
        const std::size_t slash = std::min(segment.find("%2f"), segment.find("%2F"));
        if (slash != std::string_view::npos && percent_decode(segment.substr(0, slash)) &&
            segment.substr(0, slash).find('\0') == std::string_view::npos) {
            made.outcome = outcome::slash_in_name;
            return made;
        }
        if (!name || name->find('\0') != std::string::npos) {
            made.outcome = outcome::malformed;
            return made;
        }
        made.is_folder = name->empty() || *name == "." || *name == "..";
        if (*name == "..") {
            if (names.empty()) {
                made.outcome = outcome::above_root;
                return made;
            }
            names.pop_back();
        } else if (!made.is_folder) {
            names.push_back(*name);
            if (name->size() > site_name_bytes_max || names.size() > site_path_segments_max ||
                bytes_of(names) > site_path_bytes_max) {
                made.outcome = outcome::too_long;
                return made;
            }
        }
    }
    made.outcome = outcome::found;
    for (std::size_t index = 0; index < names.size(); ++index) {
        const bool is_well_known = index == 0 && names[index] == ".well-known";
        if (names[index].starts_with('.') && !allow_dotfiles && !is_well_known) {
            made.outcome = outcome::hidden;
        }
        made.file += (index == 0 ? "" : "/") + names[index];
    }
    made.file = names.empty() ? "." : made.file;
    return made;
}

// What the kernel is asked to open is below the root, by its text alone.
void check_below_root(std::string_view file) {
    require(file.find('\0') == std::string_view::npos && file.size() <= site_path_bytes_max);
    if (file == ".") {
        return;
    }
    require(!file.empty());
    for (const std::string_view name : split(file, '/')) {
        require(!name.empty() && name != "." && name != "..");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader input(data, size);
    const bool allow_dotfiles = input.flag();
    const exact_copy path(input.rest());
    const site_path made = resolve_site_path(path.text(), allow_dotfiles);
    const site_path expected = resolve(path.text(), allow_dotfiles);
    require(made.outcome == expected.outcome);
    if (made.outcome != outcome::found) {
        require(made.file.empty());
        return 0;
    }
    require(made.file == expected.file && made.is_folder == expected.is_folder);
    check_below_root(made.file);
    // A redirect to its one request path leads to the same place, and to this host.
    const std::string again = request_path_of(made.file, made.is_folder);
    require(again.starts_with('/') && !again.starts_with("//"));
    const site_path second = resolve_site_path(again, allow_dotfiles);
    require(second.outcome == outcome::found && second.file == made.file &&
            second.is_folder == made.is_folder);
    return 0;
}
