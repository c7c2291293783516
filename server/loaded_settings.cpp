#include "server/loaded_settings.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "server/absolute_path.hpp"
#include "server/quoted_text.hpp"
#include "server/site_reader.hpp"

namespace rouse::server {

const std::string& loaded_settings::origin_of(std::string_view name) const {
    const setting* const entry = find_setting(name);
    assert(entry != nullptr);
    return origins[static_cast<std::size_t>(entry - setting_table().data())];
}

settings_builder::settings_builder() {
    loaded_.values = default_settings();
    loaded_.origins.assign(setting_table().size(), "default");
}

void settings_builder::set(const setting& entry, const raw_value& raw, std::string origin,
                           std::string_view where) {
    const auto assigned = assign(entry, raw, loaded_.values);
    if (!assigned) {
        add_problem(where, name_of(entry) + ": " + assigned.error());
        return;
    }
    loaded_.origins[static_cast<std::size_t>(&entry - setting_table().data())] = std::move(origin);
}

void settings_builder::add_site(site_settings site, site_places places) {
    loaded_.values.sites.push_back(std::move(site));
    loaded_.sites.push_back(std::move(places));
}

void settings_builder::set_root(std::string_view path, std::string_view where) {
    auto root = readable_path({}, path);
    if (!root) {
        add_problem(where, root.error());
        return;
    }
    site_settings site;
    site.root = std::move(*root);
    loaded_.values.sites.clear();
    loaded_.sites.clear();
    add_site(std::move(site), {.origin = std::string(where),
                               .root = std::string(where),
                               .users_file = {},
                               .error_pages = {}});
    has_root_ = true;
}

site_settings* settings_builder::root_site(std::string_view where) {
    if (!has_root_) {
        add_problem(where, "is for the site of --root, and there is none: set it below [[site]]");
        return nullptr;
    }
    return &loaded_.values.sites.front();
}

void settings_builder::set_root_listing(std::string_view where) {
    if (site_settings* const site = root_site(where)) {
        site->listing = true;
    }
}

void settings_builder::set_root_fallback(std::string_view path, std::string_view where) {
    site_settings* const site = root_site(where);
    const std::string fault = is_utf8(path) ? fallback_fault(path, false) : "is not UTF-8";
    if (!fault.empty()) {
        add_problem(where, quoted_text(path) + ' ' + fault);
    } else if (site != nullptr) {
        site->fallback = path;
    }
}

void settings_builder::add_problem(std::string_view where, std::string_view what) {
    // A path may have any byte in it, and so may what a library says of the text that it read.
    problems_.push_back(one_line(where) + ": " + one_line(what));
}

void settings_builder::add_warning(std::string what) {
    loaded_.warnings.push_back(std::move(what));
}

void settings_builder::set_config_file(std::string path) {
    loaded_.config_file = std::move(path);
}

void settings_builder::check_together() {
    if (!problems_.empty()) {
        return;
    }
    const auto& http = loaded_.values.http.listen;
    const auto& echo = loaded_.values.echo.listen;
    const std::string& http_origin = loaded_.origin_of("http.listen");
    const std::string& echo_origin = loaded_.origin_of("echo.listen");
    if (http.empty() && echo.empty()) {
        add_problem(http_origin, "http.listen is off and so is echo.listen (" + echo_origin +
                                     "): there is nothing to serve");
    }
    const uring_settings& uring = loaded_.values.uring;
    if (uring.buffers > uring.buffers_max) {
        add_problem(loaded_.origin_of("uring.buffers"),
                    "uring.buffers is " + std::to_string(uring.buffers) +
                        ", more than uring.buffers_max (" + loaded_.origin_of("uring.buffers_max") +
                        "), which is " + std::to_string(uring.buffers_max));
    }
    for (const address& each : http) {
        // The kernel would not refuse: SO_REUSEPORT lets both bind and deals connections out
        // between them.
        const bool fixed = each.family() == AF_UNIX || each.port() != 0;
        if (fixed && std::ranges::find(echo, each) != echo.end()) {
            add_problem(http_origin, "http.listen has " + each.to_string() +
                                         ", which echo.listen (" + echo_origin + ") has too");
        }
    }
}

}  // namespace rouse::server
