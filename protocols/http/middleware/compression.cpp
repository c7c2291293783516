#include "protocols/http/middleware/compression.hpp"

#include <algorithm>
#include <cassert>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "protocols/http/announced_body.hpp"
#include "protocols/http/byte_class.hpp"
#include "protocols/http/header_field.hpp"
#include "protocols/http/middleware/encoded_body.hpp"
#include "protocols/http/middleware/response_fields.hpp"
#include "protocols/http/middleware/stream_permits.hpp"
#include "protocols/http/status.hpp"
#include "protocols/http/text_body.hpp"

namespace rouse::http {
namespace {

// The type of a Content-Type without its parameters. RFC 9110, 8.3.1.
std::string_view media_type(std::string_view content_type) noexcept {
    content_type = content_type.substr(0, content_type.find(';'));
    return content_type.substr(0, content_type.find_last_not_of(" \t") + 1);
}

// "application/*+json" has a part before the star and one after it.
bool is_of_type(std::string_view type, std::string_view pattern) noexcept {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) {
        return equals_ignoring_case(type, pattern);
    }
    const std::string_view after = pattern.substr(star + 1);
    return type.size() > star + after.size() &&
           equals_ignoring_case(type.substr(0, star), pattern.substr(0, star)) &&
           equals_ignoring_case(type.substr(type.size() - after.size()), after);
}

bool is_compressible(const compression_options& options, const response& made) {
    const std::string_view type = media_type(made.content_type);
    return !type.empty() && std::ranges::any_of(options.types, [type](const std::string& each) {
        return is_of_type(type, each);
    });
}

// Whether its bytes are what somebody has chosen already: a coding, or a digest of them (RFC 9530).
bool is_fixed(const response& made) {
    constexpr std::string_view names[] = {"Content-Encoding", "Content-Digest", "Repr-Digest"};
    return std::ranges::any_of(made.headers, [&names](const response_header& each) {
        const bool has_name = std::ranges::any_of(names, [&each](std::string_view name) {
            return equals_ignoring_case(each.name, name);
        });
        return has_name || (equals_ignoring_case(each.name, "Cache-Control") &&
                            has_list_member(each.value, "no-transform"));
    });
}

// A part of a representation, or none of it. RFC 9110, 15.3.7: parts are parts of its bytes as they
// are.
bool is_whole(const response& made) {
    return !status_forbids_content(made.status) && made.status != 205 && made.status != 206 &&
           find_header(made, "Content-Range") == nullptr;
}

// The length of the plain body, where it is known.
std::optional<std::uint64_t> plain_length(const response& made) {
    const auto* source = std::get_if<std::unique_ptr<body_source>>(&made.body);
    return source == nullptr ? text_of(made).size() : (*source)->length();
}

std::unique_ptr<body_source> take_source(response& made) {
    if (auto* literal = std::get_if<std::string_view>(&made.body)) {
        return std::make_unique<text_body>(*literal);
    }
    if (auto* owned = std::get_if<std::string>(&made.body)) {
        return std::make_unique<text_body>(std::move(*owned));
    }
    if (auto* shared = std::get_if<shared_bytes>(&made.body)) {
        return std::make_unique<text_body>(std::move(*shared));
    }
    return std::get<std::unique_ptr<body_source>>(std::move(made.body));
}

// Nothing when the coding gains nothing.
std::optional<std::string> encode_at_once(std::string_view plain, content_coding coding,
                                          const encoder_levels& levels) {
    std::string encoded;
    const auto encoder = make_content_encoder(coding, levels);
    const auto done = encoder->encode(std::as_bytes(std::span(plain)), encoder_step::end, encoded);
    return done && encoded.size() < plain.size() ? std::optional(std::move(encoded)) : std::nullopt;
}

// RFC 9110, 8.8.3.3: another tag for other bytes. A weak one is about what they mean: it stays, and
// so does none.
std::string coded_tag(const response& made, content_coding coding) {
    const std::string* const tag = find_header(made, "ETag");
    if (tag == nullptr || tag->size() < 2 || !tag->starts_with('"') || !tag->ends_with('"')) {
        return {};
    }
    return tag->substr(0, tag->size() - 1).append("-").append(to_string(coding)).append("\"");
}

// RFC 9110, 13.1.2: by weak comparison, for GET and HEAD. "*" is for the handler, which knows what
// there is.
bool is_known_to_client(const request& asked, const response& made, std::string_view tag) {
    const method verb = asked.head().verb;
    if (tag.empty() || made.status != 200 || (verb != method::get && verb != method::head)) {
        return false;
    }
    for (const header_field& field : asked.head().headers) {
        if (!equals_ignoring_case(field.name, "If-None-Match")) {
            continue;
        }
        std::string_view rest = field.value;
        for (std::string_view each = next_list_member(rest); !each.empty();
             each = next_list_member(rest)) {
            each.remove_prefix(each.starts_with("W/") ? 2 : 0);
            if (each == tag) {
                return true;
            }
        }
    }
    return false;
}

struct compressor {
    compression_options options;
    stream_permits streams;
};

// False when the body stays as it was: the coding gains nothing, or there are too many already.
bool encode(const compressor& by, content_coding coding, bool is_head, response& made) {
    const compression_options& options = by.options;
    if (!std::holds_alternative<std::unique_ptr<body_source>>(made.body) &&
        text_of(made).size() <= options.body_bytes_at_once_max) {
        auto encoded = encode_at_once(text_of(made), coding, options.levels);
        const bool is_shorter = encoded.has_value();
        if (is_shorter) {
            made.body = *std::move(encoded);
        }
        return is_shorter;
    }
    if (is_head) {
        // RFC 9110, 8.6: as for GET, no length, since it is not known.
        made.body = std::make_unique<announced_body>(std::nullopt);
        return true;
    }
    auto permit = by.streams.take();
    if (!permit) {
        return false;
    }
    made.body = std::make_unique<encoded_body>(
        take_source(made), make_content_encoder(coding, options.levels), std::move(permit));
    return true;
}

void compress(const compressor& by, const request& asked, response& made) {
    const compression_options& options = by.options;
    // RFC 9110, 15.4.5: a 304, which has no type, has the Vary that its 200 would have had.
    if (made.status == 304) {
        add_vary(made, "Accept-Encoding");
    }
    if (!is_compressible(options, made) || is_fixed(made)) {
        return;
    }
    add_vary(made, "Accept-Encoding");
    const content_coding coding = accepted_codings(asked.head()).choose(options.codings);
    const std::optional<std::uint64_t> length = plain_length(made);
    if (coding == content_coding::identity || !is_whole(made) ||
        (length && *length < options.body_bytes_min)) {
        return;
    }
    std::string tag = coded_tag(made, coding);
    if (is_known_to_client(asked, made, tag)) {
        made.status = 304;
        made.content_type = {};
        made.body = std::string_view();
    } else if (encode(by, coding, asked.head().verb == method::head, made)) {
        made.headers.push_back(
            {.name = "Content-Encoding", .value = std::string(to_string(coding))});
    } else {
        return;
    }
    // Ranges would be of bytes that are made anew each time.
    std::erase_if(made.headers, [](const response_header& each) {
        return equals_ignoring_case(each.name, "Accept-Ranges");
    });
    if (!tag.empty()) {
        *find_header(made, "ETag") = std::move(tag);
    }
}

bool is_type_pattern(std::string_view text) noexcept {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) {
        return false;
    }
    return all_in(text.substr(0, slash), byte_class::token) &&
           all_in(text.substr(slash + 1), byte_class::token) &&
           std::ranges::count(text, '*') <= 1 && !text.substr(0, slash).contains('*');
}

std::string fault_of(const compression_options& options) {
    const auto is_in_range = [](int level, int min, int max) {
        return level >= min && level <= max;
    };
    if (!is_in_range(options.levels.gzip, 1, gzip_level_max)) {
        return "the gzip level is 1 to 9";
    }
    if (!is_in_range(options.levels.br, 0, br_level_max)) {
        return "the br level is 0 to 11";
    }
    if (!is_in_range(options.levels.zstd, 1, zstd_level_max)) {
        return "the zstd level is 1 to 19";
    }
    if (options.codings.empty() ||
        std::ranges::find(options.codings, content_coding::identity) != options.codings.end()) {
        return "codings: one or more of br, zstd and gzip";
    }
    if (options.types.size() > compression_types_max) {
        return "more than " + std::to_string(compression_types_max) + " types";
    }
    for (const std::string& each : options.types) {
        if (!is_type_pattern(each)) {
            return "\"" + each + "\" is no media type";
        }
    }
    if (options.streams_max > compression_streams_max) {
        return "streams: at most " + std::to_string(compression_streams_max);
    }
    if (options.body_bytes_at_once_max > compression_at_once_bytes_max) {
        return "at once: at most " + std::to_string(compression_at_once_bytes_max) + " bytes";
    }
    return {};
}

}  // namespace

std::expected<middleware, std::string> make_compression(compression_options options) {
    if (std::string fault = fault_of(options); !fault.empty()) {
        return std::unexpected("compression: " + fault);
    }
    const stream_permits streams(options.streams_max);
    auto kept = std::make_shared<const compressor>(
        compressor{.options = std::move(options), .streams = streams});
    return middleware([kept](handler inner) {
        return with_response(std::move(inner), [kept](const request& asked, response& made) {
            compress(*kept, asked, made);
        });
    });
}

}  // namespace rouse::http
