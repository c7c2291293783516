#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "protocols/http/files/cached_file.hpp"
#include "runtime/base/intrusive_list.hpp"

namespace rouse::http {

/// Files by request path, up to so many bytes: when there are more, those that were not asked for
/// longest go first. One thread. A file that goes lives on with those who hold it.
class file_cache {
   public:
    explicit file_cache(std::size_t bytes_max) noexcept : bytes_max_(bytes_max) {}
    file_cache(const file_cache&) = delete;
    file_cache& operator=(const file_cache&) = delete;
    ~file_cache();

    /// Null when there is none. It is the one that was asked for last from now on. The pointer is
    /// good until the next call that changes the cache.
    [[nodiscard]] const std::shared_ptr<cached_file>* find(std::string_view key) noexcept;

    /// In the place of what has its key. Throws bad_alloc.
    void insert(std::shared_ptr<cached_file> added);

    /// Contents have come to a file, or gone. Does nothing for one that is not here any more.
    void count_again(cached_file& changed) noexcept;

    void erase(std::string_view key) noexcept;
    void clear() noexcept;

    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::size_t size() const noexcept { return files_.size(); }

   private:
    struct text_hash {
        using is_transparent = void;
        [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>()(text);
        }
    };
    using table =
        std::unordered_map<std::string, std::shared_ptr<cached_file>, text_hash, std::equal_to<>>;

    void erase(table::iterator place) noexcept;
    void evict() noexcept;

    table files_;
    intrusive_list<cached_file, file_cache> by_age_;  // The one asked for last is at the end.
    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
};

}  // namespace rouse::http
