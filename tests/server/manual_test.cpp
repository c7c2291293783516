#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <regex>
#include <set>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "server/arguments.hpp"
#include "server/setting_manual.hpp"
#include "server/setting_table.hpp"
#include "server/setting_value.hpp"

using namespace rouse::server;

namespace {

std::string read_page(std::string_view name) {
    const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
    std::ifstream file(root / "docs" / "man" / name);
    return {std::istreambuf_iterator(file), {}};
}

std::string help_text() {
    const std::array<const char*, 2> argv{"roused", "--help"};
    const auto parsed = parse_arguments(static_cast<int>(argv.size()), argv.data());
    REQUIRE_FALSE(parsed);
    return parsed.error().out;
}

std::set<std::string> matches(const std::string& text, const char* expression) {
    const std::regex wanted(expression);
    std::set<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), wanted), end; at != end; ++at) {
        found.insert((*at)[1]);
    }
    return found;
}

// What a reader sees: without the syntax of mdoc.
std::string shown(std::string text) {
    text = std::regex_replace(text, std::regex("\\\\\\(dq"), "\"");
    text = std::regex_replace(text, std::regex("\\\\\\(aq"), "'");
    text = std::regex_replace(text, std::regex("\\\\-"), "-");
    text = std::regex_replace(text, std::regex("\n\\.(It Ic|Fl|Ev|br|El|Ss|Bl -tag)( |\n)"), "\n");
    std::ranges::replace(text, '\n', ' ');
    return text;
}

}  // namespace

TEST_SUITE_BEGIN("server/manual");

TEST_CASE("roused.toml(5) has every setting: meaning, default, limits, flag and variable") {
    const std::string page = shown(setting_manual());
    for (const setting& entry : setting_table()) {
        CAPTURE(page);
        const std::string text = std::string(entry.help) + " Default " + toml_default(entry) +
                                 "; " + limits_text(entry) + ". ";
        CAPTURE(text);
        CHECK(page.contains(std::string(entry.key) + " No = " + toml_default(entry) + ' ' + text));
        CHECK(page.contains(flag_of(entry).substr(1) + " , " + environment_name_of(entry) + ' '));
    }
    CHECK(read_page("roused.toml.5.in").contains("\n@SETTINGS@\n"));
}

TEST_CASE("no line of the settings in roused.toml(5) is read as a macro by mistake") {
    const std::string page = '\n' + setting_manual();
    CHECK(matches(page, "\n([.'][^ \n]*)") ==
          std::set<std::string>{".Ss", ".Bl", ".It", ".br", ".Fl", ".Ev", ".El"});
}

TEST_CASE("roused(8) has the flags of roused --help that are no settings") {
    const std::string page = shown(read_page("roused.8"));
    auto flags = matches(help_text(), "\n +(?:-h,)?-(-[a-z-]+)");
    for (const setting& entry : setting_table()) {
        CHECK(flags.erase(flag_of(entry).substr(1)) == 1);
    }
    CHECK(flags.size() >= 7);
    for (const std::string& flag : flags) {
        CAPTURE(flag);
        CHECK(page.contains(" Fl " + flag + ' '));
    }
}

TEST_CASE("roused(8) has the signals and exit codes of roused --help") {
    const std::string page = read_page("roused.8");
    std::string help = help_text();
    const auto signals = matches(help, "(SIG[A-Z0-9]+)");
    CHECK(signals.size() >= 2);
    for (const std::string& signal : signals) {
        CAPTURE(signal);
        CHECK(std::regex_search(page, std::regex("\n\\.It Dv[^\n]* " + signal + "\\b")));
    }
    std::ranges::replace(help, '\n', ' ');
    const std::string codes = help.substr(help.find("Exit codes: ")) + ',';
    unsigned count = 0;
    const std::regex one("([0-9]) ([^,.]*)[,.]");
    for (std::sregex_iterator at(codes.begin(), codes.end(), one), end; at != end; ++at, ++count) {
        CAPTURE((*at)[0].str());
        CHECK(page.contains("\n.It " + (*at)[1].str() + '\n' + (*at)[2].str()));
    }
    CHECK(count >= 4);
    CHECK(matches(page, "\n\\.It ([0-9])").size() == count);
}

TEST_SUITE_END();
