#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/files/entity_tag.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/reference_text.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::byte_reader;
using rouse::fuzz::exact_copy;
using rouse::fuzz::require;
using rouse::fuzz::split;
using rouse::fuzz::trimmed;
using search = entity_tag_search;

// The grammar of one tag: [ W/ ] DQUOTE *etagc DQUOTE.
bool is_tag(std::string_view text) {
    if (text.starts_with("W/")) {
        text.remove_prefix(2);
    }
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') {
        return false;
    }
    for (const char byte : text.substr(1, text.size() - 2)) {
        const auto value = static_cast<unsigned char>(byte);
        const bool is_etagc = value == 0x21 || (value >= 0x23 && value <= 0x7e) || value >= 0x80;
        if (!is_etagc) {
            return false;
        }
    }
    return true;
}

// The members of all lines as one list: commas count outside of quotes only.
std::vector<std::string> members_of(const std::vector<std::string_view>& lines) {
    std::vector<std::string> members(1);
    for (const std::string_view line : lines) {
        bool is_quoted = false;
        for (const char byte : line) {
            is_quoted = is_quoted != (byte == '"');
            if (byte == ',' && !is_quoted) {
                members.emplace_back();
            } else {
                members.back().push_back(byte);
            }
        }
        members.emplace_back();
    }
    return members;
}

search::outcome look(const std::vector<std::string_view>& lines, std::string_view wanted,
                     bool strong) {
    if (lines.empty()) {
        return search::outcome::absent;
    }
    if (lines.size() == 1 && trimmed(lines[0]) == "*") {
        return search::outcome::any;
    }
    std::size_t count = 0;
    search::outcome found = search::outcome::unmatched;
    for (const std::string& member : members_of(lines)) {
        const std::string_view tag = trimmed(member);
        if (tag.empty()) {
            continue;
        }
        if (!is_tag(tag) || ++count > entity_tags_max) {
            return search::outcome::malformed;
        }
        const bool equal = strong ? tag == wanted && !tag.starts_with('W')
                                  : tag.substr(tag.find('"')) == wanted.substr(wanted.find('"'));
        if (is_tag(wanted) && equal) {
            found = search::outcome::matched;
        }
    }
    return found;
}

void check_list(std::string_view text) {
    std::vector<std::string_view> lines = split(text, '\n');
    const std::string_view wanted = lines.empty() ? std::string_view() : lines.front();
    if (!lines.empty()) {
        lines.erase(lines.begin());
    }
    const exact_copy wanted_copy(wanted);
    const std::optional<entity_tag> tag = parse_entity_tag(wanted_copy.text());
    require(tag.has_value() == is_tag(wanted));
    require(!tag || (tag->weak == wanted.starts_with('W') &&
                     wanted.ends_with("\"" + std::string(tag->opaque) + "\"")));
    for (const bool strong : {false, true}) {
        search made(tag, strong ? search::comparison::strong : search::comparison::weak);
        for (const std::string_view line : lines) {
            const exact_copy copy(line);
            made.add_line(copy.text());
        }
        require(made.result() == look(lines, is_tag(wanted) ? wanted : "\"", strong));
    }
}

// Two versions have one tag when they are one, and only then.
void check_versions(byte_reader& input) {
    const auto draw = [&input] {
        return file_version{.size_bytes = input.number<std::uint64_t>(),
                            .modified_seconds = input.number<std::int64_t>(),
                            .modified_nanoseconds = input.number<std::uint32_t>(),
                            .inode = input.number<std::uint64_t>()};
    };
    const file_version left = draw();
    file_version right = input.flag() ? draw() : left;
    right.inode ^= input.number<std::uint8_t>();
    const std::string_view suffix = input.flag() ? "-gzip" : "";
    const entity_tag_text left_text(left);
    const entity_tag_text right_text(right, suffix);
    require(is_tag(left_text.text()) && is_tag(right_text.text()));
    const bool same = suffix.empty() && left.size_bytes == right.size_bytes &&
                      left.modified_seconds == right.modified_seconds &&
                      left.modified_nanoseconds == right.modified_nanoseconds &&
                      left.inode == right.inode;
    require((left_text.text() == right_text.text()) == same);
    require(strongly_equal(left_text.tag(), right_text.tag()) == same);
}

}  // namespace

// 'v' and two versions of a file; or the tag that is looked for, then the lines of a list.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader input(data, size);
    if (size > 0 && data[0] == 'v') {
        (void)input.text(1);
        check_versions(input);
    } else {
        check_list(input.rest());
    }
    return 0;
}
