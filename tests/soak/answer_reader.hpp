#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "tests/soak/http_request.hpp"

namespace rouse::soak {

/// Compares what comes with one expected answer after the other: status line, every header, the
/// framing and each byte of the body. A header that it does not know is a fault.
class answer_reader {
   public:
    enum class step : std::uint8_t { need_more, done, wrong };

    /// The next answer is this one, which outlives its reading.
    void expect(const expected_answer& next) noexcept;

    /// Takes what belongs to the answer from the front of `bytes`.
    [[nodiscard]] step take(std::string_view& bytes);

    /// Part of the answer has come.
    [[nodiscard]] bool has_begun() const noexcept {
        return state_ != state::head || !head_.empty();
    }
    /// The answer says that the connection closes after it.
    [[nodiscard]] bool announces_close() const noexcept { return announces_close_; }
    /// What is wrong.
    [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
    /// What has come of the head.
    [[nodiscard]] std::string_view head() const noexcept { return head_; }

   private:
    enum class state : std::uint8_t { head, body, chunk_line, chunk, chunk_end, last_line, done };

    [[nodiscard]] bool take_head(std::string_view& bytes);
    [[nodiscard]] bool check_head();
    [[nodiscard]] bool check_header(std::string_view name, std::string_view value);
    [[nodiscard]] bool check_framing();
    [[nodiscard]] bool check_date(std::string_view value);
    [[nodiscard]] bool take_line(std::string_view& bytes);
    [[nodiscard]] bool take_chunk_line(std::string_view& bytes);
    [[nodiscard]] bool take_body(std::string_view& bytes);
    [[nodiscard]] bool check_body(std::string_view bytes) noexcept;
    [[nodiscard]] bool check_text(std::string_view bytes) noexcept;
    [[nodiscard]] bool wrong(std::string_view what, std::string_view found);

    const expected_answer* expected_ = nullptr;
    state state_ = state::done;
    std::string head_;          ///< Up to its empty line; kept while the body is read.
    std::string line_;          ///< Of the chunked framing.
    std::uint64_t left_ = 0;    ///< Bytes of the body, or of the chunk, that are still to come.
    std::uint64_t offset_ = 0;  ///< Bytes of the body that have come.
    std::uint64_t after_ = 0;   ///< Bytes of text_after that have come.
    bool has_length_ = false;
    bool is_chunked_ = false;
    bool announces_close_ = false;
    std::string last_date_;  ///< The last one that was right.
    std::string fault_;
};

}  // namespace rouse::soak
