#pragma once

#include <sys/types.h>

#include <expected>
#include <optional>
#include <string>

#include "server/loaded_settings.hpp"

namespace rouse::server {

/// Who the process becomes once it has what only root can open.
struct identity {
    std::string user;
    uid_t uid;
    gid_t gid;
};

/// Who server.user and server.group name; nobody when the user is off. Error: one sentence that
/// names the setting and its place: a name that is not known, root itself, or a process that is not
/// root's and can become nobody else.
[[nodiscard]] std::expected<std::optional<identity>, std::string> find_identity(
    const loaded_settings& loaded);

/// Becomes that user and group, with the user's further groups, no capability, and no way to more
/// (PR_SET_NO_NEW_PRIVS), which is tried. To be called before the first thread: a flag is a
/// thread's own. Error: one sentence; then the process must end. See setresuid(2), initgroups(3).
[[nodiscard]] std::expected<void, std::string> become(const identity& wanted);

}  // namespace rouse::server
