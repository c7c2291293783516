#include "server/backends.hpp"

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/reactor/make_reactor.hpp"
#include "server/logging.hpp"
#include "server/quoted_text.hpp"
#include "server/worker_tasks.hpp"

namespace rouse::server {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += text.empty() ? "" : ",";
        text += word;
    }
    return text;
}

std::string comment(std::string_view what, std::string_view text) {
    std::string line = "# " + std::string(what) + ": ";
    append_escaped(line, text);
    return line + '\n';
}

}  // namespace

void log_backends(std::span<const backend_in_use> workers) {
    std::vector<std::string_view> told;
    for (const backend_in_use& each : workers) {
        const std::string& name = each.description.backend;
        if (std::ranges::find(told, name) != told.end()) {
            continue;  // The same kernel has given the others the same.
        }
        told.emplace_back(name);
        const auto count = std::ranges::count_if(
            workers, [&](const auto& other) { return other.description.backend == name; });
        if (!each.fallback.empty()) {
            log_warn("backend_fallback",
                     {{"to", name}, {"workers", count}, {"cause", each.fallback}});
        }
        log_info(
            "backend",
            {{"name", name}, {"workers", count}, {"features", joined(each.description.features)}});
        for (const std::string& missing : each.description.missing) {
            log_warn("backend_feature_missing", {{"feature", missing}});
        }
    }
}

std::string print_backend(const settings& values) {
    try {
        const auto made = make_reactor(options_of_reactor(values));
        if (!made) {
            return comment("backend here", "none: " + made.error().message);
        }
        const reactor_description in_use = made->io->describe();
        std::string text = comment("backend here", in_use.backend + ": " + joined(in_use.features));
        if (!made->fallback.empty()) {
            text += comment("why", made->fallback);
        }
        for (const std::string& missing : in_use.missing) {
            text += comment("missing", missing);
        }
        return text;
    } catch (const std::exception& error) {
        return comment("backend here", std::string("none: ") + error.what());
    }
}

}  // namespace rouse::server
