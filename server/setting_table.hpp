#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/settings.hpp"

namespace rouse::server {

/// Where in a settings object a value lives.
template <class T>
struct place {
    T& (*write)(settings&) noexcept;
    const T& (*read)(const settings&) noexcept;
};

/// A whole number from min to max; 0 stands for "auto" where that is allowed.
struct count_rule {
    place<unsigned> at;
    unsigned min;
    unsigned max;
    bool power_of_two = false;
    bool automatic = false;
};

/// A number of bytes from min to max: see size_text.hpp.
struct size_rule {
    place<std::size_t> at;
    std::size_t min;
    std::size_t max;
};

/// A duration from min to max: see duration_text.hpp.
struct duration_rule {
    place<std::chrono::milliseconds> at;
    std::chrono::milliseconds min;
    std::chrono::milliseconds max;
};

/// true or false.
struct flag_rule {
    place<bool> at;
};

/// Text on one line that TOML needs no escapes for: from one byte to text_bytes_max of UTF-8,
/// without quotes, backslashes and control characters.
struct text_rule {
    place<std::string> at;
    std::string_view wanted;  ///< As in `"off" or a path`.
};
inline constexpr std::size_t text_bytes_max = 4'095;

/// One of some names; the index in names is the value of the enumeration.
struct choice_rule {
    std::span<const std::string_view> names;
    void (*write)(settings&, std::size_t) noexcept;
    std::size_t (*read)(const settings&) noexcept;
};

/// Addresses to listen on: see address_list.hpp.
struct listen_rule {
    place<std::vector<address>> at;
};

using setting_rule = std::variant<count_rule, size_rule, duration_rule, choice_rule, listen_rule,
                                  flag_rule, text_rule>;

/// All that there is to say about one setting. Options, the file reader, the environment reader,
/// --print-config, the checks and the test of configs/roused.toml come from it.
struct setting {
    std::string_view table;
    std::string_view key;
    std::string_view default_text;  ///< As parse and print have it, without the quotes of TOML.
    setting_rule rule;
    std::string_view help;  ///< One sentence or more.
};

/// Every setting, those of one table together, in the order of configs/roused.toml.
[[nodiscard]] std::span<const setting> setting_table() noexcept;

/// The setting with this name ("http.idle_timeout"), or null.
[[nodiscard]] const setting* find_setting(std::string_view name) noexcept;

/// "http.idle_timeout"
[[nodiscard]] std::string name_of(const setting& entry);

/// "--http-idle-timeout"; the table's name alone for listen ("--http"), the key alone for [server]
/// ("--workers").
[[nodiscard]] std::string flag_of(const setting& entry);

/// "ROUSED_HTTP_IDLE_TIMEOUT"
[[nodiscard]] std::string environment_name_of(const setting& entry);

}  // namespace rouse::server
