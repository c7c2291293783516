#pragma once

#include <cstdint>
#include <span>

#include "protocols/http/parse_failure.hpp"
#include "protocols/http/request_head.hpp"

namespace rouse::http {

/// Picks out of the header lines, as they come, what the framing of the message and the life of the
/// connection hang on, and refuses what could be understood in two ways. Knows positions, not
/// addresses, so the buffer may move meanwhile.
class field_digest {
   public:
    /// Takes note of the header line at `index`, and says what is wrong with it.
    [[nodiscard]] parse_error add(const header_field& field, std::uint8_t index) noexcept;

    /// After the last line: checks what only the whole section can tell, and fills in the fields of
    /// `head` that depend on it. Reads head.minor_version and head.headers; leaves head.host alone
    /// when it is set already.
    [[nodiscard]] parse_error finish(request_head& head) const noexcept;

   private:
    [[nodiscard]] parse_error add_host(std::string_view value, std::uint8_t index) noexcept;
    [[nodiscard]] parse_error add_content_length(std::string_view value) noexcept;
    [[nodiscard]] parse_error add_transfer_encoding(std::string_view value) noexcept;
    [[nodiscard]] parse_error add_expect(std::string_view value) noexcept;
    void add_connection(std::string_view value) noexcept;

    static constexpr std::uint8_t absent = 0xff;

    std::uint64_t content_length_ = 0;
    std::uint8_t host_index_ = absent;
    std::uint8_t content_type_index_ = absent;
    bool has_content_length_ = false;
    bool has_chunked_ = false;
    bool has_close_ = false;
    bool has_keep_alive_ = false;
    bool has_continue_ = false;
};

}  // namespace rouse::http
