#include "server/load_settings.hpp"

#include <string>

#include "server/backends.hpp"
#include "server/config_file.hpp"
#include "server/health_check.hpp"
#include "server/print_config.hpp"
#include "server/quoted_text.hpp"
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

early_exit ask_and_exit(std::string_view url, const health_question& question) {
    const auto healthy = ask_health(question);
    return healthy ? early_exit{}
                   : early_exit{.code = exit_code_unhealthy,
                                .out = {},
                                .err = "roused: --health-check: " + one_line(url) + ": " +
                                       one_line(healthy.error()) + '\n'};
}

early_exit check_health(const std::string& url) {
    const auto question = parse_health_url(url);
    if (!question) {
        return {
            .code = exit_code_settings,
            .out = {},
            .err = "roused: --health-check: " + quoted_text(url) + ' ' + question.error() + '\n'};
    }
    return ask_and_exit(url, *question);
}

early_exit check_health(const loaded_settings& loaded) {
    for (const address& listening : loaded.values.http.listen) {
        if (listening.family() == AF_UNIX || listening.port() != 0) {
            const health_question question = health_question_of(listening);
            return ask_and_exit(question.places.front().to_string() + question.target, question);
        }
    }
    return {.code = exit_code_settings,
            .out = {},
            .err = "roused: --health-check: http.listen (" + loaded.origin_of("http.listen") +
                   ") has no address with a port of its own: name a URL\n"};
}

}  // namespace

std::expected<loaded_settings, early_exit> load_settings(int argc, const char* const* argv,
                                                         environment variables) {
    const auto parsed = parse_arguments(argc, argv);
    if (!parsed) {
        return std::unexpected(parsed.error());
    }
    // A URL says all: what a file says by now may not be what the server was started with.
    if (parsed->health_check && !parsed->health_check->empty()) {
        return std::unexpected(check_health(*parsed->health_check));
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
    if (parsed->health_check) {
        return std::unexpected(check_health(loaded));
    }
    return loaded;
}

}  // namespace rouse::server
