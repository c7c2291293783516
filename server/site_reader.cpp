#include "server/site_reader.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "protocols/http/files/site_path.hpp"
#include "protocols/http/host_table.hpp"
#include "runtime/net/address.hpp"
#include "server/quoted_text.hpp"
#include "server/site_reader_parts.hpp"

namespace rouse::server {
namespace {

constexpr std::size_t mebibyte = 1'048'576;
constexpr std::size_t host_bytes_max = 253;  // RFC 1035, 2.3.4, without the length bytes.

void read_hosts(const site_node& from, site_draft& into) {
    for (const site_node& each : from.elements(site_hosts_max, "hosts")) {
        const auto host = each.text("a host name");
        if (!host) {
            continue;
        }
        if (const std::string fault = host_fault(*host); !fault.empty()) {
            each.refuse(quoted_text(*host) + ' ' + fault);
            continue;
        }
        into.values.hosts.push_back(*host);
        into.host_places.push_back(each.place());
    }
    if (from.is_empty_list()) {
        from.refuse("is empty: leave it out for every host that no other site has");
    }
}

void read_root(const site_node& from, site_draft& into) {
    from.read_path("a directory", into.values.root);
    into.places.root = from.place();
}

void read_index(const site_node& from, site_draft& into) {
    std::vector<std::string> names;
    from.read_list(site_index_names_max, "file names", names);
    for (const std::string& name : names) {
        if (name.contains('/') || name.contains('%') ||
            http::resolve_site_path('/' + name, true).file != name) {
            from.refuse(quoted_text(name) + " is no file name");
            return;
        }
    }
    into.values.index = std::move(names);
}

void read_fallback(const site_node& from, site_draft& into) {
    const auto path = from.text("a path such as \"/index.html\", or \"off\"");
    if (!path) {
        return;
    }
    if (*path == "off") {
        into.values.fallback.clear();
    } else if (const std::string fault = fallback_fault(*path, true); !fault.empty()) {
        from.refuse(quoted_text(*path) + ' ' + fault);
    } else {
        into.values.fallback = *path;
    }
}

template <bool site_settings::* Member>
constexpr site_key<site_draft> flag_key(std::string_view name) {
    return {name, [](const site_node& from, site_draft& into) { from.read(into.values.*Member); }};
}

template <std::size_t site_settings::* Member, std::size_t Max>
constexpr site_key<site_draft> size_key(std::string_view name) {
    return {name, [](const site_node& from, site_draft& into) {
                from.read_size(0, Max, into.values.*Member);
            }};
}

constexpr std::array site_keys{
    site_key<site_draft>{"hosts", read_hosts},
    site_key<site_draft>{"root", read_root},
    site_key<site_draft>{"index", read_index},
    site_key<site_draft>{"fallback", read_fallback},
    flag_key<&site_settings::listing>("listing"),
    flag_key<&site_settings::dotfiles>("dotfiles"),
    flag_key<&site_settings::symlinks>("symlinks"),
    flag_key<&site_settings::sendfile>("sendfile"),
    flag_key<&site_settings::precompressed>("precompressed"),
    flag_key<&site_settings::compress>("compress"),
    size_key<&site_settings::compress_bytes_min, mebibyte>("compress_bytes_min"),
    size_key<&site_settings::cache_bytes_max, mebibyte * 65'536>("cache_bytes_max"),
    size_key<&site_settings::cache_file_bytes_max, mebibyte>("cache_file_bytes_max"),
    site_key<site_draft>{"cache_valid",
                         [](const site_node& from, site_draft& into) {
                             from.read_duration(std::chrono::milliseconds::zero(),
                                                std::chrono::hours(24), into.values.cache_valid);
                         }},
    flag_key<&site_settings::builtin>("builtin"),
    site_key<site_draft>{"cache_control", read_cache_control},
    site_key<site_draft>{"types", read_types},
    site_key<site_draft>{"security_headers", read_security_headers},
    site_key<site_draft>{"cors", read_cors},
    site_key<site_draft>{"redirect_to_host", read_redirect_to_host},
    site_key<site_draft>{"trailing_slash", read_trailing_slash},
    site_key<site_draft>{"redirects", read_redirects},
    site_key<site_draft>{"rewrites", read_rewrites},
    site_key<site_draft>{"basic_auth", read_basic_auth},
    site_key<site_draft>{"rate_limit", read_rate_limit},
    site_key<site_draft>{"error_pages", read_error_pages},
};

// Which hosts have been given away, and where.
class host_register {
   public:
    explicit host_register(settings_builder& builder) : builder_(builder) {}

    // Hosts that are there but wrong do not make it a site for all others.
    void add(const site_draft& draft, bool has_hosts, const std::string& place) {
        if (!has_hosts) {
            if (!all_others_.empty()) {
                builder_.add_problem(place, "site: has no hosts, nor has the one at " +
                                                all_others_ +
                                                ": only one site is for all other hosts");
            } else {
                all_others_ = place;
            }
        }
        for (std::size_t index = 0; index < draft.values.hosts.size(); ++index) {
            std::string& taken = taken_[draft.values.hosts[index]];
            if (!taken.empty()) {
                builder_.add_problem(draft.host_places[index],
                                     "site.hosts: " + quoted_text(draft.values.hosts[index]) +
                                         " is there already: " + taken);
            } else {
                taken = draft.host_places[index];
            }
        }
    }

   private:
    settings_builder& builder_;
    http::host_table<std::string> taken_;  // As requests are told apart.
    std::string all_others_;
};

// Without a root these would do nothing.
constexpr std::array root_keys{
    "index",         "fallback",      "listing",         "dotfiles",
    "symlinks",      "precompressed", "cache_bytes_max", "cache_valid",
    "cache_control", "types",         "error_pages",     "cache_file_bytes_max",
    "sendfile",
};

// What no key can say alone.
void check_site(const site_node& from, const site_draft& draft) {
    const bool has_root = from.has("root");
    if (!has_root && !draft.values.builtin && draft.values.redirects.empty() &&
        draft.values.redirect_to_host.host.empty()) {
        from.refuse(
            "has nothing to serve: set root, builtin = true, redirects or redirect_to_host");
    }
    if (has_root && draft.values.slash == slash_setting::remove) {
        from.refuse(
            "trailing_slash = \"remove\" needs a site without a root, whose folders end with a "
            "slash");
    }
    const std::string& fallback = draft.values.fallback;
    const std::string fault =
        fallback.empty() ? std::string() : fallback_fault(fallback, draft.values.dotfiles);
    if (!fault.empty()) {
        from.refuse("fallback " + quoted_text(fallback) + ' ' + fault);
    }
    for (const char* const key : root_keys) {
        if (!has_root && from.has(key)) {
            from.refuse(std::string(key) + " needs a root");
        }
    }
}

}  // namespace

std::string host_fault(std::string_view host) {
    if (host == "*") {
        return "is every host: leave hosts out for that";
    }
    if (host.starts_with('[')) {
        if (host.ends_with(']') && !host.contains('%') &&
            address::parse(std::string(host) + ":0")) {
            return {};
        }
        return host.contains("]:") ? "has a port: a site has all ports"
                                   : "is no IPv6 address such as [::1]";
    }
    std::string_view name = host.substr(host.starts_with("*.") ? 2 : 0);
    if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
        return name.find(':', colon + 1) == std::string_view::npos
                   ? "has a port: a site has all ports"
                   : "is no host name: an IPv6 address stands in brackets";
    }
    const bool has_other = std::ranges::any_of(name, [](char byte) {
        return !(byte >= 'a' && byte <= 'z') && !(byte >= 'A' && byte <= 'Z') &&
               !(byte >= '0' && byte <= '9') && byte != '-' && byte != '_' && byte != '.';
    });
    if (has_other || name.empty() || name.size() > host_bytes_max || name.starts_with('.') ||
        name.ends_with('.') || name.contains("..")) {
        return "is no host name: want one such as \"example.org\" or \"*.example.org\"";
    }
    return {};
}

std::string fallback_fault(std::string_view path, bool dotfiles) {
    const http::site_path place = http::resolve_site_path(path, dotfiles);
    if (place.outcome == http::site_path_outcome::hidden) {
        return "is hidden: dotfiles is false";
    }
    const bool is_file = place.outcome == http::site_path_outcome::found && !place.is_folder;
    const bool is_plain = std::ranges::none_of(path, [](char byte) {
        return byte == '?' || byte == '#' || byte == 0x7F || (byte >= 0 && byte < 0x20);
    });
    return is_file && is_plain ? std::string()
                               : "is no path of a file: want one such as \"/index.html\"";
}

void read_sites(const toml::node& sites, const std::string& path, settings_builder& builder) {
    const site_source source{path, builder};
    const toml::array* const list = sites.as_array();
    if (list == nullptr) {
        builder.add_problem(place_of(path, sites.source()),
                            "\"site\" is a list of tables: write [[site]]");
        return;
    }
    host_register hosts(builder);
    for (std::size_t index = 0; index < list->size(); ++index) {
        const toml::node& each = (*list)[index];
        const site_node from(each, "site", source);
        if (index == sites_max) {
            from.refuse(std::to_string(list->size()) + " sites, but at most " +
                        std::to_string(sites_max) + " are allowed");
            return;
        }
        site_draft draft;
        draft.places.origin = path + ':' + std::to_string(each.source().begin.line);
        draft.places.root = from.place();
        const std::size_t before = from.problem_count();
        if (!read_keys<site_draft>(from, site_keys, "a table", draft)) {
            continue;
        }
        if (from.problem_count() == before) {
            check_site(from, draft);
        }
        hosts.add(draft, from.has("hosts"), from.place());
        builder.add_site(std::move(draft.values), std::move(draft.places));
    }
}

}  // namespace rouse::server
