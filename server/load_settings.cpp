#include "server/load_settings.hpp"

#include <string>

#include "server/backends.hpp"
#include "server/config_file.hpp"
#include "server/print_config.hpp"
#include "server/site_files.hpp"

namespace rouse::server {
namespace {

std::string lines(std::string_view label, const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) {
        all += std::string(label) + text + '\n';
    }
    return all;
}

}  // namespace

std::expected<loaded_settings, early_exit> load_settings(int argc, const char* const* argv,
                                                         environment variables) {
    const auto parsed = parse_arguments(argc, argv);
    if (!parsed) {
        return std::unexpected(parsed.error());
    }
    settings_builder builder;
    if (parsed->config) {
        read_config_file(*parsed->config, "--config", builder);
    } else if (const auto path = find_variable(variables, config_variable)) {
        read_config_file(std::string(*path), "environment " + std::string(config_variable),
                         builder);
    }
    read_environment(variables, builder);
    read_arguments(*parsed, builder);
    builder.check_together();
    check_site_files(builder);

    const loaded_settings& loaded = builder.loaded();
    const std::string warnings = lines("roused: warning: ", loaded.warnings);
    if (!builder.problems().empty()) {
        return std::unexpected(early_exit{.code = exit_code_settings,
                                          .out = {},
                                          .err = warnings + lines("roused: ", builder.problems())});
    }
    if (parsed->print_config) {
        return std::unexpected(
            early_exit{.code = 0,
                       .out = print_config(loaded) + print_backend(loaded.values),
                       .err = warnings});
    }
    if (parsed->check) {
        return std::unexpected(early_exit{.code = 0, .out = "ok\n", .err = warnings});
    }
    return loaded;
}

}  // namespace rouse::server
