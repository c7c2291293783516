#include "protocols/http/files/listing.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "protocols/http/files/text_escape.hpp"

namespace rouse::http {
namespace {

// Its SHA-256 stands in listing_security_policy.
constexpr std::string_view style =
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{border-bottom:1px solid #8884;padding:.25rem .5rem;text-align:left}"
    "td:first-child{overflow-wrap:anywhere}"
    "th:nth-child(2),td:nth-child(2){font-variant-numeric:tabular-nums;text-align:right}"
    "th:nth-child(3),td:nth-child(3){white-space:nowrap}";

constexpr std::size_t html_bytes_around_name = 160;
constexpr std::size_t json_bytes_around_name = 100;

template <class Number>
void append_number(std::string& out, Number value, std::size_t digits_min = 1) {
    std::array<char, 20> digits{};
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const auto count = static_cast<std::size_t>(end - digits.data());
    out.append(digits_min - std::min(count, digits_min), '0').append(digits.data(), count);
}

// "1994-11-06T08:49:37Z", see RFC 3339. Years have four digits there.
void append_time(std::string& out, std::int64_t seconds_since_1970) {
    using namespace std::chrono;
    constexpr sys_seconds first = sys_days(year(0) / January / 1);
    constexpr sys_seconds last = sys_days(year(10'000) / January / 1) - seconds(1);
    const sys_seconds moment(seconds(std::clamp<std::int64_t>(
        seconds_since_1970, first.time_since_epoch().count(), last.time_since_epoch().count())));
    const auto midnight = floor<days>(moment);
    const year_month_day date(midnight);
    const hh_mm_ss time(moment - midnight);
    append_number(out, static_cast<int>(date.year()), 4);
    append_number(out.append("-"), static_cast<unsigned>(date.month()), 2);
    append_number(out.append("-"), static_cast<unsigned>(date.day()), 2);
    append_number(out.append("T"), time.hours().count(), 2);
    append_number(out.append(":"), time.minutes().count(), 2);
    append_number(out.append(":"), time.seconds().count(), 2);
    out.append("Z");
}

// "/a/b/", or "/" for the root.
std::string shown_path(std::string_view folder) {
    return folder == "." ? "/" : std::string("/").append(folder).append("/");
}

void append_html_entry(std::string& out, const listing_entry& entry) {
    const std::string_view slash = entry.is_folder ? "/" : "";
    append_percent_encoded(out.append("<tr><td><a href=\""), entry.name);
    // A name from right to left must not turn the rest of the line.
    append_html_escaped(out.append(slash).append("\"><bdi>"), entry.name);
    out.append(slash).append("</bdi></a></td><td>");
    if (!entry.is_folder) {
        append_number(out, entry.size_bytes);
    }
    append_time(out.append("</td><td>"), entry.modified_seconds);
    out.append("</td></tr>\n");
}

void append_json_entry(std::string& out, const listing_entry& entry) {
    append_json_escaped(out.append("{\"name\":\""), entry.name);
    append_percent_encoded(out.append("\",\"href\":\""), entry.name);
    out.append(entry.is_folder ? "/\",\"type\":\"directory\"" : "\",\"type\":\"file\"");
    if (!entry.is_folder) {
        append_number(out.append(",\"size\":"), entry.size_bytes);
    }
    append_time(out.append(",\"modified\":\""), entry.modified_seconds);
    out.append("\"}");
}

// As many as are shown.
std::span<const listing_entry> shown_entries(const folder_listing& listing) noexcept {
    return listing.entries.first(std::min(listing.entries.size(), listing_entries_max));
}

bool is_shown_in_part(const folder_listing& listing) noexcept {
    return listing.is_cut || listing.entries.size() > listing_entries_max;
}

std::size_t name_bytes(std::span<const listing_entry> entries) noexcept {
    std::size_t total = 0;
    for (const listing_entry& entry : entries) {
        total += entry.name.size();
    }
    return total;
}

}  // namespace

void sort_listing(std::span<listing_entry> entries) noexcept {
    std::ranges::sort(entries, [](const listing_entry& left, const listing_entry& right) {
        return left.is_folder != right.is_folder ? left.is_folder : left.name < right.name;
    });
}

std::string to_html(const folder_listing& listing) {
    const std::span<const listing_entry> entries = shown_entries(listing);
    std::string title("Index of ");
    append_html_escaped(title, shown_path(listing.folder));
    std::string page;
    page.reserve(1'024 + 2 * title.size() + 2 * name_bytes(entries) +
                 html_bytes_around_name * entries.size());
    page.append(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    page.append(title).append("</title>\n<style>").append(style).append("</style>\n</head>\n");
    page.append("<body>\n<h1>").append(title).append("</h1>\n<table>\n");
    page.append("<thead><tr><th>Name</th><th>Bytes</th><th>Modified</th></tr></thead>\n<tbody>\n");
    if (listing.folder != ".") {
        page.append("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
    }
    for (const listing_entry& entry : entries) {
        append_html_entry(page, entry);
    }
    page.append("</tbody>\n</table>\n");
    if (is_shown_in_part(listing)) {
        append_number(page.append("<p>Only "), entries.size());
        page.append(" entries are shown; there are more.</p>\n");
    }
    return page.append("</body>\n</html>\n");
}

std::string to_json(const folder_listing& listing) {
    const std::span<const listing_entry> entries = shown_entries(listing);
    std::string text;
    text.reserve(256 + 2 * name_bytes(entries) + json_bytes_around_name * entries.size());
    append_json_escaped(text.append("{\"path\":\""), shown_path(listing.folder));
    text.append(is_shown_in_part(listing) ? "\",\"cut\":true" : "\",\"cut\":false");
    text.append(",\"entries\":[");
    for (const listing_entry& entry : entries) {
        append_json_entry(text.append(&entry == entries.data() ? "\n" : ",\n"), entry);
    }
    return text.append("\n]}\n");
}

}  // namespace rouse::http
