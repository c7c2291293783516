#include "server/access_line.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <ranges>

#include "server/quoted_text.hpp"

namespace rouse::server {
namespace {

constexpr std::string_view absent = "-";
constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::uint8_t byte_of(char letter) noexcept {
    return static_cast<std::uint8_t>(letter);
}

void put_digits(char* out, unsigned number, std::size_t width) noexcept {
    for (std::size_t at = width; at-- > 0; number /= 10) {
        out[at] = static_cast<char>('0' + number % 10);
    }
}

/// Appends to memory that is large enough for any line.
class line_end {
   public:
    explicit line_end(char* begin) noexcept : at_(begin) {}

    [[nodiscard]] char* get() const noexcept { return at_; }

    void text(std::string_view plain) noexcept { at_ = std::ranges::copy(plain, at_).out; }

    template <std::integral Number>
    void number(Number value) noexcept {
        constexpr std::size_t digits_max = 20;
        at_ = std::to_chars(at_, at_ + digits_max, value).ptr;
    }

    /// Two of these sixteen digits.
    void hexadecimal(std::uint8_t value, std::string_view digits) noexcept {
        *at_++ = digits[value >> 4U];
        *at_++ = digits[value & 0x0FU];
    }

   private:
    char* at_;
};

// Stands as it is in both formats. Written so that the compiler looks at many bytes at a time: all
// of them, since nearly every text is plain.
bool is_plain(std::string_view text) noexcept {
    unsigned special = 0;
    for (const char letter : text) {
        const unsigned byte = byte_of(letter);
        special |= static_cast<unsigned>(byte < 0x20) | static_cast<unsigned>(byte >= 0x7F) |
                   static_cast<unsigned>(byte == '"') | static_cast<unsigned>(byte == '\\');
    }
    return special == 0;
}

void append_combined(line_end& line, std::string_view text) noexcept {
    for (const char letter : text) {
        const std::uint8_t byte = byte_of(letter);
        if (byte < 0x20 || byte >= 0x7F || letter == '"' || letter == '\\') {
            line.text("\\x");
            line.hexadecimal(byte, "0123456789ABCDEF");
        } else {
            line.text({&letter, 1});
        }
    }
}

void append_json_control(line_end& line, char control) noexcept {
    switch (control) {
        case '\n':
            line.text("\\n");
            break;
        case '\r':
            line.text("\\r");
            break;
        case '\t':
            line.text("\\t");
            break;
        default:
            line.text("\\u00");
            line.hexadecimal(byte_of(control), "0123456789abcdef");
            break;
    }
}

void append_json(line_end& line, std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t bytes = utf8_sequence_bytes(text);
        const std::uint8_t first = byte_of(text.front());
        if (bytes == 0) {
            line.text(replacement);
        } else if (bytes == 2 && first == 0xC2 && byte_of(text[1]) < 0xA0) {
            append_json_control(line, text[1]);
        } else if (first < 0x20 || first == 0x7F) {
            append_json_control(line, text.front());
        } else if (first == '"' || first == '\\') {
            line.text("\\");
            line.text(text.substr(0, 1));
        } else {
            line.text(text.substr(0, bytes));
        }
        text.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
}

// Not in the middle of a character, as far as there is one.
std::string_view cut_to(std::string_view text, std::size_t bytes_max) noexcept {
    constexpr std::size_t continuations_max = 3;
    for (std::size_t back = 0; back <= continuations_max; ++back) {
        if ((byte_of(text[bytes_max - back]) & 0xC0U) != 0x80) {
            return text.substr(0, bytes_max - back);
        }
    }
    return text.substr(0, bytes_max);
}

void append_field(line_end& line, access_format format, std::string_view text,
                  std::size_t bytes_max) noexcept {
    const bool is_cut = text.size() > bytes_max;
    if (is_cut) {
        text = cut_to(text, bytes_max);
    }
    if (is_plain(text)) {
        line.text(text);
    } else if (format == access_format::combined) {
        append_combined(line, text);
    } else {
        append_json(line, text);
    }
    if (is_cut) {
        line.text("...");
    }
}

// inet_ntop(3) goes through printf for IPv4, which would be a third of a line's cost.
void append_peer(line_end& line, const ip_address& peer) noexcept {
    if (!peer.is_specified()) {
        line.text(absent);
        return;
    }
    const auto& bytes = peer.bytes();
    if (peer.is_ipv4()) {
        constexpr std::size_t first = 12;
        for (std::size_t at = first; at < bytes.size(); ++at) {
            line.text(at == first ? "" : ".");
            line.number(unsigned{bytes[at]});
        }
        return;
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    (void)::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
    line.text(text.data());
}

// One word, since nothing stands around it.
void append_combined_user(line_end& line, std::string_view user) noexcept {
    const bool is_cut = user.size() > access_user_bytes_max;
    if (is_cut) {
        user = cut_to(user, access_user_bytes_max);
    }
    for (const char letter : user) {
        if (letter == ' ') {
            line.text("\\x20");
        } else {
            append_combined(line, {&letter, 1});
        }
    }
    if (is_cut) {
        line.text("...");
    }
}

/// What a line shows of a request.
struct request_fields {
    std::string_view method = absent;
    std::string_view target = absent;
    std::string_view protocol = absent;
    std::string_view referer = absent;
    std::string_view user_agent = absent;
    std::string_view host = absent;
};

std::string_view user_of(const http::access_record& record) noexcept {
    return record.user.empty() ? absent : record.user;
}

request_fields fields_of(const http::request_head* head) noexcept {
    if (head == nullptr) {
        return {};
    }
    request_fields fields{.method = head->method_name,
                          .target = head->target,
                          .protocol = head->minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1"};
    if (!head->host.empty()) {
        fields.host = head->host;
    }
    // From the last to the first, so that the first of a name stays.
    for (const http::header_field& field : std::views::reverse(head->headers)) {
        if (http::equals_ignoring_case(field.name, "referer")) {
            fields.referer = field.value;
        } else if (http::equals_ignoring_case(field.name, "user-agent")) {
            fields.user_agent = field.value;
        }
    }
    return fields;
}

void append_combined_line(line_end& line, const http::access_record& record,
                          const access_time& time) noexcept {
    constexpr auto format = access_format::combined;
    const request_fields fields = fields_of(record.head);
    append_peer(line, record.peer);
    line.text(" - ");
    append_combined_user(line, user_of(record));
    line.text(" [");
    line.text(time.combined());
    line.text("] \"");
    if (record.head == nullptr) {
        line.text(absent);
    } else {
        append_field(line, format, fields.method, access_method_bytes_max);
        line.text(" ");
        append_field(line, format, fields.target, access_target_bytes_max);
        line.text(" ");
        line.text(fields.protocol);
    }
    line.text("\" ");
    line.number(record.status);
    line.text(" ");
    line.number(record.body_bytes);
    line.text(" \"");
    append_field(line, format, fields.referer, access_referer_bytes_max);
    line.text("\" \"");
    append_field(line, format, fields.user_agent, access_user_agent_bytes_max);
    line.text("\"\n");
}

void append_json_line(line_end& line, const http::access_record& record,
                      const access_time& time) noexcept {
    constexpr auto format = access_format::json;
    const request_fields fields = fields_of(record.head);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::max(record.took, duration::zero()));
    line.text(R"({"time":")");
    line.text(time.rfc3339());
    line.text(R"(","peer":")");
    append_peer(line, record.peer);
    line.text(R"(","user":")");
    append_field(line, format, user_of(record), access_user_bytes_max);
    line.text(R"(","method":")");
    append_field(line, format, fields.method, access_method_bytes_max);
    line.text(R"(","target":")");
    append_field(line, format, fields.target, access_target_bytes_max);
    line.text(R"(","protocol":")");
    line.text(fields.protocol);
    line.text(R"(","status":)");
    line.number(record.status);
    line.text(R"(,"bytes":)");
    line.number(record.body_bytes);
    line.text(R"(,"duration_us":)");
    line.number(took.count());
    line.text(R"(,"referer":")");
    append_field(line, format, fields.referer, access_referer_bytes_max);
    line.text(R"(","user_agent":")");
    append_field(line, format, fields.user_agent, access_user_agent_bytes_max);
    line.text(R"(","host":")");
    append_field(line, format, fields.host, access_host_bytes_max);
    line.text(record.is_cut ? R"(","cut":true})" : R"(","cut":false})");
    line.text("\n");
}

}  // namespace

void access_time::set(std::chrono::sys_time<std::chrono::milliseconds> now) noexcept {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (second != second_) {
        set_second(second);
        second_ = second;
    }
    constexpr std::size_t milliseconds_at = 20;
    put_digits(&rfc3339_[milliseconds_at], static_cast<unsigned>((now - second).count()), 3);
}

void access_time::set_second(std::chrono::sys_seconds second) noexcept {
    using namespace std::chrono;
    constexpr sys_seconds first = sys_days(year(0) / January / 1);
    constexpr sys_seconds last = sys_days(year(10'000) / January / 1) - seconds(1);
    const sys_seconds moment = std::clamp(second, first, last);
    const auto midnight = floor<days>(moment);
    const year_month_day date(midnight);
    const hh_mm_ss clock(moment - midnight);
    const auto year_number = static_cast<unsigned>(static_cast<int>(date.year()));
    const auto month_number = static_cast<unsigned>(date.month());
    const auto day_number = static_cast<unsigned>(date.day());
    const auto hours = static_cast<unsigned>(clock.hours().count());
    const auto minutes = static_cast<unsigned>(clock.minutes().count());
    const auto in_minute = static_cast<unsigned>(clock.seconds().count());

    constexpr std::string_view month_names = "JanFebMarAprMayJunJulAugSepOctNovDec";
    (void)std::string_view("__/___/____:__:__:__ +0000").copy(combined_.data(), combined_.size());
    put_digits(&combined_[0], day_number, 2);
    (void)month_names.substr(3 * std::size_t{month_number - 1}, 3).copy(&combined_[3], 3);
    put_digits(&combined_[7], year_number, 4);
    put_digits(&combined_[12], hours, 2);
    put_digits(&combined_[15], minutes, 2);
    put_digits(&combined_[18], in_minute, 2);

    (void)std::string_view("____-__-__T__:__:__.___Z").copy(rfc3339_.data(), rfc3339_.size());
    put_digits(&rfc3339_[0], year_number, 4);
    put_digits(&rfc3339_[5], month_number, 2);
    put_digits(&rfc3339_[8], day_number, 2);
    put_digits(&rfc3339_[11], hours, 2);
    put_digits(&rfc3339_[14], minutes, 2);
    put_digits(&rfc3339_[17], in_minute, 2);
}

std::string_view write_access_line(access_format format, const http::access_record& record,
                                   const access_time& time,
                                   std::span<char, access_line_bytes_max> out) noexcept {
    line_end line(out.data());
    if (format == access_format::combined) {
        append_combined_line(line, record, time);
    } else {
        append_json_line(line, record, time);
    }
    return {out.data(), line.get()};
}

}  // namespace rouse::server
