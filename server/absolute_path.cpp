#include "server/absolute_path.hpp"

#include <filesystem>
#include <system_error>

#include "server/quoted_text.hpp"

namespace rouse::server {

std::string absolute_path(std::string_view folder, std::string_view path) {
    const std::filesystem::path joined = std::filesystem::path(folder) / path;
    // No working directory any more: what stays relative fails when it is opened.
    std::error_code no_directory;
    const std::filesystem::path whole = std::filesystem::absolute(joined, no_directory);
    std::filesystem::path plain;
    for (const std::filesystem::path& part : no_directory ? joined : whole) {
        if (part != "." && !part.empty()) {
            plain /= part;
        }
    }
    return plain.string();
}

std::expected<std::string, std::string> readable_path(std::string_view folder,
                                                      std::string_view path) {
    if (path.empty() || path.contains('\0')) {
        return std::unexpected(quoted_text(path) + (path.empty() ? " is empty" : " has a NUL"));
    }
    std::string whole = absolute_path(folder, path);
    if (!is_utf8(whole)) {
        return std::unexpected(quoted_text(whole) + " is not UTF-8");
    }
    return whole;
}

}  // namespace rouse::server
