#pragma once

#include <string>

namespace rouse::server {

/// The settings as a part of a manual page: for each table a list of its keys with meaning,
/// default, limits, flag and variable. See mdoc(7).
[[nodiscard]] std::string setting_manual();

}  // namespace rouse::server
