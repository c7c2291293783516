#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/arguments.hpp"
#include "server/environment.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/checked_settings.hpp"
#include "tests/fuzz/reference_text.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::server;
using rouse::fuzz::byte_reader;
using rouse::fuzz::check_loaded;
using rouse::fuzz::is_plain_line;
using rouse::fuzz::require;
using rouse::fuzz::split;

void check_exit(const early_exit& exit) {
    if (exit.code == 0) {
        require(exit.err.empty() && exit.out.ends_with('\n'));
        return;
    }
    require(exit.code == exit_code_settings && exit.out.empty());
    require(exit.err.ends_with("See roused --help.\n"));
    for (const std::string_view line : split(exit.err, '\n')) {
        require(is_plain_line(line));
        require(line.starts_with("roused: ") || line == "See roused --help." || line.empty());
    }
}

}  // namespace

// What execve(2) can hand over: arguments with a line each, an empty line, and then the environment
// with a line each; a line break itself is written as 0x01. Either the process ends at once and
// says why in whole lines, or the settings are right, or each problem is one line. The file of
// --config is not opened.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader reader(data, size);
    std::vector<std::string> texts{"roused"};
    std::size_t argument_count = 0;
    while (!reader.empty()) {
        std::string text(reader.text_until('\n'));
        if (text.empty() && argument_count == 0) {
            argument_count = texts.size();
            continue;
        }
        std::ranges::replace(text, '\x01', '\n');
        texts.push_back(text.substr(0, text.find('\0')));
    }
    argument_count = argument_count == 0 ? texts.size() : argument_count;
    std::vector<const char*> argv;
    std::vector<const char*> variables;
    for (const std::string& text : texts) {
        (argv.size() < argument_count ? argv : variables).push_back(text.c_str());
    }
    argv.push_back(nullptr);
    variables.push_back(nullptr);

    const auto parsed = parse_arguments(static_cast<int>(argument_count), argv.data());
    if (!parsed) {
        check_exit(parsed.error());
        return 0;
    }
    (void)find_variable(variables.data(), config_variable);
    settings_builder builder;
    read_environment(variables.data(), builder);
    read_arguments(*parsed, builder);
    builder.check_together();
    check_loaded(builder);
    return 0;
}
