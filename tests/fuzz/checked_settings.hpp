#pragma once

#include <algorithm>
#include <string>

#include "server/config_file.hpp"
#include "server/loaded_settings.hpp"
#include "server/print_config.hpp"
#include "tests/fuzz/reference_text.hpp"
#include "tests/fuzz/require.hpp"

namespace rouse::fuzz {

/// What must be true of settings from any source: each value is within its limits, each message is
/// one line, and when there is no problem, the printed settings read back as the same; or not at
/// all when they have password hashes, which are not printed.
inline void check_loaded(const server::settings_builder& builder) {
    const server::loaded_settings& loaded = builder.loaded();
    require(std::ranges::all_of(builder.problems(), is_plain_line));
    require(std::ranges::all_of(loaded.warnings, is_plain_line));
    if (!builder.problems().empty()) {
        return;
    }
    const std::string printed = server::print_config(loaded);
    server::settings_builder again;
    server::read_config_text(printed, "printed", again);
    again.check_together();
    const bool has_hidden = std::ranges::any_of(
        loaded.values.sites, [](const auto& site) { return !site.basic_auth.users.empty(); });
    if (has_hidden) {
        require(!again.problems().empty());
        return;
    }
    require(again.problems().empty() && again.loaded().warnings.empty());
    require(again.loaded().values == loaded.values);
}

}  // namespace rouse::fuzz
