#include "tests/model/worlds.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <memory>

#include "tests/model/channel_worlds.hpp"
#include "tests/model/counted_world.hpp"
#include "tests/model/inbox_worlds.hpp"

// Relacy's headers replace the allocation functions without a size, to see leaks.
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    operator delete(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept {
    operator delete[](memory);
}

namespace rouse::model {
namespace {

struct named_world {
    std::string_view name;
    unsigned threads;
    make_world make;
};

template <class World>
std::unique_ptr<world> make() {
    return std::make_unique<World>();
}

constexpr std::array worlds{
    named_world{"one task, one thread", 2, make<shared_task_world<1, 1>>},
    named_world{"one task, one thread, two wakes", 2, make<shared_task_world<1, 2>>},
    named_world{"one task, one thread, three wakes", 2, make<shared_task_world<1, 3>>},
    named_world{"one task, two threads", 3, make<shared_task_world<2, 1>>},
    named_world{"one task, two threads, two wakes each", 3, make<shared_task_world<2, 2>>},
    named_world{"one task, three threads", 4, make<shared_task_world<3, 1>>},
    named_world{"own tasks, one thread", 2, make<own_task_world<1>>},
    named_world{"own tasks, two threads", 3, make<own_task_world<2>>},
    named_world{"own tasks, three threads", 4, make<own_task_world<3>>},
    named_world{"finished task, one thread", 2, make<finished_task_world<1>>},
    named_world{"finished task, two threads", 3, make<finished_task_world<2>>},
    named_world{"finished task, three threads", 4, make<finished_task_world<3>>},
    named_world{"ended executor, one thread", 2, make<closing_world<1, 1>>},
    named_world{"ended executor, two threads, one task", 3, make<closing_world<2, 1>>},
    named_world{"ended executor, two threads, two tasks", 3, make<closing_world<2, 2>>},
    named_world{"ended executor, three threads, two tasks", 4, make<closing_world<3, 2>>},
    named_world{"shared object, two threads", 2, make<counted_world>},
    named_world{"channel, one sender", 2, make<channel_world<1, 2, 2, false>>},
    named_world{"channel, two senders", 3, make<channel_world<2, 1, 2, false>>},
    named_world{"closed channel, one sender", 2, make<channel_world<1, 2, 1, true>>},
    named_world{"closed channel, two senders", 3, make<channel_world<2, 1, 1, true>>},
};

}  // namespace

outcome explore_world(std::string_view name, bound within, std::ostream* report) {
    const auto* found = std::ranges::find(worlds, name, &named_world::name);
    assert(found != worlds.end());
    switch (found->threads) {
        case 2:
            return explore<2>(found->make, within, report);
        case 3:
            return explore<3>(found->make, within, report);
        default:
            assert(found->threads == 4);
            return explore<4>(found->make, within, report);
    }
}

}  // namespace rouse::model
