#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <variant>

#include "runtime/net/address.hpp"
#include "server/settings.hpp"

namespace rouse::server {

/// Bytes of a text value that a line shows; "..." stands for the rest.
inline constexpr std::size_t log_value_bytes_max = 1024;

/// What a log field may hold. Borrows texts and addresses for the time of the call, and becomes
/// text only when its line is written, so that building one costs a few stores.
class log_value {
   public:
    log_value(std::string_view text) noexcept : value_(text) {}
    log_value(const char* text) noexcept : value_(std::string_view(text)) {}
    log_value(const std::string& text) noexcept : value_(std::string_view(text)) {}
    log_value(std::same_as<bool> auto flag) noexcept : value_(flag) {}
    log_value(std::signed_integral auto number) noexcept : value_(std::int64_t{number}) {}
    template <std::unsigned_integral Number>
        requires(!std::same_as<Number, bool>)
    log_value(Number number) noexcept : value_(std::uint64_t{number}) {}
    log_value(std::chrono::milliseconds duration) noexcept : value_(duration) {}
    log_value(const address& where) noexcept : value_(&where) {}
    log_value(std::error_code error) noexcept : value_(error) {}

    using storage = std::variant<std::string_view, bool, std::int64_t, std::uint64_t,
                                 std::chrono::milliseconds, const address*, std::error_code>;
    [[nodiscard]] const storage& get() const noexcept { return value_; }

   private:
    storage value_;
};

/// One key=value of a line. The key is a word of the program: letters, digits and underscores.
struct log_field {
    std::string_view key;
    log_value value;
};

/// One event as one line with its line break, times in UTC with milliseconds:
///   2026-01-01T00:00:00.000Z info listening protocol=http address=127.0.0.1:8080
///   {"time":"2026-01-01T00:00:00.000Z","level":"info","event":"listening","protocol":"http",...}
/// Text values are escaped (quoted_text.hpp); in text form, in quotes when they are anything but
/// one plain word. Negative durations are written as 0s.
[[nodiscard]] std::string log_line(log_format format, log_level level,
                                   std::chrono::system_clock::time_point time,
                                   std::string_view event, std::span<const log_field> fields);

/// "error", "warn", "info" or "debug"
[[nodiscard]] std::string_view level_name(log_level level) noexcept;

}  // namespace rouse::server
