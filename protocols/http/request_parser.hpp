#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocols/http/field_digest.hpp"
#include "protocols/http/header_field.hpp"
#include "protocols/http/parse_failure.hpp"
#include "protocols/http/request_head.hpp"
#include "protocols/http/scan_block.hpp"
#include "protocols/http/scan_path.hpp"

namespace rouse::http {

/// The room for header lines in a parser, and so the most that parser_limits::header_count_max can
/// be.
inline constexpr std::size_t header_count_limit = 100;
/// The longest registered method has 17 letters; longer tokens than this are answered with 501.
inline constexpr std::size_t method_bytes_max = 32;
/// CR LF pairs before a request line that are passed over. See RFC 9112, 2.2.
inline constexpr std::size_t empty_lines_max = 4;

/// What one request head may have.
struct parser_limits {
    std::size_t header_bytes_max =
        16'384;  ///< The whole head, with the request line; then 431. Below 4 GiB.
    std::size_t target_bytes_max = 8'192;               ///< Then 414.
    std::size_t header_count_max = header_count_limit;  ///< Header lines; then 431.
};

/// A value, not an error: need_more says that all bytes so far are right.
enum class parse_status : std::uint8_t { done, need_more, bad };

/// Parses the head of one HTTP/1.x request at a time: no I/O, no allocation, no copy, strict as RFC
/// 9112 permits. It can stop at any byte and go on with a longer buffer; what was parsed is not
/// looked at again, but for the header line under way and less than a block behind it.
class request_parser {
   public:
    /// `path` must be supported here; every path gives the same answers.
    explicit request_parser(const parser_limits& limits = {},
                            scan_path path = best_scan_path()) noexcept
        : limits_(limits), find_stops_(scan::find_stops_of(path)), path_(path) {
        assert(limits.header_count_max <= header_count_limit);
        assert(limits.header_bytes_max <= UINT32_MAX);
    }
    request_parser(const request_parser&) = delete;  // head() has a view of our own header array.
    request_parser& operator=(const request_parser&) = delete;
    ~request_parser() = default;

    /// Goes on parsing. `buffer` begins at the first byte of this head, has what it had in the last
    /// call and perhaps more, and may lie elsewhere in memory. `done` and `bad` are final until
    /// reset().
    [[nodiscard]] parse_status parse(std::string_view buffer) noexcept;

    /// The head, after `done`. Its views point into the last buffer.
    [[nodiscard]] const request_head& head() const noexcept {
        assert(state_ == state::done);
        return head_;
    }

    /// After `done`, the length of the head: the body or the next request follows it.
    [[nodiscard]] std::size_t head_bytes() const noexcept {
        assert(state_ == state::done);
        return offset_;
    }

    /// After `bad`, what to answer before the connection closes.
    [[nodiscard]] parse_failure failure() const noexcept { return make_parse_failure(error_); }

    /// False until a byte of the request line was seen: a connection with nothing but empty lines
    /// is still idle.
    [[nodiscard]] bool in_head() const noexcept { return state_ != state::empty_lines; }

    /// Makes it ready for the next head. Costs a few stores; the header array is not cleared.
    void reset() noexcept {
        digest_ = field_digest();
        base_ = nullptr;
        offset_ = 0;
        header_count_ = 0;
        state_ = state::empty_lines;
        error_ = parse_error::none;
    }

   private:
    // In the order in which a head passes through them.
    enum class state : std::uint8_t {
        empty_lines,
        method,
        path,
        query,
        version,
        field_start,
        field_name,
        field_space,
        field_value,
        done,
        bad,
    };
    // What one part of the head says: the part is complete, the input ran out in it, or it is
    // wrong.
    enum class step : std::uint8_t { next, starved, failed };
    struct cursor {
        const char* begin;
        const char* at;
        const char* end;
        [[nodiscard]] std::uint32_t offset(const char* place) const noexcept {
            return static_cast<std::uint32_t>(place - begin);
        }
    };

    step parse_request_line(cursor& in) noexcept;
    step skip_empty_lines(cursor& in) noexcept;
    step parse_method_name(cursor& in) noexcept;
    step parse_path(cursor& in) noexcept;
    [[nodiscard]] const char* find_path_end(const cursor& in) const noexcept;
    [[nodiscard]] const char* find_target_end(const cursor& in) const noexcept;
    step parse_query(cursor& in) noexcept;
    step end_target(const cursor& in, const char* stop) noexcept;
    step parse_version(cursor& in) noexcept;
    step parse_odd_version(cursor& in) noexcept;
    step parse_fields(cursor& in) noexcept;
    step parse_whole_fields(cursor& in) noexcept;
    step begin_field(cursor& in, bool& is_last) noexcept;
    step parse_field_name(cursor& in) noexcept;
    step parse_field_value(cursor& in) noexcept;
    parse_error add_field(std::uint8_t index, std::string_view name,
                          std::string_view value) noexcept;
    step finish(const cursor& in) noexcept;
    parse_error split_target(std::size_t path_bytes) noexcept;
    void move_headers(const char* base) noexcept;
    step fail(parse_error error) noexcept;

    parser_limits limits_;
    scan::find_stops_function find_stops_;
    field_digest digest_;
    const char* base_ = nullptr;  // Where the buffer was when headers_ was filled.
    std::uint32_t offset_ = 0;
    // Offsets, not addresses, of what is complete or under way: the buffer may move before the head
    // is done.
    std::uint32_t method_begin_ = 0;
    std::uint32_t method_end_ = 0;
    std::uint32_t path_end_ = 0;
    std::uint32_t target_end_ = 0;
    std::uint32_t name_begin_ = 0;
    std::uint32_t name_end_ = 0;
    std::uint32_t value_begin_ = 0;
    std::uint8_t header_count_ = 0;
    std::uint8_t minor_version_ = 1;
    scan_path path_;
    state state_ = state::empty_lines;
    parse_error error_ = parse_error::none;
    request_head head_;
    std::array<header_field, header_count_limit> headers_;
};

}  // namespace rouse::http
