#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rouse::http {

/// How many tags one If-Match or If-None-Match may list, in all its lines.
inline constexpr std::size_t entity_tags_max = 64;

/// An entity tag, as a view into its text. See RFC 9110, 8.8.3.
struct entity_tag {
    std::string_view opaque;  ///< What stands between the quotes.
    bool weak = false;
};

/// Reads one entity tag that is all of the text: "xyzzy", W/"xyzzy", "", each with its quotes.
/// Empty for anything else, also for white space around it.
[[nodiscard]] std::optional<entity_tag> parse_entity_tag(std::string_view text) noexcept;

/// Strong comparison: equal, and neither is weak. RFC 9110, 8.8.3.2.
[[nodiscard]] constexpr bool strongly_equal(entity_tag left, entity_tag right) noexcept {
    return !left.weak && !right.weak && left.opaque == right.opaque;
}

/// Weak comparison: equal, whether weak or not. RFC 9110, 8.8.3.2.
[[nodiscard]] constexpr bool weakly_equal(entity_tag left, entity_tag right) noexcept {
    return left.opaque == right.opaque;
}

/// Compares a tag with those of an If-Match (strongly) or If-None-Match (weakly). Several lines are
/// one list (RFC 9110, 5.3): give each to add_line, in order. See RFC 9110, 13.1.1 and 13.1.2.
class entity_tag_search {
   public:
    enum class comparison : std::uint8_t { strong, weak };
    enum class outcome : std::uint8_t {
        absent,     ///< No line was given.
        any,        ///< "*", which stands alone.
        matched,    ///< A member is the tag.
        unmatched,  ///< None is; the list may be empty.
        malformed,  ///< Neither a list nor "*", or of more than entity_tags_max: means nothing.
    };

    /// The bytes of `wanted` must outlive the search. Without a tag no member matches.
    entity_tag_search(std::optional<entity_tag> wanted, comparison how) noexcept
        : wanted_(wanted), how_(how) {}

    void add_line(std::string_view value) noexcept;
    [[nodiscard]] outcome result() const noexcept { return outcome_; }

   private:
    [[nodiscard]] bool add_tag(entity_tag listed) noexcept;

    std::optional<entity_tag> wanted_;
    comparison how_;
    outcome outcome_ = outcome::absent;
    std::size_t count_ = 0;
};

/// What tells one state of a file from another.
struct file_version {
    std::uint64_t size_bytes = 0;
    std::int64_t modified_seconds = 0;  ///< Since 1970.
    std::uint32_t modified_nanoseconds = 0;
    /// These tell apart what was written in place, with its size and date kept. 0 where several
    /// machines serve copies of the same files.
    std::uint64_t inode = 0;
    std::int64_t changed_seconds = 0;
    std::uint32_t changed_nanoseconds = 0;
};

/// The strong entity tag of a file: made of its version, and of the coding in which it is sent,
/// since each coding is a representation of its own (RFC 9110, 8.8.3.3). Another version has
/// another tag, as far as the file system's clock tells two changes apart. The inode and the time
/// of its last change are scattered together, so that they do not stand there as they are. Lives in
/// a buffer of its own.
class entity_tag_text {
   public:
    /// The longest suffix that is kept: "-" and the name of a coding.
    static constexpr std::size_t suffix_bytes_max = 16;

    /// `suffix`, for example "-gzip", has only bytes of an opaque tag; what is too long is cut.
    explicit entity_tag_text(const file_version& version, std::string_view suffix = {}) noexcept;

    /// With its quotes, as it stands in ETag.
    [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }
    [[nodiscard]] entity_tag tag() const noexcept {
        return {.opaque = text().substr(1, size_ - 2U), .weak = false};
    }

   private:
    // Two quotes, four numbers of at most 16, 17, 8 and 16 digits, '-' between them, the suffix.
    std::array<char, 2 + 16 + 1 + 17 + 1 + 8 + 1 + 16 + suffix_bytes_max> text_{};
    std::uint8_t size_ = 0;
};

}  // namespace rouse::http
