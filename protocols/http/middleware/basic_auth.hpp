#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "protocols/http/handler.hpp"
#include "runtime/executor/blocking_pool.hpp"
#include "runtime/time/clock.hpp"

namespace rouse::http {

struct basic_auth_user {
    std::string name{};
    std::string password_hash{};  ///< See password_hash::parse.
};

/// Who may ask for which paths. See RFC 7617. The password goes over the wire as it is: for TLS, or
/// for a network that is trusted.
struct basic_auth_options {
    std::string realm = "restricted";
    std::vector<basic_auth_user> users{};
    /// See path_prefixes. They are compared with the path that is asked for, and a file may answer
    /// for others than its own, such as an index for its folder: protect the folder.
    std::vector<std::string> paths = {"/"};

    /// How many passwords may be hashed or wait for it at once, over all workers; the next gets 503
    /// with Retry-After. So who guesses passwords takes only so much of the machine.
    std::size_t hashes_max = 16;
    /// How many verified credentials are remembered, and for how long; 0 for none.
    std::size_t cache_entries_max = 1'024;
    std::chrono::seconds cache_lifetime{300};

    std::function<time_point()> now = clock::now;
};

inline constexpr std::size_t basic_auth_users_max = 10'000;
inline constexpr std::size_t basic_auth_realm_bytes_max = 128;
inline constexpr std::size_t basic_auth_hashes_max = 1'024;
inline constexpr std::size_t basic_auth_cache_entries_max = 65'536;
inline constexpr std::chrono::seconds basic_auth_cache_lifetime_max{86'400};

/// Lets requests with right credentials through, and answers others 401. Passwords are hashed on
/// `pool`; whose credentials are remembered waits for nobody. A user that does not exist costs as
/// much as one that does, and gets the same answer. The access log gets the name of who was let
/// through.
///
/// Middleware that changes the path belongs outside; so does cors, whose preflights have no
/// credentials, and rate_limit. Errors name the user: a hash that password_hash::parse refuses, a
/// name twice or with a colon or control character, a realm that is not printable ASCII, a path
/// that is none, a number beyond its bound. Throws as credential_cache does.
[[nodiscard]] std::expected<middleware, std::string> make_basic_auth(
    basic_auth_options options, std::shared_ptr<blocking_pool> pool);

}  // namespace rouse::http
