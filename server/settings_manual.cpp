// Writes the manual page of the settings: settings_manual TEMPLATE PAGE. Part of the build only.

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "server/setting_manual.hpp"

int main(int argc, char** argv) {
    constexpr std::string_view place = "@SETTINGS@\n";
    try {
        if (argc != 3) {
            (void)std::fputs("usage: settings_manual TEMPLATE PAGE\n", stderr);
            return 2;
        }
        std::ifstream from(argv[1]);
        std::string page{std::istreambuf_iterator(from), {}};
        const std::size_t found = page.find(place);
        if (found == std::string::npos) {
            (void)std::fprintf(stderr, "settings_manual: %s has no @SETTINGS@\n", argv[1]);
            return 1;
        }
        page.replace(found, place.size(), rouse::server::setting_manual());
        std::ofstream to(argv[2]);
        to << page;
        to.close();
        return to ? 0 : 1;
    } catch (const std::exception& error) {
        (void)std::fprintf(stderr, "settings_manual: %s\n", error.what());
        return 1;
    }
}
