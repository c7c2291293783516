#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/http_answer.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rouse::test {

/// A folder with files to serve and a configuration file that says how.
class site_folder {
   public:
    [[nodiscard]] std::string path(const std::string& name) const { return folder_.file(name); }

    /// With the folders on the way to it.
    void write(const std::string& name, std::string_view bytes) const {
        std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
        std::ofstream(path(name), std::ios::binary) << bytes;
    }
    void link(const std::string& name, const std::string& to) const {
        std::filesystem::create_symlink(to, path(name));
    }

    /// Arguments for a daemon with this configuration, and then `more`.
    [[nodiscard]] std::vector<std::string> configured(std::string_view text,
                                                      std::vector<std::string> more = {}) const {
        write("roused.toml", text);
        more.insert(more.begin(), {"--config", path("roused.toml"), "--workers", "1"});
        return more;
    }

   private:
    temporary_folder folder_;
};

/// A request without a body, with these header lines ("Name: value\r\n") beside Host.
[[nodiscard]] inline std::string request_of(std::string_view method, std::string_view host,
                                            std::string_view target, std::string_view fields = {}) {
    std::string made(method);
    made.append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(host);
    return made.append("\r\n").append(fields).append("\r\n");
}

}  // namespace rouse::test
