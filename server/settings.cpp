#include "server/settings.hpp"

#include <sched.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <memory>

#include "server/cpu_quota.hpp"
#include "server/setting_value.hpp"

namespace rouse::server {
namespace {

// The mask of a machine with more CPUs than cpu_set_t holds needs a larger one: EINVAL asks for it.
constexpr std::size_t cpus_mask_max = 65'536;

unsigned available_cpus() noexcept {
    for (std::size_t cpus = CPU_SETSIZE; cpus <= cpus_mask_max; cpus *= 4) {
        const auto free_set = [](cpu_set_t* set) noexcept { CPU_FREE(set); };
        const std::unique_ptr<cpu_set_t, decltype(free_set)> set(CPU_ALLOC(cpus), free_set);
        const std::size_t bytes = CPU_ALLOC_SIZE(cpus);
        if (set && ::sched_getaffinity(0, bytes, set.get()) == 0) {
            return static_cast<unsigned>(CPU_COUNT_S(bytes, set.get()));
        }
        if (errno != EINVAL) {
            break;
        }
    }
    return 1;
}

}  // namespace

settings default_settings() {
    settings values;
    for (const setting& entry : setting_table()) {
        const auto assigned =
            assign(entry, {raw_kind::plain, {std::string(entry.default_text)}}, values);
        assert(assigned.has_value() && "a default breaks its own limits");
        (void)assigned;  // Only the assertion reads it.
    }
    return values;
}

unsigned worker_count(const settings& values) {
    if (values.server.workers != 0) {
        return values.server.workers;
    }
    const auto& limits = std::get<count_rule>(find_setting("server.workers")->rule);
    const unsigned cpus = available_cpus();
    return std::clamp(std::min(cpus, cpu_quota().value_or(cpus)), limits.min, limits.max);
}

}  // namespace rouse::server
