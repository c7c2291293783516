#include <algorithm>
#include <array>
#include <utility>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/files/cache_control.hpp"
#include "server/quoted_text.hpp"
#include "server/site_reader_parts.hpp"

namespace rouse::server {
namespace {

constexpr std::array cache_control_keys{
    site_key<cache_control_setting>{"match",
                                    [](const site_node& from, cache_control_setting& into) {
                                        from.read("a pattern", into.match);
                                    }},
    site_key<cache_control_setting>{"value",
                                    [](const site_node& from, cache_control_setting& into) {
                                        from.read("directives", into.value);
                                    }},
};

constexpr std::array redirect_keys{
    site_key<redirect_setting>{
        "from",
        [](const site_node& from, redirect_setting& into) { from.read("a path", into.from); }},
    site_key<redirect_setting>{"to",
                               [](const site_node& from, redirect_setting& into) {
                                   from.read("a path or an address", into.to);
                               }},
    site_key<redirect_setting>{"status",
                               [](const site_node& from, redirect_setting& into) {
                                   from.read_count(301, 308, into.status);
                               }},
};

constexpr std::array redirect_to_host_keys{
    site_key<redirect_to_host_settings>{"scheme",
                                        [](const site_node& from, redirect_to_host_settings& into) {
                                            from.read("\"http\" or \"https\"", into.scheme);
                                        }},
    site_key<redirect_to_host_settings>{"host",
                                        [](const site_node& from, redirect_to_host_settings& into) {
                                            from.read("a host", into.host);
                                        }},
    site_key<redirect_to_host_settings>{"status",
                                        [](const site_node& from, redirect_to_host_settings& into) {
                                            from.read_count(301, 308, into.status);
                                        }},
    site_key<redirect_to_host_settings>{"except_paths",
                                        [](const site_node& from, redirect_to_host_settings& into) {
                                            from.read_list(site_rules_max, "paths",
                                                           into.except_paths);
                                        }},
};

constexpr std::array rewrite_keys{
    site_key<rewrite_setting>{
        "from",
        [](const site_node& from, rewrite_setting& into) { from.read("a path", into.from); }},
    site_key<rewrite_setting>{
        "to", [](const site_node& from, rewrite_setting& into) { from.read("a path", into.to); }},
};

// True when both are there. One that is, but is wrong, has been reported: `has` knows of it.
bool has_both(const site_node& from, std::string_view first, std::string_view second) {
    for (const std::string_view key : {first, second}) {
        if (!from.has(key)) {
            from.refuse("has no " + std::string(key));
            return false;
        }
    }
    return true;
}

}  // namespace

void read_cache_control(const site_node& from, site_draft& into) {
    for (const site_node& each : from.elements(http::cache_rules_max, "rules")) {
        cache_control_setting rule;
        if (!read_keys<cache_control_setting>(each, cache_control_keys, "{ match, value }", rule) ||
            !has_both(each, "match", "value") || rule.match.empty() || rule.value.empty()) {
            continue;
        }
        if (const auto fault = fault_in(cache_rules_of({rule}), ""); !fault.empty()) {
            each.refuse(fault);
            continue;
        }
        into.values.cache_control.push_back(std::move(rule));
    }
}

void read_types(const site_node& from, site_draft& into) {
    for (const auto& [key, value] :
         from.fields(site_rules_max, "a table such as { \".log\" = \"text/plain\" }")) {
        const std::string_view name = key->str();
        const auto type = value.text("a media type");
        if (!type) {
            continue;
        }
        std::string extension(name.substr(name.starts_with('.') ? 1 : 0));
        std::ranges::transform(extension, extension.begin(), http::to_lower);
        media_type_setting added{std::move(extension), *type};
        const auto same =
            std::ranges::find(into.values.types, added.extension, &media_type_setting::extension);
        if (same != into.values.types.end()) {
            from.refuse_at(value, quoted_text(name) + " is there twice");
            continue;
        }
        if (const auto fault = fault_in(media_types_of({added}), ""); !fault.empty()) {
            from.refuse_at(value, fault);
            continue;
        }
        into.values.types.push_back(std::move(added));
    }
}

void read_redirect_to_host(const site_node& from, site_draft& into) {
    redirect_to_host_settings read;
    const std::size_t before = from.problem_count();
    if (!read_keys<redirect_to_host_settings>(from, redirect_to_host_keys,
                                              "a table such as { host = \"example.org\" }", read) ||
        from.problem_count() != before) {
        return;
    }
    if (read.host.empty()) {
        from.refuse("has no host");
    } else if (const auto fault = fault_in(make_redirect_to_host_of(read), "redirect to host: ");
               !fault.empty()) {
        from.refuse(fault);
    } else {
        into.values.redirect_to_host = std::move(read);
    }
}

void read_trailing_slash(const site_node& from, site_draft& into) {
    const auto word = from.text("\"off\", \"add\" or \"remove\"");
    if (!word) {
        return;
    }
    if (*word == "off") {
        into.values.slash = slash_setting::off;
    } else if (*word == "add") {
        into.values.slash = slash_setting::add;
    } else if (*word == "remove") {
        into.values.slash = slash_setting::remove;
    } else {
        from.refuse(quoted_text(*word) + R"( is none of "off", "add" and "remove")");
    }
}

void read_redirects(const site_node& from, site_draft& into) {
    for (const site_node& each : from.elements(site_rules_max, "rules")) {
        redirect_setting rule;
        if (!read_keys<redirect_setting>(each, redirect_keys, "{ from, to, status }", rule) ||
            !has_both(each, "from", "to") || rule.from.empty() || rule.to.empty()) {
            continue;
        }
        if (const auto fault = fault_in(make_redirects_of({rule}), "redirect: "); !fault.empty()) {
            each.refuse(fault);
            continue;
        }
        into.values.redirects.push_back(std::move(rule));
    }
}

void read_rewrites(const site_node& from, site_draft& into) {
    for (const site_node& each : from.elements(site_rules_max, "rules")) {
        rewrite_setting rule;
        if (!read_keys<rewrite_setting>(each, rewrite_keys, "{ from, to }", rule) ||
            !has_both(each, "from", "to") || rule.from.empty() || rule.to.empty()) {
            continue;
        }
        if (const auto fault = fault_in(make_rewrites_of({rule}), "rewrite: "); !fault.empty()) {
            each.refuse(fault);
            continue;
        }
        into.values.rewrites.push_back(std::move(rule));
    }
}

void read_error_pages(const site_node& from, site_draft& into) {
    for (const auto& [key, value] :
         from.fields(site_rules_max, "a table such as { 404 = \"404.html\" }")) {
        const std::string match(key->str());
        const auto path = value.text("a file below the root");
        if (!path) {
            continue;
        }
        // With a page of no text: the file is read when the site is made.
        if (!make_error_pages_of({http::error_page{.match = match}})) {
            from.refuse_at(value, quoted_text(match) +
                                      " is no status: want one from 400 to 599, \"4xx\" or "
                                      "\"5xx\"");
            continue;
        }
        const std::size_t slashes = std::min(path->find_first_not_of('/'), path->size());
        into.values.error_pages.push_back({match, path->substr(slashes)});
        into.places.error_pages.push_back(value.place());
    }
}

}  // namespace rouse::server
