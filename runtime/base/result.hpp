#pragma once

#include <expected>
#include <system_error>

#include "runtime/base/error.hpp"

namespace rouse {

/// A value or why there is none. Expected failure is a value here; exceptions are for start-up and
/// bad_alloc.
template <class T = void>
using result = std::expected<T, std::error_code>;

/// The failure arm of any result<T>: `return failure(errc::closed);`
[[nodiscard]] inline std::unexpected<std::error_code> failure(std::error_code code) noexcept {
    return std::unexpected(code);
}

}  // namespace rouse
