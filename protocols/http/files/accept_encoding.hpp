#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "protocols/http/request_head.hpp"

namespace rouse::http {

/// The content codings that this server can send. See RFC 9110, 8.4.1, RFC 7932 and RFC 8878.
enum class content_coding : std::uint8_t { identity, gzip, br, zstd };

inline constexpr std::size_t content_coding_count = 4;

/// The value of Content-Encoding; "identity" is never sent there (RFC 9110, 8.4).
[[nodiscard]] std::string_view to_string(content_coding coding) noexcept;
/// ".gz": what a file in this coding has behind the name of the plain one; empty for identity.
[[nodiscard]] std::string_view suffix_of(content_coding coding) noexcept;

/// What a request's Accept-Encoding says of the codings known here. Several lines are one list. A
/// member that is malformed is passed over; of two for one coding the later counts; "x-gzip" is
/// gzip (RFC 9110, 8.4.1.3). See RFC 9110, 12.5.3.
class accepted_codings {
   public:
    /// As if there were no Accept-Encoding.
    accepted_codings() noexcept { weights_.fill(unlisted); }
    explicit accepted_codings(const request_head& head) noexcept;

    void add_line(std::string_view value) noexcept;

    /// In thousandths, 0 to 1,000: what the coding's own member says, else what "*" says. Without
    /// either it is 0, and for identity 0 too, which is acceptable then all the same.
    [[nodiscard]] unsigned weight(content_coding coding) const noexcept;

    /// The coding to send, among those `available` in the server's order of preference: that with
    /// the highest weight above 0, the earlier of equals. Identity is always available, and last
    /// when it is not named; it is the answer when there is no other. So a client that sends no
    /// Accept-Encoding gets identity, although it would accept anything (12.5.3): only simple
    /// clients send none. And one that refuses identity and everything else that is there gets
    /// identity too rather than 406, which RFC 9110, 12.4.1 leaves to the server.
    [[nodiscard]] content_coding choose(std::span<const content_coding> available) const noexcept;

   private:
    static constexpr std::int16_t unlisted = -1;

    std::array<std::int16_t, content_coding_count> weights_{};
    std::int16_t any_weight_ = unlisted;
};

}  // namespace rouse::http
