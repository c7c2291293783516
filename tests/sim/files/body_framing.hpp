#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rouse::sim {

/// Takes the content of an answer out of what is around it. RFC 9112, 6.2 and 7.1.
class body_framing {
   public:
    /// So many bytes are to come.
    void expect(std::uint64_t bytes) noexcept;
    /// Chunks are to come, without extensions and trailers, which no answer here has.
    void expect_chunks() noexcept;

    /// The next bytes of the content: taken off the front of `bytes`, with what stands before them.
    /// Empty when there are none yet, or when the rest is wrong.
    [[nodiscard]] std::string_view take(std::string_view& bytes);

    [[nodiscard]] bool is_whole() const noexcept { return at_ == state::whole; }
    [[nodiscard]] bool is_wrong() const noexcept { return at_ == state::wrong; }
    /// Of the content.
    [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }

   private:
    enum class state : std::uint8_t { data, size_line, data_end, last_line, whole, wrong };

    void take_line(char byte);
    [[nodiscard]] state after(std::string_view line);

    state at_ = state::whole;
    bool is_chunked_ = false;
    std::uint64_t left_ = 0;  // Of all, or of a chunk.
    std::uint64_t taken_ = 0;
    std::string line_;
};

}  // namespace rouse::sim
