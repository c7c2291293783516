#include "protocols/http/files/media_type.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/files/media_type_table.hpp"
#include "protocols/http/header_field.hpp"

namespace rouse::http {
namespace {

// An extension in lower case, in place; empty when it is longer than any that is known.
class folded_extension {
   public:
    explicit folded_extension(std::string_view extension) noexcept {
        if (extension.size() <= bytes_.size()) {
            std::ranges::transform(extension, bytes_.begin(), to_lower);
            size_ = extension.size();
        }
    }
    [[nodiscard]] std::string_view text() const noexcept { return {bytes_.data(), size_}; }

   private:
    std::array<char, extension_bytes_max> bytes_{};
    std::size_t size_ = 0;
};

std::string_view find_builtin(std::string_view folded) noexcept {
    const auto* const found = std::ranges::lower_bound(
        detail::media_type_table, folded, std::ranges::less(), &detail::media_type_row::extension);
    return found != detail::media_type_table.end() && found->extension == folded
               ? found->media_type
               : std::string_view();
}

// RFC 9110, 8.3.1: type "/" subtype, both tokens, then parameters.
bool is_media_type(std::string_view text) noexcept {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || !all_in(text, byte_class::field_value)) {
        return false;
    }
    const std::string_view type = text.substr(0, slash);
    std::string_view subtype = text.substr(slash + 1);
    subtype = subtype.substr(0, subtype.find_first_of("; \t"));
    return !type.empty() && !subtype.empty() && all_in(type, byte_class::token) &&
           all_in(subtype, byte_class::token);
}

bool is_extension(std::string_view text) noexcept {
    return !text.empty() && text.size() <= extension_bytes_max &&
           std::ranges::all_of(text, [](char byte) {
               return is_in(byte, byte_class::alphanumeric) || byte == '-' || byte == '_' ||
                      byte == '+';
           });
}

// Made of text, or of numbers that are not compressed, although the type does not say so.
constexpr std::array<std::string_view, 21> compressible_types = {
    "application/dash+xml",
    "application/javascript",
    "application/json",
    "application/json5",
    "application/jsonl",
    "application/postscript",
    "application/rtf",
    "application/sql",
    "application/toml",
    "application/vnd.apple.mpegurl",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/x-ndjson",
    "application/x-pem-file",
    "application/xml",
    "application/yaml",
    "font/collection",
    "font/otf",
    "font/ttf",
    "image/bmp",
    "image/x-icon",
};

bool ends_with_ignoring_case(std::string_view text, std::string_view suffix) noexcept {
    return text.size() >= suffix.size() &&
           equals_ignoring_case(text.substr(text.size() - suffix.size()), suffix);
}

}  // namespace

std::string_view extension_of(std::string_view path) noexcept {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos || dot == 0 ? std::string_view() : name.substr(dot + 1);
}

std::string_view builtin_media_type(std::string_view extension) noexcept {
    return find_builtin(folded_extension(extension).text());
}

bool is_compressible(std::string_view media_type) noexcept {
    const std::string_view essence = media_type.substr(0, media_type.find_first_of("; \t"));
    // RFC 6839: a structured syntax suffix.
    return equals_ignoring_case(essence.substr(0, 5), "text/") ||
           ends_with_ignoring_case(essence, "+json") || ends_with_ignoring_case(essence, "+xml") ||
           std::ranges::any_of(compressible_types, [essence](std::string_view type) {
               return equals_ignoring_case(essence, type);
           });
}

bool media_types::add(std::string_view extension, std::string_view media_type) {
    if (!is_extension(extension) || !is_media_type(media_type)) {
        return false;
    }
    const folded_extension folded(extension);
    const auto place =
        std::ranges::lower_bound(added_, folded.text(), std::ranges::less(), &entry::extension);
    if (place != added_.end() && place->extension == folded.text()) {
        place->media_type = media_type;
        return true;
    }
    if (added_.size() == media_types_added_max) {
        return false;
    }
    added_.insert(place,
                  {.extension = std::string(folded.text()), .media_type = std::string(media_type)});
    return true;
}

std::string_view media_types::of(std::string_view path) const noexcept {
    const folded_extension folded(extension_of(path));
    const auto added =
        std::ranges::lower_bound(added_, folded.text(), std::ranges::less(), &entry::extension);
    if (added != added_.end() && added->extension == folded.text()) {
        return added->media_type;
    }
    const std::string_view builtin = find_builtin(folded.text());
    return builtin.empty() ? media_type_default : builtin;
}

}  // namespace rouse::http
