#include "tests/sim/files/site_terms.hpp"

#include <algorithm>
#include <utility>

namespace rouse::sim {
namespace {

constexpr std::pair<std::string_view, std::string_view> content_types[] = {
    {".txt", "text/plain; charset=utf-8"}, {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},   {".js", "text/javascript; charset=utf-8"},
    {".htm", "text/html; charset=utf-8"},  {".br", "application/x-brotli"},
    {".gz", "application/gzip"},           {".zst", "application/zstd"},
};

/// Whether the place answers when it is there, and nobody else.
bool add_place(places_due& due, served_place place, const sim_files& files, time_point since,
               bool is_calm) {
    const bool is_certain = is_calm && files.is_there_since(place.path, since);
    if (std::ranges::any_of(files.versions(place.path),
                            [&](const auto& each) { return each->unlinked_at >= since; })) {
        due.places.push_back(std::move(place));
    }
    return is_certain;
}

bool add_index(places_due& due, const known_target& asked, const site_terms& site,
               const sim_files& files, time_point since, bool is_calm) {
    for (const std::string_view name : site.index_names) {
        std::string path(asked.path);
        path.append(path.empty() ? "" : "/").append(name);
        if (add_place(due, {.path = path, .name = path}, files, since, is_calm)) {
            return true;
        }
    }
    due.may_list = site.lists_folders;
    return site.lists_folders && is_calm;
}

}  // namespace

std::string_view served_place::content_type() const noexcept {
    for (const auto& [end, type] : content_types) {
        if (name.ends_with(end)) {
            return type;
        }
    }
    return "application/octet-stream";
}

std::string_view served_place::cache_control() const noexcept {
    if (name.ends_with(".css")) {
        return cache_rules_of_site[0].value;
    }
    return name.starts_with("folder/") ? cache_rules_of_site[1].value : std::string_view();
}

bool served_place::is_negotiated(const site_terms& site) const noexcept {
    return (site.has_siblings || site.makes_codings) && content_type().starts_with("text/");
}

places_due find_places(const known_target& asked, const site_terms& site, const sim_files& files,
                       time_point since, bool is_calm) {
    places_due due;
    bool is_certain = false;
    const bool is_link = asked.is == target_kind::link && site.follows_links;
    if (asked.is == target_kind::file || is_link) {
        served_place place{.path = std::string(asked.path),
                           .name = std::string(is_link ? asked.target.substr(1) : asked.path)};
        is_certain = add_place(due, std::move(place), files, since, is_calm);
    } else if (asked.is == target_kind::folder && !site.is_plain) {
        is_certain = add_index(due, asked, site, files, since, is_calm);
    } else if (asked.is == target_kind::bare_folder && !site.is_plain) {
        due.may_redirect = true;
        is_certain = is_calm;
    }
    if (!is_certain && asked.is != target_kind::bad && !site.fallback.empty()) {
        const std::string path(site.fallback);
        is_certain = add_place(due, {.path = path, .name = path}, files, since, is_calm);
    }
    due.may_be_none = !is_certain;
    return due;
}

}  // namespace rouse::sim
