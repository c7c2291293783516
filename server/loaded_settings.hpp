#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/setting_value.hpp"

namespace rouse::server {

/// The effective settings and where each value comes from.
struct loaded_settings {
    settings values;
    std::vector<std::string> origins;   ///< One a row of setting_table(): "default", "FILE:LINE",
                                        ///< "environment NAME" or "--FLAG".
    std::vector<site_places> sites;     ///< One for each of values.sites.
    std::vector<std::string> warnings;  ///< One sentence each, to be logged at the start.
    std::string config_file;            ///< Empty when none was read.

    /// The origin of a setting by its name ("http.listen"), which must exist.
    [[nodiscard]] const std::string& origin_of(std::string_view name) const;
};

/// Collects values from one source after another, each overriding those before it, and every
/// problem on the way.
class settings_builder {
   public:
    /// Starts with the defaults.
    settings_builder();

    /// Overrides a value. where stands in the problem, if there is one: "FILE:LINE:COLUMN",
    /// "environment NAME" or "--FLAG".
    void set(const setting& entry, const raw_value& raw, std::string origin,
             std::string_view where);

    void add_site(site_settings site, site_places places);
    /// One site of the defaults, with this root, in place of all from other sources. Relative to
    /// the working directory. `where` is "environment ROUSED_ROOT" or "--root".
    void set_root(std::string_view path, std::string_view where);
    /// Of the site that set_root made. `where` is the flag.
    void set_root_listing(std::string_view where);
    void set_root_fallback(std::string_view path, std::string_view where);

    void add_problem(std::string_view where, std::string_view what);
    void add_warning(std::string what);
    void set_config_file(std::string path);

    /// Checks what no setting can say alone; to be called once, after the last source. Does nothing
    /// when there are problems already: they would only bring more.
    void check_together();

    /// Empty when the settings may be used.
    [[nodiscard]] const std::vector<std::string>& problems() const noexcept { return problems_; }
    [[nodiscard]] const loaded_settings& loaded() const noexcept { return loaded_; }

   private:
    [[nodiscard]] site_settings* root_site(std::string_view where);

    loaded_settings loaded_;
    bool has_root_ = false;  // The one site is that of set_root.
    std::vector<std::string> problems_;
};

}  // namespace rouse::server
