#pragma once

#include <system_error>

namespace rouse {

/// Failures of the runtime itself. What the kernel reports stays an errno in
/// std::generic_category().
enum class errc {
    cancelled = 1,        ///< The operation or task was cancelled or dropped before it finished.
    timed_out,            ///< A deadline passed first; see with_timeout.
    closed,               ///< The other side of a channel, oneshot or stream is gone.
    full,                 ///< A named bound was reached; try again after something was taken out.
    limit_exceeded,       ///< A named limit of this process (records, buffers, tasks) was reached.
    address_invalid,      ///< Text is not ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH.
    backend_unavailable,  ///< The reactor cannot be made here; the message beside it says why.
};

/// The category of errc: its name is "rouse".
[[nodiscard]] const std::error_category& error_category() noexcept;

[[nodiscard]] std::error_code make_error_code(errc code) noexcept;

/// An error_code for a positive errno value. See errno(3).
[[nodiscard]] inline std::error_code errno_code(int value) noexcept {
    return {value, std::generic_category()};
}

/// What an errno value means, in words: static text that needs no memory and no locale. See
/// strerrordesc_np(3).
[[nodiscard]] const char* errno_text(int value) noexcept;

}  // namespace rouse

template <>
struct std::is_error_code_enum<rouse::errc> : std::true_type {};
