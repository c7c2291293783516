#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/support/temporary_folder.hpp"

namespace rouse::test {

/// The root of a site, which is there for the time of one test.
class temporary_site {
   public:
    /// Writes a file below it, and the folders that it needs; its absolute path.
    [[nodiscard]] std::string write(const std::string& name, std::string_view text) const {
        std::string path = folder_.file(name);
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

   private:
    temporary_folder folder_;
    std::string path_ = std::filesystem::path(folder_.file("a")).parent_path().string();
};

}  // namespace rouse::test
