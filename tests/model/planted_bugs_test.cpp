// That the model check can fail: each slip of planted_bugs.py is found, and for its own reason.

#include <set>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/model/planted.hpp"
#include "tests/model/worlds.hpp"

namespace model = rouse::model;

TEST_SUITE("model/planted bugs") {
    TEST_CASE("without a bug nothing is found") {
        std::set<std::string_view> worlds;
        for (const model::planted_bug& bug : model::planted_bugs) {
            worlds.insert(bug.world);
        }
        for (const std::string_view world : worlds) {
            CHECK_MESSAGE(model::explore_world(world).holds(), world);
        }
    }

    TEST_CASE("each planted bug is found") {
        REQUIRE(!model::planted_bugs.empty());
        for (const model::planted_bug& bug : model::planted_bugs) {
            ++model::present_bug;
            const model::outcome explored = model::explore_world(bug.world);
            MESSAGE(bug.name << ": " << explored.reason() << " in schedule " << explored.schedules
                             << " of `" << bug.world << "`");
            CHECK_MESSAGE(explored.reason() == bug.found_as, bug.name);
        }
        model::present_bug = 0;
    }
}
