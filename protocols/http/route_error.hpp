#pragma once

#include <system_error>

namespace rouse::http {

/// Why a pattern was not added to a route_table.
enum class route_errc {
    pattern_invalid = 1,  ///< Not as route_table::add wants it.
    methods_empty,        ///< A route for no method at all.
    parameter_duplicate,  ///< Two parameters of one name.
    too_many_parameters,  ///< More than route_params_max.
    too_many_segments,    ///< More than route_segments_max.
    route_duplicate,  ///< The same method and the same paths as an earlier route; parameter names
                      ///< do not count.
};

/// The category of route_errc: its name is "rouse.route".
[[nodiscard]] const std::error_category& route_error_category() noexcept;

[[nodiscard]] std::error_code make_error_code(route_errc code) noexcept;

}  // namespace rouse::http

template <>
struct std::is_error_code_enum<rouse::http::route_errc> : std::true_type {};
