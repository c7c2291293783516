#include "server/identity.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string_view>
#include <vector>

#include "runtime/base/error.hpp"
#include "server/quoted_text.hpp"

namespace rouse::server {
namespace {

// Of a group with its members; a longer one counts as not known.
constexpr std::size_t entry_bytes_max = 1'048'576;

// An entry of the users or groups by its name, of which only the numbers outlive this.
template <class Entry, class Find>
std::optional<Entry> find_entry(Find find, const std::string& name) {
    std::vector<char> room(entry_bytes_max);
    Entry entry{};
    Entry* found = nullptr;
    if (find(name.c_str(), &entry, room.data(), room.size(), &found) != 0 || found == nullptr) {
        return std::nullopt;
    }
    return entry;
}

std::unexpected<std::string> refused(const loaded_settings& loaded, std::string_view setting,
                                     std::string_view why) {
    return std::unexpected(loaded.origin_of(setting) + ": " + std::string(setting) + ' ' +
                           std::string(why));
}

std::unexpected<std::string> failed(const identity& wanted, std::string_view call) {
    return std::unexpected("cannot become user " + quoted_text(wanted.user) + ": " +
                           std::string(call) + ": " + errno_code(errno).message());
}

// Not that it would be let: that it is not.
bool has_way_back() noexcept {
    return ::setresuid(static_cast<uid_t>(-1), 0, static_cast<uid_t>(-1)) == 0 ||
           ::setresgid(static_cast<gid_t>(-1), 0, static_cast<gid_t>(-1)) == 0;
}

bool is_whole(const identity& wanted) noexcept {
    uid_t real_user = 0;
    uid_t user = 0;
    uid_t saved_user = 0;
    gid_t real_group = 0;
    gid_t group = 0;
    gid_t saved_group = 0;
    return ::getresuid(&real_user, &user, &saved_user) == 0 &&
           ::getresgid(&real_group, &group, &saved_group) == 0 && real_user == wanted.uid &&
           user == wanted.uid && saved_user == wanted.uid && real_group == wanted.gid &&
           group == wanted.gid && saved_group == wanted.gid;
}

}  // namespace

std::expected<std::optional<identity>, std::string> find_identity(const loaded_settings& loaded) {
    const server_settings& wanted = loaded.values.server;
    const bool has_group = wanted.group != "auto";
    if (wanted.user == "off") {
        if (has_group) {
            return refused(loaded, "server.group", "is for server.user, which is off");
        }
        return std::nullopt;
    }
    if (::geteuid() != 0) {
        return refused(loaded, "server.user",
                       "can be set only when root starts roused: leave it out, and start roused as "
                       "that user");
    }
    const auto user = find_entry<passwd>(::getpwnam_r, wanted.user);
    if (!user) {
        return refused(loaded, "server.user",
                       "is " + quoted_text(wanted.user) + ", a user that is not known");
    }
    identity found{.user = wanted.user, .uid = user->pw_uid, .gid = user->pw_gid};
    if (found.uid == 0) {
        return refused(loaded, "server.user",
                       "is root, who would lose nothing: name another user, or leave it out");
    }
    if (has_group) {
        const auto named = find_entry<group>(::getgrnam_r, wanted.group);
        if (!named) {
            return refused(loaded, "server.group",
                           "is " + quoted_text(wanted.group) + ", a group that is not known");
        }
        found.gid = named->gr_gid;
    }
    if (found.gid == 0) {
        return refused(loaded, has_group ? "server.group" : "server.user",
                       "gives group root, which owns files that the world must not see: set "
                       "server.group to another");
    }
    return found;
}

std::expected<void, std::string> become(const identity& wanted) {
    if (::initgroups(wanted.user.c_str(), wanted.gid) != 0) {
        return failed(wanted, "initgroups");
    }
    if (::setresgid(wanted.gid, wanted.gid, wanted.gid) != 0) {
        return failed(wanted, "setresgid");
    }
    if (::setresuid(wanted.uid, wanted.uid, wanted.uid) != 0) {
        return failed(wanted, "setresuid");
    }
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return failed(wanted, "PR_SET_NO_NEW_PRIVS");
    }
    if (has_way_back() || !is_whole(wanted)) {
        return std::unexpected("cannot become user " + quoted_text(wanted.user) +
                               ": root's rights can be had back");
    }
    return {};
}

}  // namespace rouse::server
