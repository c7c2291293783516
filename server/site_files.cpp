#include "server/site_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "runtime/base/unique_fd.hpp"
#include "runtime/fs/directory.hpp"
#include "server/bounded_read.hpp"
#include "server/quoted_text.hpp"
#include "server/site_middleware.hpp"

namespace rouse::server {
namespace {

using fault = std::unexpected<std::string>;

fault cannot(std::string_view what, const std::string& path, int error) {
    return fault("cannot " + std::string(what) + ' ' + quoted_text(path) + ": " +
                 errno_code(error).message());
}

// O_NONBLOCK: the other end of a FIFO may never come. It is no regular file then.
std::expected<std::string, std::string> read_regular(const unique_fd& file, const std::string& path,
                                                     std::size_t bytes_max) {
    struct ::stat status{};
    if (::fstat(file.get(), &status) != 0) {
        return cannot("read", path, errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return fault(quoted_text(path) + " is no file");
    }
    auto text = read_bounded(file, bytes_max);
    if (!text) {
        return cannot("read", path, text.error().value());
    }
    if (text->size() > bytes_max) {
        return fault(quoted_text(path) + " is larger than " + std::to_string(bytes_max) + " bytes");
    }
    return std::move(*text);
}

unique_fd open_directory(const std::string& path) noexcept {
    return unique_fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

void check_users(settings_builder& builder, const basic_auth_settings& settings,
                 const std::string& place) {
    auto users = read_users(settings);
    if (!users) {
        builder.add_problem(place, "site.basic_auth: " + users.error());
        return;
    }
    if (const auto made = make_basic_auth_of(settings, std::move(*users), nullptr); !made) {
        builder.add_problem(place, "site.basic_auth: " + fault_in(made, "basic auth: "));
    }
}

void check_files_of(settings_builder& builder, const site_settings& site,
                    const site_places& places) {
    if (!site.root.empty() && !open_directory(site.root)) {
        builder.add_problem(places.root, "site.root: " + cannot("open", site.root, errno).error());
    } else {
        for (std::size_t index = 0; index < site.error_pages.size(); ++index) {
            const auto page = read_error_page(site, site.error_pages[index]);
            if (!page) {
                builder.add_problem(places.error_pages[index], "site.error_pages: " + page.error());
            }
        }
    }
    if (!site.basic_auth.users_file.empty()) {
        check_users(builder, site.basic_auth, places.users_file);
    }
}

}  // namespace

void check_site_files(settings_builder& builder) {
    const loaded_settings& loaded = builder.loaded();
    for (std::size_t index = 0; index < loaded.values.sites.size(); ++index) {
        check_files_of(builder, loaded.values.sites[index], loaded.sites[index]);
    }
}

std::expected<std::vector<basic_auth_settings::user>, std::string> read_users(
    const basic_auth_settings& settings) {
    std::vector<basic_auth_settings::user> users = settings.users;
    const std::string& path = settings.users_file;
    if (path.empty()) {
        return users;
    }
    const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) {
        return cannot("open", path, errno);
    }
    const auto text = read_regular(file, path, users_file_bytes_max);
    if (!text) {
        return fault(text.error());
    }
    std::string_view rest = *text;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            return fault(quoted_text(path) + " line " + std::to_string(number) +
                         " is not NAME:HASH");
        }
        users.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 1))});
    }
    return users;
}

std::expected<http::error_page, std::string> read_error_page(const site_settings& site,
                                                             const error_page_setting& page) {
    const unique_fd root = open_directory(site.root);
    if (!root) {
        return cannot("open", site.root, errno);
    }
    // Whoever may write below the root must not make a secret of the machine into a page.
    const auto file =
        open_beneath(root, page.path, O_RDONLY | O_NONBLOCK, {.follow_symlinks = true});
    if (!file && file.error() == errno_code(EXDEV)) {
        return fault(quoted_text(page.path) + " leads out of the root");
    }
    if (!file) {
        return cannot("open", page.path, file.error().value());
    }
    auto text = read_regular(*file, page.path, http::error_page_bytes_max);
    if (!text) {
        return fault(text.error());
    }
    const auto types = media_types_of(site.types);
    if (!types) {
        return fault(types.error());
    }
    return http::error_page{.match = page.match,
                            .text = std::move(*text),
                            .content_type = std::string(types->of(page.path))};
}

}  // namespace rouse::server
