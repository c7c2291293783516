#pragma once

#include <expected>
#include <string>
#include <vector>

#include "server/setting_table.hpp"

namespace rouse::server {

/// How a source wrote a value. Arguments and the environment know only plain text; a file has
/// types.
enum class raw_kind { plain, text, integer, list };

/// A value as a source wrote it; several texts only for a list, or for plain values that were
/// repeated.
struct raw_value {
    raw_kind kind = raw_kind::plain;
    std::vector<std::string> texts;
};

/// Reads a value within the setting's limits and stores it; when it cannot, nothing is stored and
/// the error says which text is wrong and what is allowed. A plain setting that is no list takes
/// the last of its texts.
[[nodiscard]] std::expected<void, std::string> assign(const setting& entry, const raw_value& raw,
                                                      settings& values);

/// The value in TOML, as assign reads it back: 4, "10s" or ["127.0.0.1:8080"].
[[nodiscard]] std::string toml_value(const setting& entry, const settings& values);

/// The default in TOML.
[[nodiscard]] std::string toml_default(const setting& entry);

/// What is allowed, as in `a duration from 1ms to 24h`.
[[nodiscard]] std::string limits_text(const setting& entry);

/// What --help shows for the value, as in DURATION.
[[nodiscard]] std::string placeholder(const setting& entry);

}  // namespace rouse::server
