#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rouse {

/// How a reactor talks to the kernel.
enum class backend : std::uint8_t {
    automatic,  ///< io_uring where it can be had, else epoll.
    io_uring,   ///< Linux 6.0 or newer, where it is allowed.
    epoll,      ///< Any kernel; a few more system calls.
};

/// Their names, for the operator, in the order of the enumeration.
inline constexpr std::array<std::string_view, 3> backend_names{"auto", "io_uring", "epoll"};

[[nodiscard]] constexpr std::string_view to_string(backend named) noexcept {
    return backend_names[static_cast<std::size_t>(named)];
}

}  // namespace rouse
