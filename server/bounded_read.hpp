#pragma once

#include <cstddef>
#include <string>

#include "runtime/base/result.hpp"
#include "runtime/base/unique_fd.hpp"

namespace rouse::server {

/// What is left of a file, up to `bytes_max` bytes and one more: who gets that one knows that the
/// file is longer. Waits. Errors: errno of read(2).
[[nodiscard]] result<std::string> read_bounded(const unique_fd& file, std::size_t bytes_max);

}  // namespace rouse::server
