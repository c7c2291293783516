#include <algorithm>
#include <array>
#include <cstdint>

#include "protocols/http/middleware/cors.hpp"
#include "protocols/http/middleware/password_hash.hpp"
#include "protocols/http/middleware/rate_limit.hpp"
#include "server/absolute_path.hpp"
#include "server/print_sites.hpp"
#include "server/quoted_text.hpp"
#include "server/site_reader_parts.hpp"

namespace rouse::server {
namespace {

constexpr std::array cors_keys{
    site_key<cors_settings>{"origins",
                            [](const site_node& from, cors_settings& into) {
                                from.read_list(http::cors_entries_max, "origins", into.origins);
                            }},
    site_key<cors_settings>{"methods",
                            [](const site_node& from, cors_settings& into) {
                                from.read_list(http::cors_entries_max, "methods", into.methods);
                            }},
    site_key<cors_settings>{"headers",
                            [](const site_node& from, cors_settings& into) {
                                from.read_list(http::cors_entries_max, "header names",
                                               into.headers);
                            }},
    site_key<cors_settings>{"expose",
                            [](const site_node& from, cors_settings& into) {
                                from.read_list(http::cors_entries_max, "header names", into.expose);
                            }},
    site_key<cors_settings>{
        "credentials",
        [](const site_node& from, cors_settings& into) { from.read(into.credentials); }},
    site_key<cors_settings>{"max_age",
                            [](const site_node& from, cors_settings& into) {
                                from.read_duration(std::chrono::milliseconds::zero(),
                                                   http::cors_max_age_max, into.max_age);
                            }},
};

constexpr std::array rate_limit_keys{
    site_key<rate_limit_settings>{"requests_per_second",
                                  [](const site_node& from, rate_limit_settings& into) {
                                      from.read_count(1, http::rate_limit_requests_max,
                                                      into.requests_per_second);
                                  }},
    site_key<rate_limit_settings>{"burst",
                                  [](const site_node& from, rate_limit_settings& into) {
                                      from.read_count(1, http::rate_limit_burst_max, into.burst);
                                  }},
};

void read_users(const site_node& from, basic_auth_settings& into) {
    for (const auto& [key, value] :
         from.fields(site_rules_max, "a table such as { name = \"$2y$...\" }")) {
        // Not through text(), whose messages show what is there: it may be a password.
        const std::string hash = value.secret();
        const std::string shown = quoted_text(key->str());
        if (hash == hidden_hash) {
            from.refuse_at(value, shown + ": " + std::string(hidden_hash) +
                                      " stands for a hash that --print-config does not show: "
                                      "write the hash itself, or use users_file");
            continue;
        }
        const auto parsed = http::password_hash::parse(hash);
        if (!parsed) {
            from.refuse_at(value, shown + ": " + parsed.error());
            continue;
        }
        into.users.push_back({std::string(key->str()), hash});
    }
}

constexpr std::array basic_auth_keys{
    site_key<basic_auth_settings>{
        "realm",
        [](const site_node& from, basic_auth_settings& into) { from.read("text", into.realm); }},
    site_key<basic_auth_settings>{"users", read_users},
    site_key<basic_auth_settings>{"users_file",
                                  [](const site_node& from, basic_auth_settings& into) {
                                      from.read_path("a file of htpasswd", into.users_file);
                                  }},
    site_key<basic_auth_settings>{"paths",
                                  [](const site_node& from, basic_auth_settings& into) {
                                      from.read_list(site_rules_max, "paths", into.paths);
                                  }},
};

}  // namespace

void read_security_headers(const site_node& from, site_draft& into) {
    security_headers_settings read;
    if (from.is_flag()) {
        from.read(into.values.security_headers.on);
        return;
    }
    const std::vector<std::string> known = security_header_keys();
    for (const auto& field : from.fields(SIZE_MAX, "true, false or a table of headers")) {
        if (std::ranges::find(known, field.name()) == known.end()) {
            from.refuse_key(field, known);
            continue;
        }
        auto value = field.value.text_or_empty("the value of a header");
        if (!value) {
            continue;
        }
        security_headers_settings one;
        one.replaced.push_back({std::string(field.name()), std::move(*value)});
        if (const auto fault = fault_in(make_security_headers_of(one), ""); !fault.empty()) {
            field.value.refuse(fault);
            continue;
        }
        read.replaced.push_back(std::move(one.replaced.front()));
    }
    into.values.security_headers = std::move(read);
}

void read_cors(const site_node& from, site_draft& into) {
    cors_settings read;
    const std::size_t before = from.problem_count();
    if (!read_keys<cors_settings>(from, cors_keys, "a table such as { origins = [...] }", read) ||
        from.problem_count() != before) {
        return;
    }
    if (read.origins.empty()) {
        from.refuse("has no origins");
    } else if (const auto fault = fault_in(make_cors_of(read), "cors: "); !fault.empty()) {
        from.refuse(fault);
    } else {
        into.values.cors = std::move(read);
    }
}

void read_basic_auth(const site_node& from, site_draft& into) {
    basic_auth_settings read;
    const std::size_t before = from.problem_count();
    if (!read_keys<basic_auth_settings>(from, basic_auth_keys,
                                        "a table such as { users_file = \"...\" }", read) ||
        from.problem_count() != before) {
        return;
    }
    if (read.users.empty() && read.users_file.empty()) {
        from.refuse("has neither users nor a users_file");
        return;
    }
    // With a file of users, check_site_files does this when it has them all.
    if (read.users_file.empty()) {
        const auto made = make_basic_auth_of(read, read.users, nullptr);
        if (const std::string fault = fault_in(made, "basic auth: "); !fault.empty()) {
            from.refuse(fault);
            return;
        }
    }
    into.places.users_file = from.place();
    into.values.basic_auth = std::move(read);
}

void read_rate_limit(const site_node& from, site_draft& into) {
    rate_limit_settings read;
    const std::size_t before = from.problem_count();
    if (!read_keys<rate_limit_settings>(from, rate_limit_keys,
                                        "a table such as { requests_per_second = 10, burst = 20 }",
                                        read) ||
        from.problem_count() != before) {
        return;
    }
    if (read.requests_per_second == 0) {
        from.refuse("has no requests_per_second");
        return;
    }
    if (read.burst == 0) {
        // What came late by up to a second goes through.
        read.burst = std::min<unsigned>(read.requests_per_second, http::rate_limit_burst_max);
    }
    into.values.rate_limit = read;
}

}  // namespace rouse::server
