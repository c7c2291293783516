#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/files/answer_candidate.hpp"
#include "tests/sim/files/answer_fields.hpp"
#include "tests/sim/files/body_framing.hpp"
#include "tests/sim/files/folder_model.hpp"
#include "tests/sim/files/site_terms.hpp"
#include "tests/sim/files/tag_book.hpp"

namespace rouse::sim {

/// What the clients of the world of files share.
struct files_scene {
    sim_files* files = nullptr;  ///< Null while there is no server.
    site_terms site;
    tag_book tags;
    const known_target* favourite = nullptr;  ///< What most ask for, or change; null for nothing.
    std::uint64_t answered = 0;
};

/// What excuses an answer other than the file.
struct file_excuses {
    bool may_miss = false;   ///< 403, 404, 500, 503: a fault struck.
    bool may_late = false;   ///< 408.
    bool may_cut = false;    ///< The content may end too soon.
    bool may_close = false;  ///< Any answer may be the last.
};

/// When a request was sent, and when its answer begins.
struct asked_times {
    time_point asked;
    std::int64_t wall_asked = 0;  ///< In seconds since 1970.
    std::int64_t wall_now = 0;
};

/// Reads one answer after the other, and checks each against all that may be meant: the states that
/// a file has been in since it was asked for, the files beside it, what stands for it when it is
/// not there. What does not fit is dropped; the answer is wrong when nothing is left. The bytes are
/// those of one state, from the place where they should begin.
class file_answer {
   public:
    /// Before the first byte of an answer. `asked` outlives it.
    void begin(const file_request& asked, files_scene& scene, const asked_times& times);

    /// Takes bytes off the front of `bytes` until the answer is whole. A complaint, if any.
    [[nodiscard]] std::optional<std::string> take(std::string_view& bytes,
                                                  const file_excuses& excuses);

    [[nodiscard]] bool is_begun() const noexcept { return is_begun_; }
    [[nodiscard]] bool is_whole() const noexcept {
        return fields_.status != 0 && framing_.is_whole();
    }
    [[nodiscard]] bool is_inside() const noexcept { return is_begun_ && !is_whole(); }
    [[nodiscard]] const answer_fields& fields() const noexcept { return fields_; }

   private:
    using complaint = std::optional<std::string>;

    [[nodiscard]] complaint take_head(std::string_view text, const file_excuses& excuses);
    [[nodiscard]] complaint check_status(const file_excuses& excuses);
    [[nodiscard]] complaint check_framing() const;
    [[nodiscard]] complaint check_file();
    [[nodiscard]] complaint check_redirect() const;
    [[nodiscard]] complaint check_listing(bool is_calm);
    [[nodiscard]] complaint check_bytes(std::string_view bytes);
    [[nodiscard]] complaint finish();
    [[nodiscard]] bool is_about_file() const noexcept;
    [[nodiscard]] bool is_resumed() const noexcept;
    void gather(const served_place& place, bool is_calm);
    [[nodiscard]] bool has_fields_of(const answer_candidate& each) const;
    [[nodiscard]] std::uint8_t outcomes_of(const answer_candidate& each) const;
    template <class Fits>
    [[nodiscard]] bool keep(Fits fits);

    const file_request* asked_ = nullptr;
    files_scene* scene_ = nullptr;
    asked_times times_;
    time_point since_{};
    places_due due_;
    std::optional<folder_model> folder_;
    std::vector<answer_candidate> candidates_;
    std::string head_;
    answer_fields fields_;
    body_framing framing_;
    std::string body_;  ///< As far as it has to be looked at when it is whole.
    bool keeps_body_ = false;
    bool is_begun_ = false;
};

}  // namespace rouse::sim
