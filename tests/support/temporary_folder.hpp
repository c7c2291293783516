#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

namespace rouse::test {

/// A folder that is removed at the end.
class temporary_folder {
   public:
    temporary_folder() {
        std::string made = (std::filesystem::temp_directory_path() / "access-XXXXXX").string();
        REQUIRE(::mkdtemp(made.data()) != nullptr);
        path_ = made;
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] std::string file(const std::string& name) const {
        return (path_ / name).string();
    }

   private:
    std::filesystem::path path_;
};

}  // namespace rouse::test
