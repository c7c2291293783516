#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/sim_files.hpp"

namespace rouse::sim {

/// A request for a file, and what it may come to.
struct file_request {
    std::string target;  ///< As it goes over the wire.
    std::string path;    ///< Where sim_files has it; empty when no file may answer.
    bool is_head = false;
    bool is_bad = false;                 ///< The target is malformed or leads out: 400 or 404.
    std::optional<std::uint64_t> first;  ///< Of Range.
    std::uint64_t last = UINT64_MAX;     ///< The same; UINT64_MAX: to the end.
    bool is_conditional = false;  ///< With If-None-Match, of the tag that came last for the path.
};

/// What excuses an answer other than the file.
struct file_excuses {
    bool may_miss = false;   ///< 403, 404, 500, 503: a fault struck.
    bool may_late = false;   ///< 408.
    bool may_cut = false;    ///< The content may end too soon.
    bool may_close = false;  ///< Any answer may be the last.
};

/// Reads one answer after the other, and checks each against all that its file has ever been: the
/// bytes are those of one version of it, from the place where they should begin, none of another
/// and none made up; the lengths are those that this version had.
class file_answer {
   public:
    /// Who asked, and what there was to read; before the first byte of an answer.
    /// What was there since `since` may be answered.
    void begin(const file_request& asked, const sim_files* files, std::string_view sent_tag,
               time_point since);

    /// Takes bytes off the front of `bytes` until the answer is whole. A complaint, if any.
    [[nodiscard]] std::optional<std::string> take(std::string_view& bytes,
                                                  const file_excuses& excuses);

    [[nodiscard]] bool is_begun() const noexcept { return is_begun_; }
    [[nodiscard]] bool is_whole() const noexcept { return is_whole_; }
    [[nodiscard]] bool is_inside() const noexcept { return is_begun_ && !is_whole_; }
    [[nodiscard]] bool says_close() const noexcept { return says_close_; }
    [[nodiscard]] int status() const noexcept { return status_; }
    /// The entity tag; empty for none.
    [[nodiscard]] const std::string& tag() const noexcept { return tag_; }

   private:
    using complaint = std::optional<std::string>;

    [[nodiscard]] complaint take_head(std::string_view text, const file_excuses& excuses);
    [[nodiscard]] complaint take_lines(std::string_view text);
    [[nodiscard]] complaint check_status(const file_excuses& excuses) const;
    [[nodiscard]] complaint check_lengths();
    [[nodiscard]] complaint check_range();
    [[nodiscard]] complaint check_unsatisfied() const;
    [[nodiscard]] complaint check_bytes(std::string_view bytes);
    template <class Fits>
    void keep_versions(Fits fits);

    const file_request* asked_ = nullptr;
    std::vector<std::shared_ptr<file_node>> versions_;  ///< That the answer may still be of.
    time_point since_{};
    bool is_checked_ = false;  ///< The file system is still there to be asked.
    std::string head_;
    std::string sent_tag_;
    std::string tag_;
    std::string range_;  ///< The value of Content-Range.
    int status_ = 0;
    std::optional<std::uint64_t> length_;
    std::uint64_t offset_ = 0;  ///< In the file, of the next byte.
    std::uint64_t left_ = 0;
    bool says_close_ = false;
    bool is_begun_ = false;
    bool is_whole_ = false;
};

}  // namespace rouse::sim
