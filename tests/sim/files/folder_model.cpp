#include "tests/sim/files/folder_model.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

namespace rouse::sim {
namespace {

struct written_name {
    std::string href;
    std::string json;
    std::string html;
};

// The few names that are not written as they are.
written_name write_name(std::string_view name) {
    if (name == odd_name) {
        return {.href = "%3Cb%3E%26%27%22%C3%A4.txt",
                .json = "<b>&'\\\"\xc3\xa4.txt",
                .html = "&lt;b&gt;&amp;&#39;&quot;\xc3\xa4.txt"};
    }
    const std::string plain(name);
    return {.href = name == "a b" ? "a%20b" : plain, .json = plain, .html = plain};
}

// "2023-11-14T22:13:20Z"
std::string time_text(std::int64_t seconds) {
    using namespace std::chrono;
    const sys_seconds moment{std::chrono::seconds(seconds)};
    const year_month_day date(floor<days>(moment));
    const hh_mm_ss time(moment - floor<days>(moment));
    std::string text(32, '\0');
    const int size = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

// Takes a line off the front.
std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

}  // namespace

bool wants_json(std::string_view accept) noexcept {
    return accept.find("json") < accept.find("text/html");  // Named first, or alone.
}

folder_model::folder_model(const known_target& asked, const site_terms& site,
                           const sim_files& files, time_point since, bool is_calm, bool as_json)
    : is_calm_(is_calm), as_json_(as_json), path_(asked.target) {
    const file_node* const folder = files.find(asked.path);
    for (const bool is_folder : {true, false}) {
        // In the order of the bytes of their names, as the map has them.
        for (const auto& [name, node] : folder->entries) {
            if (node == nullptr) {
                const auto all = files.versions(std::string(asked.path) +
                                                (asked.path.empty() ? "" : "/") + name);
                if (!is_folder) {
                    add(name, *all.back(), site, files, since);
                }
            } else if ((node->is == file_node::kind::directory) == is_folder) {
                add(name, *node, site, files, since);
            }
        }
    }
}

void folder_model::add(std::string_view name, const file_node& node, const site_terms& site,
                       const sim_files& files, time_point since) {
    listed_entry made;
    if (node.is == file_node::kind::directory) {
        made.is_folder = made.is_certain = true;
        made.lines.push_back(
            line_of(name, {.modified_seconds = node.modified_seconds}, made.is_folder));
    }
    const bool is_link = node.is == file_node::kind::link;
    const bool is_file = node.is == file_node::kind::file || (is_link && site.follows_links);
    if (is_file && !name.starts_with('.')) {
        const std::string_view path = is_link ? std::string_view(node.text) : node.path;
        for (const auto& version : files.versions(path)) {
            for (const file_state& state : version->states) {
                if (version->unlinked_at >= since && state.ends >= since) {
                    made.lines.push_back(line_of(name, state, false));
                }
            }
        }
        made.is_certain = files.is_there_since(path, since) && (is_calm_ || !is_link);
    }
    if (!made.lines.empty()) {
        entries_.push_back(std::move(made));
    }
}

std::string folder_model::line_of(std::string_view name, const file_state& state,
                                  bool is_folder) const {
    const written_name as = write_name(name);
    const std::string slash = is_folder ? "/" : "";
    const std::string time = time_text(state.modified_seconds);
    const std::string size = std::to_string(state.size);
    if (as_json_) {
        return "{\"name\":\"" + as.json + "\",\"href\":\"" + as.href + slash + "\",\"type\":\"" +
               (is_folder ? "directory\"" : "file\",\"size\":" + size) + ",\"modified\":\"" + time +
               "\"}";
    }
    return "<tr><td><a href=\"" + as.href + slash + "\"><bdi>" + as.html + slash +
           "</bdi></a></td><td>" + (is_folder ? "" : size) + "</td><td>" + time + "</td></tr>";
}

std::optional<std::string> folder_model::check(const answer_fields& told) const {
    const bool is_right =
        told.type == (as_json_ ? "application/json" : "text/html; charset=utf-8") &&
        told.vary == "Accept" && told.cache_control == "no-cache" && !told.is_chunked &&
        told.security_policy.empty() == as_json_ && told.tag.empty() && told.coding.empty();
    return is_right ? std::nullopt : std::optional<std::string>("a listing with other fields");
}

std::optional<std::string> folder_model::check(std::string_view body) const {
    const std::string title = as_json_ ? "{\"path\":\"" + path_ + "\",\"cut\":false,\"entries\":["
                                       : "<h1>Index of " + path_ + "</h1>";
    if (!body.contains(title)) {
        return "a listing of another folder";
    }
    const std::string_view start = as_json_ ? "{\"name\":" : "<tr><td><a href=";
    auto next = entries_.begin();
    while (!body.empty()) {
        std::string_view line = take_line(body);
        if (!line.starts_with(start) || line.contains("href=\"../\"")) {
            continue;
        }
        line.remove_suffix(as_json_ && line.ends_with(',') ? 1 : 0);
        while (next != entries_.end() &&
               std::ranges::find(next->lines, line) == next->lines.end()) {
            if (next->is_certain) {
                return "a listing without " + next->lines.front() + ", but with " +
                       std::string(line);
            }
            ++next;
        }
        if (next == entries_.end()) {
            return "a listing with " + std::string(line);
        }
        ++next;
    }
    const auto missing = std::ranges::find_if(next, entries_.end(), &listed_entry::is_certain);
    return missing == entries_.end() ? std::nullopt
                                     : std::optional("a listing without " + missing->lines.front());
}

}  // namespace rouse::sim
