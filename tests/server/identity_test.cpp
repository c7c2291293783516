#include "server/identity.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "tests/server/load_texts.hpp"
#include "tests/support/child_process.hpp"

using namespace rouse::server;
using rouse::test::load;
using rouse::test::run_in_child;
using rouse::test::texts;

namespace {

// Of a Debian machine, and of most others.
constexpr uid_t nobody = 65534;

std::string refusal_of(const texts& arguments) {
    const auto loaded = load(arguments);
    REQUIRE(loaded);
    const auto found = find_identity(*loaded);
    return found ? "accepted" : found.error();
}

// What an unprivileged caller is told stands before all else that could be said of a user.
std::string refusal_as_nobody(const texts& arguments) {
    return run_in_child([&](int out) {
               if (::geteuid() == 0 && ::setresuid(nobody, nobody, nobody) != 0) {
                   return 1;
               }
               const std::string text = refusal_of(arguments);
               return ::write(out, text.data(), text.size()) > 0 ? 0 : 1;
           })
        .output;
}

// The value of "Name:" in /proc/self/status.
std::string status_of(const std::string& name) {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(name + ":\t")) {
            return line.substr(name.size() + 2);
        }
    }
    return {};
}

}  // namespace

TEST_SUITE_BEGIN("server/identity");

TEST_CASE("without a user nobody is become") {
    const auto loaded = load({});
    REQUIRE(loaded);
    const auto found = find_identity(*loaded);
    REQUIRE(found);
    CHECK_FALSE(found->has_value());
}

TEST_CASE("a group without a user is refused, with its place") {
    CHECK(refusal_of({"--group", "nogroup"}) ==
          "--group: server.group is for server.user, which is off");
}

TEST_CASE("who is not root can become nobody, and is told the cure") {
    CHECK(refusal_as_nobody({"--user", "nobody"}) ==
          "--user: server.user can be set only when root starts roused: leave it out, and start "
          "roused as that user");
}

TEST_CASE("root is told of users and groups that it cannot become" *
          doctest::skip(::geteuid() != 0)) {
    CHECK(refusal_of({"--user", "no-such-user"}) ==
          "--user: server.user is \"no-such-user\", a user that is not known");
    CHECK(refusal_of({"--user", "nobody", "--group", "no-such-group"}) ==
          "--group: server.group is \"no-such-group\", a group that is not known");
    CHECK(refusal_of({"--user", "root"}).contains("server.user is root, who would lose nothing"));
    CHECK(refusal_of({"--user", "nobody", "--group", "root"}).contains("gives group root"));
}

TEST_CASE("who is become has the user, the groups, no capability and no way back" *
          doctest::skip(::geteuid() != 0)) {
    const auto loaded = load({"--user", "nobody", "--group", "daemon"});
    REQUIRE(loaded);
    const auto wanted = find_identity(*loaded);
    REQUIRE(wanted);
    REQUIRE(wanted->has_value());
    const auto end = run_in_child([&](int out) {
        if (!become(**wanted)) {
            return 1;
        }
        const std::string text = status_of("Uid") + '|' + status_of("Gid") + '|' +
                                 status_of("Groups") + '|' + status_of("CapPrm") + '|' +
                                 status_of("CapEff") + '|' + status_of("NoNewPrivs");
        if (::setuid(0) == 0 || ::setgid(0) == 0) {
            return 2;
        }
        return ::write(out, text.data(), text.size()) > 0 ? 0 : 3;
    });
    CHECK(end.exit_code == 0);
    const std::string user = std::to_string(nobody);
    const std::string none(16, '0');
    CHECK(end.output == user + '\t' + user + '\t' + user + '\t' + user + "|1\t1\t1\t1|1 |" + none +
                            '|' + none + "|1");
}

TEST_CASE("who may not become another is told which call failed") {
    const identity other{.user = "nobody", .uid = nobody, .gid = nobody};
    const auto end = run_in_child([&](int out) {
        if (::geteuid() == 0 && ::setresuid(nobody, nobody, nobody) != 0) {
            return 1;
        }
        const auto became = become(other);
        const std::string text = became ? "became" : became.error();
        return ::write(out, text.data(), text.size()) > 0 ? 0 : 1;
    });
    CHECK(end.output == "cannot become user \"nobody\": initgroups: Operation not permitted");
}

TEST_SUITE_END();
