#pragma once

#include <string>
#include <string_view>

#include "tests/sim/files/site_terms.hpp"

namespace rouse::sim {

/// Which representations of one place a client may get that accepts certain codings: RFC 9110,
/// 12.5.3. A file beside the one that was asked for comes before what the server makes, as long as
/// it is not older; then br before zstd before gzip; the client's weights come before all that.
class coding_model {
   public:
    coding_model(const site_terms& site, const sim_files& files, const served_place& place,
                 time_point since, bool is_calm);

    /// Whether this may be sent to who says `asked`. `is_made`: by the server, streamed or not.
    [[nodiscard]] bool may_send(coding sent_as, bool is_made, const codings_asked& asked) const;
    /// Whether a file beside this one may be sent for it, in a state of that file.
    [[nodiscard]] bool may_stand_for(const file_state& state) const;
    /// Whether a coding may be made of this state of the file.
    [[nodiscard]] bool may_be_made_of(const file_state& state) const;
    /// Where the bytes of an answer come from, when it is made of this state, or is this state.
    [[nodiscard]] body_origin origin_of(const file_state& state, bool is_made) const;

   private:
    [[nodiscard]] bool is_sibling_certain(coding of) const;
    [[nodiscard]] bool is_made_certain() const;
    [[nodiscard]] unsigned certain_rank(coding of) const;

    const site_terms& site_;
    const sim_files& files_;
    const served_place& place_;
    time_point since_;
    bool is_negotiated_;
    bool is_calm_;
    const file_node* node_ = nullptr;    ///< When the file was one, in one state,
    const file_state* state_ = nullptr;  ///< this.
};

/// ".br"; empty for identity.
[[nodiscard]] std::string_view suffix_of(coding of) noexcept;
/// "br"
[[nodiscard]] std::string_view to_text(coding of) noexcept;

}  // namespace rouse::sim
