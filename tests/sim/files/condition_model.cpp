#include "tests/sim/files/condition_model.hpp"

namespace rouse::sim {
namespace {

// What is known of a question.
enum answers : std::uint8_t { no = 1, yes = 2, either = 3 };

answers to_answer(bool holds) {
    return holds ? yes : no;
}

answers is_tag_of(std::string_view tag, const validators& of, const tag_book& book) {
    if (!of.tag.empty()) {
        return to_answer(of.tag.substr(of.is_weak ? 2 : 0) == tag);
    }
    return tag.starts_with(foreign_tag) || book.knows(tag) ? no : either;
}

// RFC 9110, 8.8.3.2.
answers is_listed(const tags_asked& list, bool strongly, const validators& of,
                  const tag_book& book) {
    auto found = no;
    for (std::string_view each : list.tags) {
        const bool is_weak = each.starts_with("W/");
        if (strongly && (is_weak || of.is_weak)) {
            continue;
        }
        each.remove_prefix(is_weak ? 2 : 0);
        const answers one = is_tag_of(each, of, book);
        if (one == yes) {
            return yes;
        }
        found = one == either ? either : found;
    }
    return list.is_any ? yes : found;
}

answers is_still_there(const conditions_asked& asked, const validators& of, const tag_book& book) {
    if (asked.match) {
        return asked.match->is_malformed ? no : is_listed(*asked.match, true, of, book);
    }
    const bool has_date = asked.unmodified_since && asked.unmodified_since->seconds;
    return to_answer(!has_date || of.modified <= *asked.unmodified_since->seconds);
}

answers is_had(const conditions_asked& asked, const validators& of, const tag_book& book) {
    if (asked.none_match) {
        return asked.none_match->is_malformed ? no : is_listed(*asked.none_match, false, of, book);
    }
    const bool has_date = asked.modified_since && asked.modified_since->seconds;
    return to_answer(has_date && of.modified <= *asked.modified_since->seconds);
}

// RFC 9110, 13.1.5; a date is strong when the second after it has passed too (8.8.2.2).
answers is_same(const conditions_asked& asked, const validators& of, const tag_book& book) {
    if (asked.range_tag) {
        const bool is_weak = asked.range_tag->starts_with("W/") || of.is_weak;
        return is_weak ? no : is_tag_of(*asked.range_tag, of, book);
    }
    if (!asked.range_date) {
        return yes;
    }
    if (asked.range_date->seconds != of.modified || of.modified >= of.latest - 1) {
        return no;
    }
    return of.modified < of.earliest - 1 ? yes : either;
}

}  // namespace

std::uint8_t outcomes_of(const conditions_asked& asked, bool has_ranges, const validators& of,
                         const tag_book& book) {
    unsigned outcomes = 0;
    const answers there = is_still_there(asked, of, book);
    outcomes |= (there & no) != 0 ? precondition_failed : 0U;
    if (there != no) {
        const answers had = is_had(asked, of, book);
        outcomes |= (had & yes) != 0 ? not_modified : 0U;
        if (had != yes) {
            const answers same = has_ranges ? is_same(asked, of, book) : no;
            outcomes |= (same & yes) != 0 ? serve_ranges : 0U;
            outcomes |= (same & no) != 0 ? serve_whole : 0U;
        }
    }
    return static_cast<std::uint8_t>(outcomes);
}

}  // namespace rouse::sim
