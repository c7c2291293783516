#include "protocols/http/files/entity_tag.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>

namespace rouse::http {
namespace {

// RFC 9110, 8.8.3: etagc = %x21 / %x23-7E / obs-text.
constexpr bool is_tag_byte(char byte) noexcept {
    const auto value = static_cast<unsigned char>(byte);
    return value > 0x20 && value != '"' && value != 0x7f;
}

void skip_white_space(std::string_view& rest) noexcept {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
}

// Takes a tag off the front. A comma may be part of it, so a list cannot be split first.
std::optional<entity_tag> take_tag(std::string_view& rest) noexcept {
    entity_tag taken;
    // RFC 9110, 8.8.3: weak = %s"W/", with its case.
    if (rest.starts_with("W/")) {
        taken.weak = true;
        rest.remove_prefix(2);
    }
    if (!rest.starts_with('"')) {
        return std::nullopt;
    }
    rest.remove_prefix(1);
    const auto* const end = std::ranges::find_if_not(rest, is_tag_byte);
    taken.opaque = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    rest.remove_prefix(taken.opaque.size());
    if (!rest.starts_with('"')) {
        return std::nullopt;
    }
    rest.remove_prefix(1);
    return taken;
}

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014), which is one to one.
constexpr std::uint64_t scatter(std::uint64_t value) noexcept {
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

// One to one in each of the two, as long as the other stays.
constexpr std::uint64_t scatter(std::uint64_t inode, std::uint64_t changed) noexcept {
    return scatter(scatter(inode) ^ changed);
}

constexpr std::uint64_t nanoseconds_a_second = 1'000'000'000;

}  // namespace

std::optional<entity_tag> parse_entity_tag(std::string_view text) noexcept {
    const std::optional<entity_tag> taken = take_tag(text);
    return text.empty() ? taken : std::nullopt;
}

bool entity_tag_search::add_tag(entity_tag listed) noexcept {
    ++count_;
    if (count_ > entity_tags_max) {
        return false;
    }
    const bool equal = wanted_ && (how_ == comparison::strong ? strongly_equal(*wanted_, listed)
                                                              : weakly_equal(*wanted_, listed));
    if (equal) {
        outcome_ = outcome::matched;
    }
    return true;
}

void entity_tag_search::add_line(std::string_view value) noexcept {
    // RFC 9110, 13.1.1 and 13.1.2: "*" is all of the field, and no member of a list.
    if (outcome_ == outcome::any || outcome_ == outcome::malformed) {
        outcome_ = outcome::malformed;
        return;
    }
    skip_white_space(value);
    if (value.starts_with('*')) {
        value.remove_prefix(1);
        skip_white_space(value);
        outcome_ = value.empty() && outcome_ == outcome::absent ? outcome::any : outcome::malformed;
        return;
    }
    if (outcome_ == outcome::absent) {
        outcome_ = outcome::unmatched;
    }
    while (true) {
        // RFC 9110, 5.6.1.2: empty members are passed over.
        value.remove_prefix(std::min(value.find_first_not_of(" \t,"), value.size()));
        if (value.empty()) {
            return;
        }
        const std::optional<entity_tag> listed = take_tag(value);
        skip_white_space(value);
        const bool is_delimited = value.empty() || value.starts_with(',');
        if (!listed || !is_delimited || !add_tag(*listed)) {
            outcome_ = outcome::malformed;
            return;
        }
    }
}

entity_tag_text::entity_tag_text(const file_version& version, std::string_view suffix) noexcept {
    assert(suffix.size() <= suffix_bytes_max && std::ranges::all_of(suffix, is_tag_byte));
    suffix = suffix.substr(0, suffix_bytes_max);
    char* const end = text_.data() + text_.size();
    char* out = text_.data();
    constexpr int hexadecimal = 16;
    *out++ = '"';
    out = std::to_chars(out, end, version.size_bytes, hexadecimal).ptr;
    *out++ = '-';
    out = std::to_chars(out, end, version.modified_seconds, hexadecimal).ptr;
    *out++ = '.';
    out = std::to_chars(out, end, version.modified_nanoseconds, hexadecimal).ptr;
    if (version.inode != 0) {
        *out++ = '-';
        // Unsigned, so that no time overflows: after 584 years it begins anew.
        const std::uint64_t changed =
            static_cast<std::uint64_t>(version.changed_seconds) * nanoseconds_a_second +
            version.changed_nanoseconds;
        out = std::to_chars(out, end, scatter(version.inode, changed), hexadecimal).ptr;
    }
    out = std::ranges::copy(suffix, out).out;
    *out++ = '"';
    size_ = static_cast<std::uint8_t>(out - text_.data());
}

}  // namespace rouse::http
