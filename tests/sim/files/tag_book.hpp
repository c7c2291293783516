#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rouse::sim {

enum class coding : std::uint8_t { identity, gzip, br, zstd };
inline constexpr coding other_codings[] = {coding::br, coding::zstd, coding::gzip};

/// Where the bytes of an answer come from.
enum class body_origin : std::uint8_t {
    stored,    ///< A file.
    made,      ///< The server has coded a file, and keeps what came of it.
    streamed,  ///< It codes a file while it is sent, each time anew.
};

/// What one entity tag stands for: a state of a file, in a coding. RFC 9110, 8.8.3.
struct representation_key {
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t modified_seconds = 0;
    std::uint32_t modified_nanoseconds = 0;
    std::int64_t changed_seconds = 0;
    std::uint32_t changed_nanoseconds = 0;
    coding sent_as = coding::identity;
    body_origin origin = body_origin::stored;

    [[nodiscard]] auto operator<=>(const representation_key&) const noexcept = default;
};

/// Which representation each tag was seen to stand for: one, and no other tag for that one.
class tag_book {
   public:
    void learn(const std::string& tag, const representation_key& of, std::string made_bytes) {
        tags_.try_emplace(of, tag);
        const auto [place, is_new] = entries_.try_emplace(tag, entry{of, {}});
        if (!made_bytes.empty()) {
            place->second.made_bytes = std::move(made_bytes);
        }
    }
    /// As a strong tag, or as a weak one.
    [[nodiscard]] bool knows(std::string_view opaque) const {
        return entries_.contains(opaque) || entries_.contains("W/" + std::string(opaque));
    }
    [[nodiscard]] bool may_stand_for(std::string_view tag, const representation_key& what) const {
        const auto found = entries_.find(tag);
        return found != entries_.end() ? found->second.of == what : !tags_.contains(what);
    }
    /// Empty when it was not seen.
    [[nodiscard]] std::string_view tag_of(const representation_key& what) const {
        const auto found = tags_.find(what);
        return found == tags_.end() ? std::string_view() : std::string_view(found->second);
    }
    /// What the server made, if it was seen whole.
    [[nodiscard]] const std::string* made_bytes(std::string_view tag) const {
        const auto found = entries_.find(tag);
        return found == entries_.end() || found->second.made_bytes.empty()
                   ? nullptr
                   : &found->second.made_bytes;
    }

   private:
    struct entry {
        representation_key of;
        std::string made_bytes;
    };
    std::map<std::string, entry, std::less<>> entries_;
    std::map<representation_key, std::string> tags_;
};

}  // namespace rouse::sim
