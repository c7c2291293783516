#include "tests/sim/command_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "tests/sim/fault.hpp"

namespace rouse::sim {
namespace {

constexpr std::string_view usage = R"(usage: sim WORLD [OPTION...]
       sim --kept FILE | --hashes FILE | --write-hashes FILE | --worlds

  --seeds N         run so many seeds (1000)
  --first S         begin with this seed (1); "random" draws it
  --seed S          run this one only, and print its hash
  --trace           with --seed: print each event
  --sweep           with --seed: each allocation fails once, in a run of its own
  --allocation N    the allocation with this number fails
  --clients N       up to N clients a run (8)
  --without A,B     these faults never strike
  --only A,B        no others do; "none" for none at all
  --processes N     as many at once (one a CPU)
  --no-shrink       print the first run that fails as it is
  --kept FILE       run each line of the file, which holds such arguments
  --hashes FILE     run the seeds of the file and compare the hashes of their events
  --write-hashes FILE   make that file anew
  --worlds          print the names of the worlds
)";

constexpr std::uint64_t clients_most = 64;
constexpr std::uint64_t processes_most = 64;

[[noreturn]] void refuse(const std::string& why) {
    std::fprintf(stderr, "sim: %s\n%.*s\nworlds:\n", why.c_str(), static_cast<int>(usage.size()),
                 usage.data());
    for (const world_entry& each : all_worlds()) {
        std::fprintf(stderr, "  %-17.*s %.*s\n", static_cast<int>(each.name.size()),
                     each.name.data(), static_cast<int>(each.what.size()), each.what.data());
    }
    std::exit(2);  // NOLINT(concurrency-mt-unsafe): one thread.
}

std::uint64_t number(std::string_view option, std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        refuse(std::string(option) + " wants a number, not '" + std::string(text) + "'");
    }
    return value;
}

unsigned small_number(std::string_view option, std::string_view text, std::uint64_t most) {
    return static_cast<unsigned>(std::clamp<std::uint64_t>(number(option, text), 1, most));
}

fault_mask faults(std::string_view text) {
    fault_mask named = 0;
    while (!text.empty()) {
        const std::string_view name = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), name.size() + 1));
        const auto kind = fault_named(name);
        if (!kind && name != "none") {
            refuse("there is no fault '" + std::string(name) + "'");
        }
        named |= kind ? to_mask(*kind) : 0;
    }
    return named;
}

std::uint64_t random_seed() {
    const auto process = static_cast<std::uint64_t>(::getpid());
    const auto now = static_cast<std::uint64_t>(std::time(nullptr));
    return mix(process ^ (now << 20U)) >> 32U;
}

bool set_file(command_line& line, std::string_view option, std::string_view value) {
    constexpr struct {
        std::string_view option;
        sim_task task;
    } tasks[] = {{"--kept", sim_task::kept},
                 {"--hashes", sim_task::hashes},
                 {"--write-hashes", sim_task::write_hashes}};
    const auto* found =
        std::ranges::find(tasks, option, [](const auto& each) { return each.option; });
    if (found == std::end(tasks)) {
        return false;
    }
    line.task = found->task;
    line.file = value;
    return true;
}

// True: the option has taken its value.
bool set(command_line& line, std::string_view option, std::string_view value) {
    if (option == "--seeds") {
        line.seeds = number(option, value);
    } else if (option == "--first") {
        line.first = value == "random" ? random_seed() : number(option, value);
    } else if (option == "--seed") {
        line.options.seed = number(option, value);
        line.task = line.task == sim_task::seeds ? sim_task::one : line.task;
    } else if (option == "--clients") {
        line.options.clients_max = small_number(option, value, clients_most);
    } else if (option == "--without") {
        line.options.faults_off |= faults(value);
    } else if (option == "--only") {
        line.options.faults_off |= all_faults & ~faults(value);
    } else if (option == "--allocation") {
        line.options.failing_allocation = number(option, value);
    } else if (option == "--processes") {
        line.processes = small_number(option, value, processes_most);
    } else {
        return set_file(line, option, value);
    }
    return true;
}

}  // namespace

command_line parse_command_line(const std::vector<std::string_view>& arguments) {
    command_line line;
    line.processes = static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
    std::size_t next = 0;
    if (!arguments.empty() && !arguments[0].starts_with('-')) {
        line.which = world_named(arguments[next++]);
        if (line.which == nullptr) {
            refuse("there is no world '" + std::string(arguments[0]) + "'");
        }
    }
    for (; next < arguments.size(); ++next) {
        if (arguments[next] == "--worlds") {
            line.task = sim_task::worlds;
            return line;
        }
        if (arguments[next] == "--trace") {
            line.options.traced = true;
        } else if (arguments[next] == "--sweep") {
            line.task = sim_task::sweep;
        } else if (arguments[next] == "--no-shrink") {
            line.shrinks = false;
        } else if (next + 1 < arguments.size() && set(line, arguments[next], arguments[next + 1])) {
            ++next;
        } else {
            refuse("what is '" + std::string(arguments[next]) + "'?");
        }
    }
    if (line.which == nullptr && line.file.empty()) {
        refuse("which world?");
    }
    return line;
}

command_line parse_kept_line(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0) {
            words.push_back(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parse_command_line(words);
}

}  // namespace rouse::sim
