#pragma once

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "server/config_file.hpp"

namespace rouse::server {

/// Reads a file of sites from "/etc/f".
inline settings_builder read_sites_text(std::string_view text) {
    settings_builder builder;
    read_config_text(text, "/etc/f", builder);
    return builder;
}

/// What is wrong with the keys of one site that has a root, a line each, without "/etc/f:" in
/// front. The first key is on line 3.
inline std::string problem_of(std::string_view keys) {
    const settings_builder builder =
        read_sites_text("[[site]]\nroot = \"/\"\n" + std::string(keys));
    std::string all;
    for (const std::string& each : builder.problems()) {
        REQUIRE(each.starts_with("/etc/f:"));
        all += (all.empty() ? "" : "\n") + each.substr(7);
    }
    return all;
}

/// Keys of a site, and what is wrong with them.
struct wrong_keys {
    const char* keys;
    const char* problem;
};

}  // namespace rouse::server
