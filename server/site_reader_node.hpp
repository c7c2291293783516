#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/loaded_settings.hpp"
#include "server/toml_nodes.hpp"

namespace rouse::server {

/// The file that sites are read from, and where its problems go. Outlives its nodes.
struct site_source {
    const std::string& path;
    settings_builder& builder;
};

/// One value below [[site]], by its name for messages ("site.cors.origins"). Each read gives the
/// value, or says what is wrong at its place and leaves what was there.
class site_node {
   public:
    site_node(const toml::node& node, std::string name, const site_source& source)
        : node_(&node), name_(std::move(name)), source_(&source) {}

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& file() const noexcept { return source_->path; }
    [[nodiscard]] std::string place() const { return place_of(source_->path, node_->source()); }
    [[nodiscard]] bool is_table() const noexcept { return node_->is_table(); }
    [[nodiscard]] bool is_flag() const noexcept { return node_->is_boolean(); }
    [[nodiscard]] bool is_empty_list() const noexcept {
        return node_->is_array() && node_->as_array()->empty();
    }

    /// How many problems there are so far, of all that was read.
    [[nodiscard]] std::size_t problem_count() const noexcept {
        return source_->builder.problems().size();
    }
    /// Whether this is a table with such a key.
    [[nodiscard]] bool has(std::string_view key) const noexcept {
        return node_->is_table() && node_->as_table()->contains(key);
    }

    /// Adds a problem at this place, or at that of another value: "NAME: WHAT".
    void refuse(std::string_view what) const { refuse_at(*this, what); }
    void refuse_at(const site_node& other, std::string_view what) const;

    /// Text that is not empty and has no control character. `want` is what it stands for.
    [[nodiscard]] std::optional<std::string> text(std::string_view want) const;
    void read(std::string_view want, std::string& into) const;
    /// The same, and empty text too.
    [[nodiscard]] std::optional<std::string> text_or_empty(std::string_view want) const;
    /// A path relative to the folder of the file, made absolute.
    void read_path(std::string_view want, std::string& into) const;
    /// Text that no message may show; empty when it is none.
    [[nodiscard]] std::string secret() const;
    void read(bool& into) const;
    void read_count(unsigned min, unsigned max, unsigned& into) const;
    void read_size(std::size_t min, std::size_t max, std::size_t& into) const;
    void read_duration(std::chrono::milliseconds min, std::chrono::milliseconds max,
                       std::chrono::milliseconds& into) const;

    /// The elements of a list. Nothing when it is none or has more than `count_max`; `want` names
    /// what stands in it, in the plural.
    [[nodiscard]] std::vector<site_node> elements(std::size_t count_max,
                                                  std::string_view want) const;
    /// A list of texts that are not empty.
    void read_list(std::size_t count_max, std::string_view want,
                   std::vector<std::string>& into) const;

    struct field;
    /// The keys of a table in the order of their lines. Nothing when it is none or has more than
    /// `count_max`.
    [[nodiscard]] std::vector<field> fields(std::size_t count_max, std::string_view want) const;

    /// Adds the problem of a key of this table that nobody knows.
    void refuse_key(const field& unknown, std::span<const std::string> known) const;

   private:
    void refuse_type(std::string_view want) const;

    const toml::node* node_;
    std::string name_;
    const site_source* source_;
};

struct site_node::field {
    const toml::key* key;
    site_node value;

    [[nodiscard]] std::string_view name() const noexcept { return key->str(); }
    [[nodiscard]] std::string place() const { return place_of(value.file(), key->source()); }
};

/// A key that a table may have, and how it is read.
template <class Target>
struct site_key {
    std::string_view name;
    void (*read)(const site_node& from, Target& into);
};

/// Reads the keys that a table has. False when it is no table.
template <class Target>
bool read_keys(const site_node& table, std::span<const site_key<Target>> keys,
               std::string_view want, Target& into) {
    // More keys than there are can only be unknown ones, each of which is named.
    constexpr std::size_t any_number = SIZE_MAX;
    if (!table.is_table()) {
        (void)table.fields(any_number, want);  // Says so.
        return false;
    }
    for (const site_node::field& each : table.fields(any_number, want)) {
        const auto found = std::ranges::find(keys, each.name(), &site_key<Target>::name);
        if (found != keys.end()) {
            found->read(each.value, into);
            continue;
        }
        std::vector<std::string> names;
        for (const site_key<Target>& known : keys) {
            names.emplace_back(known.name);
        }
        table.refuse_key(each, names);
    }
    return true;
}

}  // namespace rouse::server
