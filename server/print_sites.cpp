#include "server/print_sites.hpp"

#include <algorithm>
#include <vector>

#include "server/duration_text.hpp"
#include "server/quoted_text.hpp"
#include "server/size_text.hpp"

namespace rouse::server {
namespace {

constexpr std::size_t comment_column = 40;

std::string in_quotes(std::string_view text) {
    std::string line = "\"";
    append_escaped(line, text);
    return line + '"';
}

std::string in_quotes(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& each : texts) {
        list += (list.empty() ? "" : ", ") + in_quotes(each);
    }
    return '[' + list + ']';
}

std::string word(bool flag) {
    return flag ? "true" : "false";
}

std::string_view word(slash_setting slash) noexcept {
    switch (slash) {
        case slash_setting::add:
            return "add";
        case slash_setting::remove:
            return "remove";
        case slash_setting::off:
            break;
    }
    return "off";
}

// `name = value` of an inline table, in braces when all are added.
class inline_table {
   public:
    inline_table& add(std::string_view name, const std::string& value) {
        text_ += (text_.empty() ? "" : ", ") + std::string(name) + " = " + value;
        return *this;
    }
    [[nodiscard]] std::string text() const { return text_.empty() ? "{}" : "{ " + text_ + " }"; }

   private:
    std::string text_;
};

class site_printer {
   public:
    explicit site_printer(std::string& out) : out_(out) {}

    void print(const site_settings& site, const std::string& origin) {
        std::string line = "\n[[site]]";
        line.resize(std::max(line.size(), comment_column + 1), ' ');
        out_ += line + "  # ";
        // A file's name may hold a line break, which would end the comment.
        append_escaped(out_, origin);
        out_ += '\n';
        if (!site.hosts.empty()) {
            key("hosts", in_quotes(site.hosts));
        }
        if (!site.root.empty()) {
            print_files(site);
        }
        key("compress", word(site.compress));
        key("compress_bytes_min", in_quotes(size_text(site.compress_bytes_min)));
        key("builtin", word(site.builtin));
        print_headers(site);
        print_rules(site);
        print_access(site);
    }

   private:
    void key(std::string_view name, const std::string& value) {
        out_ += std::string(name) + " = " + value + '\n';
    }

    // Nothing when there are none: an empty list is a list too, but a longer file.
    template <class Rule, class Print>
    void list(std::string_view name, const std::vector<Rule>& rules, Print print) {
        if (rules.empty()) {
            return;
        }
        out_ += std::string(name) + " = [\n";
        for (const Rule& each : rules) {
            out_ += "    " + print(each) + ",\n";
        }
        out_ += "]\n";
    }

    void print_files(const site_settings& site) {
        key("root", in_quotes(site.root));
        key("index", in_quotes(site.index));
        key("fallback", in_quotes(site.fallback.empty() ? "off" : site.fallback));
        key("listing", word(site.listing));
        key("dotfiles", word(site.dotfiles));
        key("symlinks", word(site.symlinks));
        key("sendfile", word(site.sendfile));
        key("precompressed", word(site.precompressed));
        key("cache_bytes_max", in_quotes(size_text(site.cache_bytes_max)));
        key("cache_file_bytes_max", in_quotes(size_text(site.cache_file_bytes_max)));
        key("cache_valid", in_quotes(duration_text(site.cache_valid)));
        list("cache_control", site.cache_control, [](const cache_control_setting& each) {
            return inline_table()
                .add("match", in_quotes(each.match))
                .add("value", in_quotes(each.value))
                .text();
        });
        inline_table types;
        for (const media_type_setting& each : site.types) {
            types.add(in_quotes("." + each.extension), in_quotes(each.media_type));
        }
        key("types", types.text());
        inline_table pages;
        for (const error_page_setting& each : site.error_pages) {
            pages.add(in_quotes(each.match), in_quotes(each.path));
        }
        key("error_pages", pages.text());
    }

    void print_headers(const site_settings& site) {
        inline_table headers;
        for (const auto& each : site.security_headers.replaced) {
            headers.add(each.key, in_quotes(each.value));
        }
        key("security_headers", site.security_headers.replaced.empty()
                                    ? word(site.security_headers.on)
                                    : headers.text());
        const cors_settings& cors = site.cors;
        if (!cors.origins.empty()) {
            key("cors", inline_table()
                            .add("origins", in_quotes(cors.origins))
                            .add("methods", in_quotes(cors.methods))
                            .add("headers", in_quotes(cors.headers))
                            .add("expose", in_quotes(cors.expose))
                            .add("credentials", word(cors.credentials))
                            .add("max_age", in_quotes(duration_text(cors.max_age)))
                            .text());
        }
    }

    void print_rules(const site_settings& site) {
        const redirect_to_host_settings& right = site.redirect_to_host;
        if (!right.host.empty()) {
            key("redirect_to_host", inline_table()
                                        .add("scheme", in_quotes(right.scheme))
                                        .add("host", in_quotes(right.host))
                                        .add("status", std::to_string(right.status))
                                        .add("except_paths", in_quotes(right.except_paths))
                                        .text());
        }
        key("trailing_slash", in_quotes(word(site.slash)));
        list("redirects", site.redirects, [](const redirect_setting& each) {
            return inline_table()
                .add("from", in_quotes(each.from))
                .add("to", in_quotes(each.to))
                .add("status", std::to_string(each.status))
                .text();
        });
        list("rewrites", site.rewrites, [](const rewrite_setting& each) {
            return inline_table()
                .add("from", in_quotes(each.from))
                .add("to", in_quotes(each.to))
                .text();
        });
    }

    void print_access(const site_settings& site) {
        const basic_auth_settings& auth = site.basic_auth;
        if (!auth.users.empty() || !auth.users_file.empty()) {
            inline_table table;
            table.add("realm", in_quotes(auth.realm));
            if (!auth.users.empty()) {
                inline_table users;
                for (const basic_auth_settings::user& each : auth.users) {
                    users.add(in_quotes(each.name), in_quotes(hidden_hash));
                }
                table.add("users", users.text());
            }
            if (!auth.users_file.empty()) {
                table.add("users_file", in_quotes(auth.users_file));
            }
            key("basic_auth", table.add("paths", in_quotes(auth.paths)).text());
        }
        if (site.rate_limit.requests_per_second != 0) {
            key("rate_limit",
                inline_table()
                    .add("requests_per_second", std::to_string(site.rate_limit.requests_per_second))
                    .add("burst", std::to_string(site.rate_limit.burst))
                    .text());
        }
    }

    std::string& out_;
};

}  // namespace

std::string print_sites(const loaded_settings& loaded) {
    std::string text;
    for (std::size_t index = 0; index < loaded.values.sites.size(); ++index) {
        site_printer(text).print(loaded.values.sites[index], loaded.sites[index].origin);
    }
    return text;
}

}  // namespace rouse::server
