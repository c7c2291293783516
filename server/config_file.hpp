#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "server/loaded_settings.hpp"

namespace rouse::server {

/// The reference file has 6 KiB. toml++ frees the tables of a dotted key by recursion, with 280
/// bytes of stack for each two bytes of text: the usual 8 MiB end with a file of 64 KiB.
inline constexpr std::size_t config_bytes_max = 32'768;

/// Reads a TOML file's values into the builder, or names what is wrong with it: every unknown key,
/// wrong type and bad value with its line and column, or the first error of syntax. named_by is who
/// asked for the file (--config).
void read_config_file(const std::string& path, std::string_view named_by,
                      settings_builder& builder);

/// The same for text in memory; path stands in origins and problems.
void read_config_text(std::string_view text, const std::string& path, settings_builder& builder);

}  // namespace rouse::server
