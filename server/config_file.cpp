#include "server/config_file.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include <toml++/toml.h>

#include "runtime/base/result.hpp"
#include "runtime/base/unique_fd.hpp"
#include "server/bounded_read.hpp"
#include "server/nearest_name.hpp"
#include "server/quoted_text.hpp"
#include "server/site_reader.hpp"
#include "server/toml_nodes.hpp"

namespace rouse::server {
namespace {

constexpr std::string_view site_table = "site";

result<std::string> read_whole(const std::string& path) {
    const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        return failure(errno_code(errno));
    }
    return read_bounded(file, config_bytes_max);
}

// Walks a parsed document in the order of its lines, which toml++ does not keep, and hands over
// what it finds.
class document_reader {
   public:
    document_reader(const std::string& path, settings_builder& builder)
        : path_(path), builder_(builder) {}

    void read_document(const toml::table& document) {
        for (const auto& [key, node] : in_order(document)) {
            read_table(*key, *node);
        }
    }

   private:
    [[nodiscard]] std::string where(const toml::source_region& source) const {
        return place_of(path_, source);
    }

    void read_table(const toml::key& key, const toml::node& node) {
        const std::string_view name = key.str();
        const toml::table* const table = node.as_table();
        if (name == site_table) {
            read_sites(node, path_, builder_);
        } else if (!is_table_name(name)) {
            report_unknown(key, table != nullptr || node.is_array_of_tables());
        } else if (table == nullptr) {
            builder_.add_problem(where(node.source()), quoted_text(name) + " is a table: write [" +
                                                           std::string(name) + "]");
        } else {
            for (const auto& [inner_key, inner] : in_order(*table)) {
                read_key(name, *inner_key, *inner);
            }
        }
    }

    static bool is_table_name(std::string_view name) {
        return std::ranges::find(setting_table(), name, &setting::table) != setting_table().end();
    }

    // A known key above the first table is shown where it belongs.
    void report_unknown(const toml::key& key, bool is_table) {
        std::vector<std::string> tables{std::string(site_table)};
        std::string homes;
        for (const setting& entry : setting_table()) {
            tables.emplace_back(entry.table);
            if (entry.key == key.str()) {
                homes += (homes.empty() ? "[" : " or [") + std::string(entry.table) + ']';
            }
        }
        std::string what =
            "unknown table " + quoted_text(key.str()) + suggestion(key.str(), tables);
        if (!is_table) {
            what = homes.empty()
                       ? "unknown key " + quoted_text(key.str())
                       : quoted_text(key.str()) + " belongs in a table: write it below " + homes;
        }
        builder_.add_problem(where(key.source()), what);
    }

    void read_key(std::string_view table, const toml::key& key, const toml::node& node) {
        const std::string name = std::string(table) + '.' + std::string(key.str());
        const setting* const entry = find_setting(name);
        if (entry == nullptr) {
            std::vector<std::string> keys;
            for (const setting& each : setting_table()) {
                if (each.table == table) {
                    keys.emplace_back(each.key);
                }
            }
            builder_.add_problem(where(key.source()), "unknown key " + quoted_text(key.str()) +
                                                          " in [" + std::string(table) + ']' +
                                                          suggestion(key.str(), keys));
            return;
        }
        if (const auto raw = raw_of(*entry, node)) {
            builder_.set(*entry, *raw, path_ + ':' + std::to_string(key.source().begin.line),
                         where(node.source()));
        }
    }

    // Nothing after a wrong type, which is reported here.
    std::optional<raw_value> raw_of(const setting& entry, const toml::node& node) {
        if (const auto* const text = node.as_string()) {
            return raw_value{raw_kind::text, {text->get()}};
        }
        if (const auto* const number = node.as_integer()) {
            return raw_value{raw_kind::integer, {std::to_string(number->get())}};
        }
        if (const auto* const flag = node.as_boolean();
            flag != nullptr && std::holds_alternative<flag_rule>(entry.rule)) {
            return raw_value{raw_kind::plain, {flag->get() ? "true" : "false"}};
        }
        const toml::array* const list = node.as_array();
        if (list == nullptr) {
            report_type(entry, node);
            return std::nullopt;
        }
        raw_value raw{raw_kind::list, {}};
        for (const toml::node& element : *list) {
            const auto* const text = element.as_string();
            if (text == nullptr) {
                report_type(entry, element);
                return std::nullopt;
            }
            raw.texts.push_back(text->get());
        }
        return raw;
    }

    void report_type(const setting& entry, const toml::node& node) {
        builder_.add_problem(where(node.source()), name_of(entry) + ": " + wrong_type(node) +
                                                       ": want " + limits_text(entry));
    }

    const std::string& path_;
    settings_builder& builder_;
};

}  // namespace

void read_config_file(const std::string& path, std::string_view named_by,
                      settings_builder& builder) {
    const auto text = read_whole(path);
    if (!text) {
        builder.add_problem(named_by,
                            "cannot read " + quoted_text(path) + ": " + text.error().message());
        return;
    }
    if (text->size() > config_bytes_max) {
        builder.add_problem(named_by, quoted_text(path) + " is larger than " +
                                          std::to_string(config_bytes_max) + " bytes");
        return;
    }
    builder.set_config_file(path);
    read_config_text(*text, path, builder);
}

void read_config_text(std::string_view text, const std::string& path, settings_builder& builder) {
    try {
        const toml::table document = toml::parse(text, path);
        document_reader(path, builder).read_document(document);
    } catch (const toml::parse_error& error) {
        const toml::source_position at = error.source().begin;
        builder.add_problem(path + ':' + std::to_string(at.line) + ':' + std::to_string(at.column),
                            error.description());
    }
}

}  // namespace rouse::server
