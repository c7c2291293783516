#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/field_digest.hpp"
#include "protocols/http/header_field.hpp"
#include "protocols/http/request_target.hpp"
#include "protocols/http/scan.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/reference_text.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::byte_reader;
using rouse::fuzz::exact_copy;
using rouse::fuzz::lower;
using rouse::fuzz::require;
using rouse::fuzz::split;
using rouse::fuzz::trimmed;

std::vector<std::string> members_of(std::string_view list) {
    std::vector<std::string> members;
    for (const std::string_view part : split(list, ',')) {
        if (!trimmed(part).empty()) {
            members.emplace_back(lower(trimmed(part)));
        }
    }
    return members;
}

bool contains(const std::vector<std::string>& members, std::string_view wanted) {
    return std::ranges::find(members, wanted) != members.end();
}

void check_list(std::string_view list) {
    std::vector<std::string> members;
    std::string_view rest = list;
    for (std::string_view member = next_list_member(rest); !member.empty();
         member = next_list_member(rest)) {
        members.emplace_back(lower(member));
    }
    require(rest.empty() && members == members_of(list));
}

// The fast path of a scan says what the plain one does, from each place in the text.
void check_scans(std::string_view text) {
    const exact_copy copy(text);
    const char* const end = copy.text().data() + copy.text().size();
    for (const char* at = copy.text().data(); at != end; ++at) {
        require(scan::find_token_end(at, end) == scan::portable::find_token_end(at, end));
        require(scan::find_target_end(at, end) == scan::portable::find_target_end(at, end));
        require(scan::find_path_end(at, end) == scan::portable::find_path_end(at, end));
        require(scan::find_value_end(at, end) == scan::portable::find_value_end(at, end));
    }
}

// The meaning of a header section, each rule on its own and looking at all lines every time.
class section {
   public:
    explicit section(const std::vector<header_field>& fields) : fields_(fields) {}

    [[nodiscard]] std::vector<std::string> values(std::string_view name) const {
        std::vector<std::string> found;
        for (const header_field& field : fields_) {
            if (lower(field.name) == name) {
                found.emplace_back(field.value);
            }
        }
        return found;
    }
    [[nodiscard]] std::vector<std::string> members(std::string_view name) const {
        std::vector<std::string> all;
        for (const std::string& value : values(name)) {
            std::ranges::copy(members_of(value), std::back_inserter(all));
        }
        return all;
    }

    // Without regard to the version: may these lines stand in a request at all?
    [[nodiscard]] bool is_acceptable() const {
        const auto hosts = values("host");
        const auto codings = values("transfer-encoding");
        const auto expected = members("expect");
        return hosts.size() <= 1 && (hosts.empty() || is_valid_host(hosts.front())) &&
               values("content-length").size() <= 1 &&
               (values("content-length").empty() || content_length()) && codings.size() <= 1 &&
               (codings.empty() || lower(codings.front()) == "chunked") &&
               std::ranges::all_of(
                   expected, [](const std::string& member) { return member == "100-continue"; });
    }
    [[nodiscard]] std::optional<std::uint64_t> content_length() const {
        const auto found = values("content-length");
        if (found.empty() || found.front().find_first_not_of("0123456789") != std::string::npos) {
            return std::nullopt;
        }
        std::uint64_t number = 0;
        const std::string& text = found.front();
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        return error == std::errc() && !text.empty() ? std::optional(number) : std::nullopt;
    }

   private:
    const std::vector<header_field>& fields_;
};

void check_finished(const section& lines, const field_digest& digest,
                    const std::vector<header_field>& fields, std::uint8_t minor_version) {
    request_head head;
    head.minor_version = minor_version;
    head.headers = fields;
    const parse_error error = digest.finish(head);
    const bool old = minor_version == 0;
    const bool chunked = !lines.values("transfer-encoding").empty();
    const bool counted = lines.content_length().has_value();
    const auto hosts = lines.values("host");
    const bool refused = (hosts.empty() && !old) || (chunked && (old || counted));
    require((error != parse_error::none) == refused);
    if (refused) {
        return;
    }
    require(head.framing == (chunked   ? body_framing::chunked
                             : counted ? body_framing::length
                                       : body_framing::none));
    require(head.content_length == lines.content_length().value_or(0));
    const auto options = lines.members("connection");
    require(head.keep_alive ==
            (!contains(options, "close") && (!old || contains(options, "keep-alive"))));
    require(head.expect_continue ==
            (!lines.members("expect").empty() && !old && (chunked || head.content_length > 0)));
    require(head.host == (hosts.empty() ? std::string() : hosts.front()));
    const auto types = lines.values("content-type");
    require(head.content_type == (types.empty() ? std::string() : types.front()));
    for (const header_field& field : fields) {
        require(head.find(field.name) == lines.values(lower(field.name)).front());
    }
}

}  // namespace

// Lines of a header section, "name: value": what the framing hangs on is what a slow and simple
// reading of all lines says, and each line by itself is looked at by the small functions.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t lines_max = 100;
    byte_reader reader(data, size);
    std::vector<header_field> fields;
    bool refused = false;
    field_digest digest;
    while (!reader.empty() && fields.size() < lines_max) {
        const std::string_view text = reader.text_until('\n');
        const std::size_t colon = std::min(text.find(':'), text.size());
        const header_field field{.name = text.substr(0, colon),
                                 .value = trimmed(text.substr(std::min(colon + 1, text.size())))};
        check_scans(text.substr(0, 64));
        check_list(field.value);
        require(equals_ignoring_case(field.name, field.value) ==
                (lower(field.name) == lower(field.value)));
        if (is_valid(field) && !refused) {
            const auto index = static_cast<std::uint8_t>(fields.size());
            refused = digest.add(field, index) != parse_error::none;
            fields.push_back(field);
        }
    }
    const section lines(fields);
    require(refused == !lines.is_acceptable());
    if (!refused) {
        check_finished(lines, digest, fields, 0);
        check_finished(lines, digest, fields, 1);
    }
    return 0;
}
