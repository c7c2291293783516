#include "server/cpu_quota.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "tests/support/temporary_folder.hpp"

using rouse::server::cpu_quota;

namespace {

/// Control groups as they would be mounted, and a process in one of them.
struct control_groups {
    explicit control_groups(const std::string& membership) { write("membership", membership); }

    void write(const std::string& name, const std::string& text) const {
        const std::filesystem::path path = folder.file(name);
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << text;
    }
    [[nodiscard]] std::optional<unsigned> quota() const {
        return cpu_quota(folder.file("membership"), folder.file("mounted"));
    }

    rouse::test::temporary_folder folder;
};

}  // namespace

TEST_SUITE_BEGIN("server/cpu_quota");

TEST_CASE("a limit is processors, rounded up") {
    const control_groups groups("0::/\n");
    for (const auto& [text, cpus] : {std::pair{"100000 100000\n", 1U},
                                     {"150000 100000\n", 2U},
                                     {"200000 100000\n", 2U},
                                     {"1000 100000\n", 1U},
                                     {"400000 50000\n", 8U}}) {
        groups.write("mounted/cpu.max", text);
        CHECK(groups.quota() == cpus);
    }
}

TEST_CASE("the least limit of a group and of those above it counts") {
    const control_groups groups("0::/system.slice/roused.service\n");
    groups.write("mounted/system.slice/roused.service/cpu.max", "max 100000\n");
    CHECK(groups.quota() == std::nullopt);
    groups.write("mounted/system.slice/cpu.max", "300000 100000\n");
    CHECK(groups.quota() == 3);
    groups.write("mounted/system.slice/roused.service/cpu.max", "500000 100000\n");
    CHECK(groups.quota() == 3);
    groups.write("mounted/system.slice/roused.service/cpu.max", "50000 100000\n");
    CHECK(groups.quota() == 1);
}

TEST_CASE("what is no limit, or cannot be read, limits nothing") {
    CHECK(cpu_quota("/none", "/none") == std::nullopt);
    const control_groups old("12:cpu,cpuacct:/\n1:name=systemd:/\n");
    old.write("mounted/cpu.max", "100000 100000\n");
    CHECK(old.quota() == std::nullopt);
    const control_groups groups("0::/\n");
    for (const char* text : {"max 100000\n", "", "100000 0\n", "some\n", "100000\n"}) {
        groups.write("mounted/cpu.max", text);
        CHECK(groups.quota() == std::nullopt);
    }
}

TEST_SUITE_END();
