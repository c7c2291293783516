#include "protocols/http/files/cached_file.hpp"

#include <ctime>
#include <span>
#include <utility>

#include "protocols/http/date.hpp"
#include "protocols/http/files/conditions.hpp"

namespace rouse::http {
namespace {

constexpr std::array codings_by_preference = {content_coding::br, content_coding::zstd,
                                              content_coding::gzip};

// Ticks are 10 ms at most; some file systems keep whole seconds, and FAT every other one.
constexpr std::int64_t tick_nanoseconds_max = 50'000'000;
constexpr std::int64_t coarse_seconds_max = 2;
constexpr std::int64_t nanoseconds_a_second = 1'000'000'000;

bool is_past(file_time then, file_time now) noexcept {
    const std::int64_t seconds = now.seconds - then.seconds;
    if (then.nanoseconds == 0 || seconds > coarse_seconds_max) {
        return seconds > coarse_seconds_max;
    }
    return seconds * nanoseconds_a_second + now.nanoseconds - then.nanoseconds >
           tick_nanoseconds_max;
}

std::string http_date(std::int64_t seconds) {
    std::array<char, http_date_bytes> text{};
    format_http_date(seconds, text);
    return {text.data(), text.size()};
}

}  // namespace

content_coding choose_coding(const cached_file& from, const accepted_codings& accepted) noexcept {
    std::array<content_coding, codings_by_preference.size()> available{};
    std::size_t count = 0;
    const auto add = [&](auto is_wanted) {
        for (const content_coding each : codings_by_preference) {
            if (is_wanted(from.state(each))) {
                available[count++] = each;
            }
        }
    };
    add([](coding_state state) {
        return state == coding_state::sibling || state == coding_state::unknown;
    });
    add([](coding_state state) {
        return state == coding_state::possible || state == coding_state::made ||
               state == coding_state::streamed;
    });
    return accepted.choose(std::span(available).first(count));
}

bool is_settled(const file_status& status, file_time now) noexcept {
    return is_past(status.modified, now) && is_past(status.changed, now);
}

file_time wall_time() noexcept {
    timespec now{};
    (void)::clock_gettime(CLOCK_REALTIME, &now);  // There is one always.
    return {.seconds = now.tv_sec, .nanoseconds = static_cast<std::uint32_t>(now.tv_nsec)};
}

std::shared_ptr<file_content> make_content(const cached_file& of, const file_status& source,
                                           content_coding coding, file_time now,
                                           bool inode_in_tag) {
    auto made = std::make_shared<file_content>();
    made->source = source;
    made->is_settled = is_settled(source, now);
    made->size_bytes = source.size;
    // RFC 9110, 8.8.3.3: each coding has a tag of its own.
    std::string suffix;
    if (coding != content_coding::identity) {
        suffix.append("-").append(to_string(coding));
    }
    file_version version{.size_bytes = source.size,
                         .modified_seconds = source.modified.seconds,
                         .modified_nanoseconds = source.modified.nanoseconds};
    if (inode_in_tag) {
        version.inode = source.inode;
        version.changed_seconds = source.changed.seconds;
        version.changed_nanoseconds = source.changed.nanoseconds;
    }
    made->tag = entity_tag_text(version, suffix).text();
    // By the time of the answer: the file may have changed while it was opened, later than `now`,
    // and must not be given a date at which it was another.
    made->modified_seconds = last_modified(source.modified.seconds, wall_time().seconds);
    if (coding != content_coding::identity && of.state(coding) == coding_state::streamed) {
        // RFC 9110, 8.8.1: where its encoder is flushed depends on how the file is read, so it may
        // be other bytes the next time, and no range of them means anything.
        made->streamed = coding;
        made->tag.insert(0, "W/");
    }
    std::vector<response_header> headers;
    headers.reserve(6);
    headers.push_back({.name = "ETag", .value = made->tag});
    headers.push_back({.name = "Last-Modified", .value = http_date(made->modified_seconds)});
    if (!made->streamed) {
        headers.push_back({.name = "Accept-Ranges", .value = "bytes"});  // RFC 9110, 14.3.
    }
    if (coding != content_coding::identity) {
        headers.push_back({.name = "Content-Encoding", .value = std::string(to_string(coding))});
    }
    if (of.is_negotiated) {
        // RFC 9110, 12.5.5: of identity too, or a shared cache would give it to everybody.
        headers.push_back({.name = "Vary", .value = "Accept-Encoding"});
    }
    if (!of.cache_control.empty()) {
        headers.push_back({.name = "Cache-Control", .value = std::string(of.cache_control)});
    }
    made->headers = std::make_shared<const shared_headers>(std::move(headers));
    return made;
}

}  // namespace rouse::http
