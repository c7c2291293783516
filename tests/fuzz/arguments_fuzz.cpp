#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
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

// The first of a name that is not empty counts.
void check_variables(const std::vector<const char*>& variables) {
    std::optional<std::string_view> expected;
    const std::string start = std::string(config_variable) + '=';
    for (const char* const each : variables) {
        const std::string_view variable = each == nullptr ? "" : each;
        if (!expected && variable.starts_with(start) && variable != start) {
            expected = variable.substr(start.size());
        }
    }
    require(find_variable(variables.data(), config_variable) == expected);
}

// What an argument sets is what the arguments alone would set; the rest is from the environment.
void check_order(const settings_builder& both, const arguments& parsed,
                 const std::vector<const char*>& variables) {
    settings_builder from_arguments;
    read_arguments(parsed, from_arguments);
    settings_builder from_environment;
    read_environment(variables.data(), from_environment);
    for (const setting& entry : setting_table()) {
        const bool given = std::ranges::any_of(
            parsed.values, [&entry](const auto& value) { return value.first == &entry; });
        const settings_builder& alone = given ? from_arguments : from_environment;
        require(toml_value(entry, both.loaded().values) ==
                toml_value(entry, alone.loaded().values));
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
    check_variables(variables);
    settings_builder builder;
    read_environment(variables.data(), builder);
    read_arguments(*parsed, builder);
    builder.check_together();
    check_loaded(builder);
    if (builder.problems().empty()) {
        check_order(builder, *parsed, variables);
    }
    return 0;
}
