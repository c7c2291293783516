#include <algorithm>
#include <array>
#include <charconv>

#include "tests/sim/http/refused_requests.hpp"
#include "tests/sim/http/request_draft.hpp"
#include "tests/sim/http/route_content.hpp"

namespace rouse::sim {
namespace {

struct text_line {
    std::string_view name;
    std::string_view value;
};

// What a server has nothing to do with, near misses of what it has among them.
constexpr text_line other_lines[] = {
    {"Accept", "*/*"},
    {"User-Agent", "sim/1.0 (x; y) z"},
    {"Cookie", "a=b; c=\"d\""},
    {"X-Obs", "\xe4\xf6\xff"},
    {"X-Empty", ""},
    {"X-Tab", "a\tb \t c"},
    {"!#$%&'*+-.^_`|~0aZ", "token"},
    {"Keep-Alive", "timeout=5"},
    {"TE", "trailers"},
    {"Upgrade", "h2c"},
    {"Hose", "a b"},
    {"Hosts", "a/b"},
    {"Excepts", "nothing"},
    {"Expecu", "nothing"},
    {"Connectiom", "close"},
    {"Content-Lengt", "1"},
    {"Content-Lengti", "x"},
    {"X-Content-Length", "17"},
    {"Transfer-Encodinh", "chunked"},
    {"Transfer_Encoding", "chunked"},
    {"Content-Types", "x"},
};

/// Writes the head; knows what of its limits is left.
class head_writer {
   public:
    explicit head_writer(request_draft& draft)
        : draft_(draft), out_(draft.made.bytes), is_odd_(draft.draw.chance(100'000)) {}

    void write();

   private:
    void write_request_line();
    void write_host();
    void write_framing();
    void write_other_lines();
    void pad();
    void line(std::string_view name, std::string_view value);
    void append_name(std::string_view name);

    [[nodiscard]] std::size_t lines_left() const noexcept {
        return draft_.limits.head.header_count_max - draft_.header_count;
    }
    /// Without the empty line at the end.
    [[nodiscard]] std::size_t bytes_left() const noexcept {
        return draft_.limits.head.header_bytes_max - out_.size() - 2;
    }

    request_draft& draft_;
    std::string& out_;
    const bool is_odd_;  ///< Legal, and as no client would write it.
};

void head_writer::write() {
    write_request_line();
    const bool host_is_first = !is_odd_ || draft_.draw.coin();
    if (host_is_first) {
        write_host();
    }
    if (!draft_.connection.empty()) {
        line("Connection", draft_.connection);
    }
    if (draft_.has_type_of_body || is_odd_) {
        constexpr std::string_view types[] = {"text/plain", "application/json", "x/y; z=\"q\"", ""};
        if (draft_.draw.below(3) != 0) {
            draft_.content_type = draft_.draw.pick(types);
            line("Content-Type", draft_.content_type);
        }
    }
    write_framing();
    if (draft_.has_expect) {
        constexpr std::string_view values[] = {"100-continue", "100-continue", "100-Continue",
                                               " ,100-continue,,"};
        line("Expect", draft_.draw.pick(values));
    }
    if (draft_.tells_head && draft_.draw.coin()) {
        constexpr std::string_view tags[] = {"blue", "a b", "\"q\"", "x\ty", "", "\xff"};
        draft_.tag = draft_.draw.pick(tags);
        line("X-Tag", draft_.tag);
    }
    if (!host_is_first) {
        write_host();
    }
    write_other_lines();
    out_ += "\r\n";
}

void head_writer::write_request_line() {
    if (is_odd_ && draft_.draw.coin()) {
        const std::uint64_t empty_lines = draft_.draw.between(1, 4);
        for (std::uint64_t count = 0; count < empty_lines; ++count) {
            out_ += "\r\n";
        }
    }
    out_ += draft_.method_name;
    out_ += " ";
    draft_.target_begin = out_.size();
    if (draft_.path.front() == '/' && draft_.draw.chance(30'000)) {
        struct authority {
            std::string_view prefix;
            std::string_view host;
        };
        static constexpr authority authorities[] = {
            {"http://", "proxied"}, {"HTTP://", "[::1]:81"}, {"https://", "a.b:65535"}};
        const authority& chosen = draft_.draw.pick(authorities);
        draft_.host = chosen.host;
        out_ += chosen.prefix;
        out_ += chosen.host;
    }
    // The path of an absolute target may be left out when it is the root, but for OPTIONS: RFC
    // 9112, 3.2.4.
    if (draft_.host.empty() || draft_.path != "/" || draft_.verb == http::method::options ||
        draft_.draw.coin()) {
        out_ += draft_.path;
    }
    if (draft_.has_query) {
        out_ += "?";
        out_ += draft_.query;
    }
    draft_.target_bytes = out_.size() - draft_.target_begin;
    out_ += " HTTP/1.";
    out_.push_back(static_cast<char>('0' + draft_.minor_version));
    out_ += "\r\n";
}

void head_writer::write_host() {
    constexpr std::string_view hosts[] = {
        "sim", "sim", "sim.test:8080", "127.0.0.1:80", "[::1]:8", "x-y_z~%41", ""};
    if (draft_.minor_version == 0 && draft_.draw.coin()) {
        return;
    }
    const std::string_view host = draft_.draw.pick(hosts);
    if (draft_.host.empty()) {
        draft_.host = host;
    }
    line("Host", host);
}

void head_writer::write_framing() {
    if (draft_.framing == request_framing::chunked) {
        constexpr std::string_view values[] = {"chunked", "chunked", "chunked", "Chunked"};
        line("Transfer-Encoding", draft_.draw.pick(values));
    } else if (draft_.framing == request_framing::length) {
        std::array<char, 24> digits{'0', '0'};
        char* const begin = digits.data() + 2;
        const auto end =
            std::to_chars(begin, digits.data() + digits.size(), draft_.data_length).ptr;
        const std::ptrdiff_t zeros = is_odd_ ? 2 : 0;
        line("Content-Length", std::string_view(begin - zeros, end));
    }
}

void head_writer::write_other_lines() {
    constexpr std::size_t line_bytes_max = 48;
    const std::uint64_t drawn = draft_.draw.below(3'000);
    std::uint64_t wanted = drawn < 2'000 ? 0 : drawn % 4 + 1;
    const bool is_cheap = draft_.limits.head.header_bytes_max <= 1'024;
    if (drawn < 10) {
        wanted = lines_left();
    } else if (drawn < (is_cheap ? 20 : 12)) {
        return pad();
    }
    while (wanted > 0 && lines_left() > 0 && bytes_left() >= line_bytes_max) {
        const text_line& chosen = draft_.draw.pick(other_lines);
        line(chosen.name, chosen.value);
        --wanted;
    }
    while (drawn < 5 && lines_left() > 0 && bytes_left() >= 4) {
        out_ += "a:\r\n";
        ++draft_.header_count;
    }
}

// Not one byte more would be taken.
void head_writer::pad() {
    constexpr std::string_view name = "X-Pad:";
    if (lines_left() == 0 || bytes_left() < name.size() + 2) {
        return;
    }
    out_ += name;
    out_.append(bytes_left() - 2, 'p');
    out_ += "\r\n";
    ++draft_.header_count;
}

void head_writer::line(std::string_view name, std::string_view value) {
    ++draft_.header_count;
    if (!is_odd_) {
        out_.append(name).append(": ").append(value).append("\r\n");
        return;
    }
    constexpr std::string_view befores[] = {" ", "", "  ", "\t", " \t "};
    constexpr std::string_view afters[] = {"", "", " ", "\t ", "  "};
    append_name(name);
    out_ += ":";
    out_ += draft_.draw.pick(befores);
    out_ += value;
    out_ += draft_.draw.pick(afters);
    out_ += "\r\n";
}

void head_writer::append_name(std::string_view name) {
    const std::uint64_t flips = draft_.draw.below(256);
    for (std::size_t index = 0; index < name.size(); ++index) {
        const char byte = name[index];
        const bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        const bool is_flipped = is_letter && ((flips >> (index % 8)) & 1U) != 0;
        out_.push_back(is_flipped ? static_cast<char>(byte ^ 0x20) : byte);
    }
}

/// Writes a chunked body.
class chunk_writer {
   public:
    explicit chunk_writer(request_draft& draft) : draft_(draft), out_(draft.made.bytes) {}

    void write() {
        write_chunks();
        switch (draft_.fault) {
            case body_fault::malformed:
                draft_.fault_at = append_fault();
                return;
            case body_fault::too_long:
                write_surplus();
                break;
            case body_fault::none:
            case body_fault::announced:
                break;
        }
        out_ += draft_.draw.chance(100'000) ? "000" : "0";
        if (draft_.draw.chance(50'000)) {
            out_ += ";last";
        }
        out_ += "\r\n";
        write_trailer();
        out_ += "\r\n";
    }

   private:
    void write_chunks() {
        constexpr std::size_t chunks_max = 12;
        std::string_view rest = draft_.data;
        for (std::size_t count = 1; !rest.empty(); ++count) {
            // Few draws make one chunk, many, or a small one before a large one.
            const bool is_last = count == chunks_max || draft_.draw.below(3) == 0;
            const std::size_t size =
                is_last ? rest.size() : draft_.draw.between(1, std::min(rest.size(), small_max()));
            write_chunk(rest.substr(0, size));
            rest.remove_prefix(size);
        }
    }
    [[nodiscard]] std::size_t small_max() const noexcept {
        return std::max<std::size_t>(16, draft_.data.size() / 4);
    }
    void write_chunk(std::string_view data) {
        write_size(data.size());
        out_ += "\r\n";
        out_ += data;
        out_ += "\r\n";
    }
    void write_size(std::size_t size) {
        const std::uint64_t form = draft_.draw.below(32);
        std::array<char, 16> digits{};
        char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
        if (form == 1) {
            out_ += "000";
        }
        for (char* digit = digits.data(); digit != end; ++digit) {
            const bool is_raised = form >= 16 && *digit >= 'a';
            out_.push_back(is_raised ? static_cast<char>(*digit - 0x20) : *digit);
        }
        // Their bytes count together: one that is to be too long would show earlier.
        if ((form == 2 || form == 3) && draft_.fault != body_fault::malformed) {
            constexpr std::string_view extensions[] = {";a", ";a=b", "; a = \"b;\\\"\"", " ;x",
                                                       ";"};
            out_ += draft_.draw.pick(extensions);
        }
    }
    // Where the first byte too many has come.
    void write_surplus() {
        const std::size_t size = draft_.draw.between(1, 300);
        write_size(size);
        out_ += "\r\n";
        draft_.fault_at = out_.size() + 1;
        out_ += noise(0, size);
        out_ += "\r\n";
    }
    std::size_t append_fault() {
        const std::uint64_t drawn = draft_.draw.below(200);
        if (drawn == 0) {
            out_ += "5;";
            out_.append(extension_bytes_max, 'e');
        } else if (drawn == 1) {
            draft_.malformed_status = 431;
            out_ += "0\r\nX:";
            out_.append(trailer_bytes_max - 1, 't');
        } else if (drawn < 80 && !draft_.data.empty()) {
            constexpr std::string_view chunk_ends[] = {"\n|", "X|\n", "\rX|", "0|\r\n"};
            out_.resize(out_.size() - 2);
            return append_marked(out_, draft_.draw.pick(chunk_ends));
        } else {
            return append_marked(out_, draw_chunk_fault(draft_.draw));
        }
        return out_.size();
    }
    void write_trailer() {
        if (!draft_.draw.chance(100'000)) {
            return;
        }
        constexpr std::string_view trailers[] = {"X-Sum: 1\r\n", "X:\r\nY: \t z \r\n",
                                                 "Content-Length: 5\r\n",
                                                 "Transfer-Encoding: chunked\r\n", "Host: b\r\n"};
        out_ += draft_.draw.pick(trailers);
    }

    // Documented bounds of the server, with the ';' and the name counted.
    static constexpr std::size_t extension_bytes_max = 4'096;
    static constexpr std::size_t trailer_bytes_max = 8'192;

    request_draft& draft_;
    std::string& out_;
};

}  // namespace

void write_request(request_draft& draft) {
    std::string& out = draft.made.bytes;
    constexpr std::size_t head_bytes_usual = 320;
    out.reserve(head_bytes_usual + draft.data.size());
    head_writer(draft).write();
    draft.made.head_bytes = out.size();
    if (draft.framing == request_framing::chunked) {
        chunk_writer(draft).write();
    } else {
        out += draft.data;
    }
}

}  // namespace rouse::sim
