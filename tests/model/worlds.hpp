#pragma once

#include <ostream>
#include <string_view>

#include "tests/model/explore.hpp"

namespace rouse::model {

/// Explores one of the worlds in worlds.cpp. If it fails, its history goes to `report`.
[[nodiscard]] outcome explore_world(std::string_view name, bound within = {},
                                    std::ostream* report = nullptr);

}  // namespace rouse::model
