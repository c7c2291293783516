#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/config_file.hpp"
#include "server/print_config.hpp"
#include "tests/fuzz/checked_settings.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::server;
using rouse::fuzz::check_loaded;
using rouse::fuzz::require;

const std::string path = "roused.toml";

settings_builder read(std::string_view text) {
    settings_builder builder;
    read_config_text(text, path, builder);
    builder.check_together();
    return builder;
}

// "roused.toml:3:1: what is wrong", or where a default stands in the way.
bool has_place(const std::string& problem) {
    const std::string_view rest = std::string_view(problem).substr(path.size());
    return problem.starts_with("default: ") ||
           (problem.starts_with(path + ':') && rest.find(": ") != std::string_view::npos &&
            rest.find_first_not_of("0123456789:") >= rest.find(": "));
}

}  // namespace

// Whatever stands in the file: either every problem has its line, and is one line, or the settings
// are within their limits and can be printed and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const settings_builder builder = read(text);
    require(std::ranges::all_of(builder.problems(), has_place));
    check_loaded(builder);
    require(read(text).problems() == builder.problems());
    return 0;
}
