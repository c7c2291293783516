#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "runtime/fs/directory.hpp"

namespace rouse::test {

/// A directory of its own for each test, removed at the end.
class file_tree {
   public:
    file_tree() {
        std::string name = (std::filesystem::temp_directory_path() / "rouse.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    file_tree(const file_tree&) = delete;
    file_tree& operator=(const file_tree&) = delete;
    ~file_tree() { std::filesystem::remove_all(path_); }

    [[nodiscard]] std::string path(std::string_view name = "") const {
        return name.empty() ? path_.string() : (path_ / name).string();
    }

    /// Makes a file, or gives it another content; directories come with it.
    void write(std::string_view name, std::string_view content) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream out(path_ / name, std::ios::binary | std::ios::trunc);
        out << content;
        REQUIRE(out.flush());
    }

    /// The tree as the code under test sees it, from `name` on.
    [[nodiscard]] directory open(reactor& io, std::string_view name = "") const {
        auto opened = directory::open(io, path(name));
        REQUIRE(opened);
        return *std::move(opened);
    }

   private:
    std::filesystem::path path_;
};

/// Bytes that differ from place to place, so that none can stand for another.
[[nodiscard]] inline std::string varied_bytes(std::size_t count) {
    std::string made(count, '\0');
    std::uint64_t state = 1;
    for (char& each : made) {
        state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
        each = static_cast<char>(state >> 56U);
    }
    return made;
}

[[nodiscard]] inline std::string_view text_of(const file_block& block) noexcept {
    return {reinterpret_cast<const char*>(block.bytes().data()), block.size()};
}

}  // namespace rouse::test
