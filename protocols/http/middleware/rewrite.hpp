#pragma once

#include <expected>
#include <string>
#include <vector>

#include "protocols/http/handler.hpp"

namespace rouse::http {

/// Answers a path as if another had been asked for: see path_rule::parse for the form of both.
struct rewrite_rule {
    std::string from{};
    std::string to{};  ///< A path, and a query if it is not to keep the one that it came with.
};

/// The first rule that is for a path is the one; what it makes is not looked at again. Middleware
/// that goes by the path, such as basic_auth, belongs inside. Errors: those of path_rule::parse,
/// more than path_rules_max rules.
[[nodiscard]] std::expected<middleware, std::string> make_rewrite(
    const std::vector<rewrite_rule>& rules);

}  // namespace rouse::http
