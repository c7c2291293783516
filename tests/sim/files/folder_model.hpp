#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/files/answer_fields.hpp"
#include "tests/sim/files/site_terms.hpp"

namespace rouse::sim {

/// A line of a listing that may be there, and one of which must.
struct listed_entry {
    std::vector<std::string> lines;  ///< One for each state that it may have been in.
    bool is_certain = false;         ///< It was there all the time.
    bool is_folder = false;
};

/// What a listing of a folder must look like that was asked for at a certain time. When the server
/// is not `calm`, opening what a link leads to may have failed.
class folder_model {
   public:
    folder_model(const known_target& asked, const site_terms& site, const sim_files& files,
                 time_point since, bool is_calm, bool as_json);

    /// What is wrong with the head of an answer, if anything.
    [[nodiscard]] std::optional<std::string> check(const answer_fields& told) const;
    /// The same of its whole body.
    [[nodiscard]] std::optional<std::string> check(std::string_view body) const;

   private:
    void add(std::string_view name, const file_node& node, const site_terms& site,
             const sim_files& files, time_point since);
    [[nodiscard]] std::string line_of(std::string_view name, const file_state& state,
                                      bool is_folder) const;

    bool is_calm_;
    bool as_json_;
    std::string path_;                   ///< "/folder/"
    std::vector<listed_entry> entries_;  ///< In their order.
};

/// Whether a client that sends this Accept gets JSON.
[[nodiscard]] bool wants_json(std::string_view accept) noexcept;

/// A file name that has to be escaped.
inline constexpr std::string_view odd_name = "<b>&'\"\xc3\xa4.txt";

}  // namespace rouse::sim
