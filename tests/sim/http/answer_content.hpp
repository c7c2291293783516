#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/sim/http/exchange_plan.hpp"

namespace rouse::sim {

/// Reads the content of one answer, in any pieces: its framing, and whether it is the planned one.
class answer_content {
   public:
    enum class outcome : std::uint8_t { more, whole, wrong };

    /// `length` is that of Content-Length, if there is one. Whole at once, when it is 0.
    [[nodiscard]] outcome begin(const planned_answer& wanted, std::uint64_t length) noexcept;

    /// Takes bytes off the front of `bytes`, until the content is whole.
    [[nodiscard]] outcome take(const planned_answer& wanted, std::string_view& bytes);

    /// After `wrong`: what is.
    [[nodiscard]] std::string_view fault() const noexcept { return fault_; }
    [[nodiscard]] std::size_t taken() const noexcept { return taken_; }

    /// The connection has ended here, as the plan says.
    [[nodiscard]] bool may_end(const planned_answer& wanted) const noexcept;

   private:
    enum class state : std::uint8_t {
        counted,
        chunk_size,
        chunk_size_lf,
        chunk_data,
        chunk_cr,
        chunk_lf,
        last_cr,
        last_lf,
        until_close,
    };

    [[nodiscard]] outcome take_data(const planned_answer& wanted, std::string_view bytes);
    [[nodiscard]] outcome take_reason(const planned_answer& wanted, std::string_view bytes);
    [[nodiscard]] outcome take_counted(const planned_answer& wanted, std::string_view& bytes);
    [[nodiscard]] outcome take_around_chunk(const planned_answer& wanted, char byte);
    [[nodiscard]] outcome take_chunk_size(char byte);
    [[nodiscard]] outcome finish(const planned_answer& wanted);
    [[nodiscard]] bool has_all(const planned_answer& wanted) const noexcept;
    [[nodiscard]] outcome fail(std::string_view fault) noexcept;

    std::string_view fault_;
    std::uint64_t length_ = 0;
    std::uint64_t left_ = 0;  // Of a counted content, or of a chunk; of its size what was read.
    std::size_t taken_ = 0;   // Of the data.
    unsigned digits_ = 0;     // Of a chunk's size.
    state state_ = state::counted;
};

}  // namespace rouse::sim
