#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/files/answer_fields.hpp"
#include "tests/sim/files/coding_model.hpp"
#include "tests/sim/files/site_terms.hpp"

namespace rouse::sim {

/// A piece of a body: a text, or bytes of the representation.
struct body_piece {
    std::string text;
    range_part part;

    [[nodiscard]] std::uint64_t size() const noexcept {
        return text.empty() ? part.bytes : text.size();
    }
};

/// One thing that an answer may be: a state of a file, in a coding.
class answer_candidate {
   public:
    answer_candidate(const served_place& place, const file_node& node, const file_state& state,
                     coding sent_as, body_origin origin)
        : place_(&place), node_(&node), state_(state), sent_as_(sent_as), origin_(origin) {}

    [[nodiscard]] const served_place& place() const noexcept { return *place_; }
    [[nodiscard]] const file_state& state() const noexcept { return state_; }
    [[nodiscard]] coding sent_as() const noexcept { return sent_as_; }
    [[nodiscard]] bool is_stored() const noexcept { return origin_ == body_origin::stored; }
    /// By the server, once.
    [[nodiscard]] bool is_made() const noexcept { return origin_ == body_origin::made; }
    [[nodiscard]] bool is_streamed() const noexcept { return origin_ == body_origin::streamed; }
    [[nodiscard]] representation_key key() const noexcept;

    /// Whether `outcomes` can lead to this answer; then what its body must be is known.
    [[nodiscard]] bool plan(const answer_fields& told, const file_request& asked,
                            std::uint8_t outcomes, const tag_book& book);
    /// Whether the next bytes of the body are right.
    [[nodiscard]] bool takes(std::string_view bytes);
    /// Whether this whole body is what it says: a coded one can be decoded to the file's bytes.
    [[nodiscard]] bool is_right(std::string_view body) const;

   private:
    [[nodiscard]] bool plan_whole(const answer_fields& told);
    [[nodiscard]] bool plan_ranges(const answer_fields& told, const std::vector<range_part>& parts);
    [[nodiscard]] bool is_refused_range(const answer_fields& told, const ranges_due& due) const;
    [[nodiscard]] bool is_byte(std::uint64_t offset, char byte) const;

    const served_place* place_;
    const file_node* node_;
    file_state state_;
    coding sent_as_;
    body_origin origin_;
    std::optional<std::uint64_t> size_;  ///< Not known of what the server codes.
    const std::string* made_bytes_ = nullptr;
    std::vector<body_piece> body_;
    bool is_open_ = false;  ///< Any body will do.
    std::size_t piece_ = 0;
    std::uint64_t offset_ = 0;  ///< In the piece.
};

}  // namespace rouse::sim
