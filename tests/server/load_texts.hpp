#pragma once

#include <expected>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "server/load_settings.hpp"

namespace rouse::test {

using texts = std::vector<std::string>;

/// What roused makes of these arguments and variables.
[[nodiscard]] inline std::expected<server::loaded_settings, server::early_exit> load(
    const texts& arguments, const texts& variables = {}) {
    std::vector<const char*> argv{"roused"};
    for (const std::string& each : arguments) {
        argv.push_back(each.c_str());
    }
    std::vector<const char*> environ_like;
    for (const std::string& each : variables) {
        environ_like.push_back(each.c_str());
    }
    environ_like.push_back(nullptr);
    return server::load_settings(static_cast<int>(argv.size()), argv.data(), environ_like.data());
}

/// What a refused start writes to standard error; it writes nothing else and ends with code 2.
[[nodiscard]] inline std::string refusal(const texts& arguments, const texts& variables = {}) {
    const auto loaded = load(arguments, variables);
    if (loaded) {
        return "accepted";
    }
    CHECK(loaded.error().code == server::exit_code_settings);
    CHECK(loaded.error().out.empty());
    return loaded.error().err;
}

}  // namespace rouse::test
