#include "server/arguments.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "server/nearest_name.hpp"
#include "server/quoted_text.hpp"
#include "server/setting_value.hpp"
#include "server/version.hpp"

namespace rouse::server {
namespace {

constexpr std::string_view description =
    "roused: HTTP/1.1 and TCP/UDP echo on io_uring or epoll. Without arguments it serves HTTP on\n"
    "127.0.0.1:8080 and echo on 127.0.0.1:7007.\n";

constexpr std::string_view footer =
    "\nEach setting is also a key of the --config file, and a variable: --http-idle-timeout,\n"
    "idle_timeout below [http], ROUSED_HTTP_IDLE_TIMEOUT. Arguments override the environment,\n"
    "which overrides the file. A flag given twice counts once, with its last value; --http and\n"
    "--echo collect. Sizes: 4096, 16KiB, 64MiB, 1GiB. Durations: 250ms, 10s, 5m, 2h.\n"
    "\nSIGTERM and SIGINT: stop accepting, answer what is in flight, exit 0; a second one cuts.\n"
    "Exit codes: 0 served and drained, 1 connections were cut or a worker failed,\n2 bad arguments "
    "or settings, 3 neither io_uring nor epoll.";

constexpr std::size_t flag_width = 36;
constexpr std::size_t help_width = 62;

// One setting and what the command line says of it, at an address that CLI11 keeps.
struct setting_option {
    const setting* entry;
    std::vector<std::string> texts;
};

// CLI11 keeps line breaks and indents what follows them, but makes none.
std::string wrapped(std::string_view text) {
    std::string lines;
    while (text.size() > help_width) {
        const std::size_t space = text.rfind(' ', help_width);
        const std::size_t end = space == std::string_view::npos ? help_width : space;
        lines += std::string(text.substr(0, end)) + '\n';
        text.remove_prefix(std::min(text.size(), end + 1));
    }
    return lines + std::string(text);
}

void add_setting_options(CLI::App& app, std::vector<setting_option>& options) {
    for (setting_option& each : options) {
        const setting& entry = *each.entry;
        const bool is_list = std::holds_alternative<listen_rule>(entry.rule);
        std::string help(entry.help);
        help += " Default " + std::string(entry.default_text) + '.';
        app.add_option(flag_of(entry), each.texts, wrapped(help))
            ->type_name(is_list ? placeholder(entry) + "..." : placeholder(entry))
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            // Otherwise CLI11 takes "[::1]" for a list, and what follows the value for more values.
            ->allow_extra_args(false)
            ->group('[' + std::string(entry.table) + ']');
    }
}

std::vector<std::string> flag_names() {
    std::vector<std::string> flags{"--help",    "--version",      "--config",
                                   "--check",   "--print-config", "--root",
                                   "--listing", "--fallback",     "--health-check"};
    for (const setting& entry : setting_table()) {
        flags.push_back(flag_of(entry));
    }
    return flags;
}

early_exit usage_error(const std::string& problems) {
    return {.code = exit_code_settings, .out = {}, .err = problems + "See roused --help.\n"};
}

// Every argument that CLI11 did not know.
std::string unknown_arguments(const std::vector<std::string>& extras) {
    const std::vector<std::string> flags = flag_names();
    std::string problems;
    for (const std::string& extra : extras) {
        const std::string name = extra.substr(0, extra.find('='));
        problems +=
            "roused: unknown argument " + quoted_text(extra) + suggestion(name, flags) + '\n';
    }
    return problems;
}

// What the command line says of the one site that it can make.
void add_site_options(CLI::App& app, arguments& parsed) {
    const auto take_last = CLI::MultiOptionPolicy::TakeLast;
    app.add_option("--root", parsed.root,
                   wrapped("Serve the files of this directory under all hosts, in place of every "
                           "[[site]] of the --config file: see configs/sites.toml. Also "
                           "ROUSED_ROOT."))
        ->type_name("DIR")
        ->multi_option_policy(take_last)
        ->allow_extra_args(false)
        ->group("[[site]]");
    app.add_flag("--listing", parsed.listing,
                 wrapped("List the files of a directory of --root that has no index.html."))
        ->group("[[site]]");
    app.add_option("--fallback", parsed.fallback,
                   wrapped("What --root answers where there is no file, as for an application "
                           "of one page: /index.html."))
        ->type_name("PATH")
        ->multi_option_policy(take_last)
        ->allow_extra_args(false)
        ->group("[[site]]");
}

const CLI::Option* add_health_option(CLI::App& app, std::string& url) {
    return app
        .add_option("--health-check", url,
                    wrapped("Ask a server that runs, and exit: 0 for an answer of 2xx within 2s, "
                            "or 1. http://HOST:PORT/PATH or unix:SOCKET:/PATH; without a URL, "
                            "/healthz where the settings listen for HTTP."))
        ->type_name("[URL]")
        ->expected(0, 1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

// CLI11 takes the argument behind "--config=" for its value.
std::string empty_values(int argc, const char* const* argv) {
    std::string problems;
    for (int at = 1; at < argc; ++at) {
        const std::string_view argument = argv[at];
        if (argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
            problems += "roused: " + quoted_text(argument) + " has no value behind the =\n";
        }
    }
    return problems;
}

std::expected<arguments, early_exit> parse(CLI::App& app, int argc, const char* const* argv) {
    arguments parsed;
    std::vector<setting_option> options;
    for (const setting& entry : setting_table()) {
        options.push_back({&entry, {}});
    }
    std::string config;
    app.set_version_flag("--version", "roused " + std::string(version), "Print the version.");
    const CLI::Option* const config_option =
        app.add_option("--config", config, "A TOML file; see configs/roused.toml for every key.")
            ->type_name("FILE")
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    app.add_flag("--check", parsed.check, "Check all settings and exit: 0 and \"ok\", or 2.");
    app.add_flag("--print-config", parsed.print_config,
                 "Print the effective settings as TOML with their origins; exit.");
    std::string health_url;
    const CLI::Option* const health_option = add_health_option(app, health_url);
    add_site_options(app, parsed);
    add_setting_options(app, options);
    app.parse(argc, argv);

    if (const auto extras = app.remaining(); !extras.empty()) {
        return std::unexpected(usage_error(unknown_arguments(extras)));
    }
    if (config_option->count() != 0) {
        parsed.config = config;
    }
    if (health_option->count() != 0) {
        parsed.health_check = health_url;
    }
    for (setting_option& each : options) {
        if (!each.texts.empty()) {
            parsed.values.emplace_back(each.entry, std::move(each.texts));
        }
    }
    return parsed;
}

}  // namespace

std::expected<arguments, early_exit> parse_arguments(int argc, const char* const* argv) {
    if (const std::string problems = empty_values(argc, argv); !problems.empty()) {
        return std::unexpected(usage_error(problems));
    }
    CLI::App app{std::string(description), "roused"};
    app.footer(std::string(footer));
    app.set_help_flag("--help,-h", "Print this text.");
    app.allow_extras();
    app.get_formatter()->column_width(flag_width);
    try {
        return parse(app, argc, argv);
    } catch (const CLI::CallForHelp&) {
        return std::unexpected(early_exit{.code = 0, .out = app.help(), .err = {}});
    } catch (const CLI::CallForVersion& asked) {
        return std::unexpected(
            early_exit{.code = 0, .out = asked.what() + std::string("\n"), .err = {}});
    } catch (const CLI::ParseError& error) {
        return std::unexpected(usage_error("roused: " + one_line(error.what()) + '\n'));
    }
}

void read_arguments(const arguments& parsed, settings_builder& builder) {
    for (const auto& [entry, texts] : parsed.values) {
        const std::string flag = flag_of(*entry);
        builder.set(*entry, {raw_kind::plain, texts}, flag, flag);
    }
    if (parsed.root) {
        builder.set_root(*parsed.root, "--root");
    }
    if (parsed.listing) {
        builder.set_root_listing("--listing");
    }
    if (parsed.fallback) {
        builder.set_root_fallback(*parsed.fallback, "--fallback");
    }
}

}  // namespace rouse::server
