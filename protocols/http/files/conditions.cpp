#include "protocols/http/files/conditions.hpp"

#include <cstddef>
#include <string_view>

#include "protocols/http/date.hpp"
#include "protocols/http/header_field.hpp"

namespace rouse::http {
namespace {

using search = entity_tag_search;

// A field that is no list.
class single_field {
   public:
    void add_line(std::string_view value) noexcept {
        value_ = value;
        ++lines_;
    }
    [[nodiscard]] bool present() const noexcept { return lines_ > 0; }
    [[nodiscard]] std::optional<std::string_view> value() const noexcept {
        return lines_ == 1 ? std::optional(value_) : std::nullopt;
    }
    [[nodiscard]] std::optional<std::int64_t> date(std::int64_t now) const noexcept {
        return lines_ == 1 ? parse_http_date(value_, now) : std::nullopt;
    }

   private:
    std::string_view value_;
    std::size_t lines_ = 0;
};

// The conditional fields of a head, found in one pass.
struct condition_fields {
    condition_fields(const request_head& head, const representation& selected) noexcept;

    void add(const header_field& field) noexcept;

    search if_match;
    search if_none_match;
    single_field if_unmodified_since;
    single_field if_modified_since;
    single_field if_range;
    single_field range;
};

condition_fields::condition_fields(const request_head& head,
                                   const representation& selected) noexcept
    : if_match(selected.tag, search::comparison::strong),
      if_none_match(selected.tag, search::comparison::weak) {
    for (const header_field& field : head.headers) {
        add(field);
    }
}

void condition_fields::add(const header_field& field) noexcept {
    if (equals_ignoring_case(field.name, "if-match")) {
        if_match.add_line(field.value);
    } else if (equals_ignoring_case(field.name, "if-none-match")) {
        if_none_match.add_line(field.value);
    } else if (equals_ignoring_case(field.name, "if-unmodified-since")) {
        if_unmodified_since.add_line(field.value);
    } else if (equals_ignoring_case(field.name, "if-modified-since")) {
        if_modified_since.add_line(field.value);
    } else if (equals_ignoring_case(field.name, "if-range")) {
        if_range.add_line(field.value);
    } else if (equals_ignoring_case(field.name, "range")) {
        range.add_line(field.value);
    }
}

// Steps 1 and 2 of RFC 9110, 13.2.2: is what the client means still there? If-Match wins over
// If-Unmodified-Since (13.1.4).
bool is_still_there(const condition_fields& fields, const representation& selected,
                    std::int64_t now) noexcept {
    switch (fields.if_match.result()) {
        case search::outcome::absent:
            break;
        case search::outcome::any:
            return selected.exists;
        case search::outcome::matched:
            return true;
        case search::outcome::unmatched:
        case search::outcome::malformed:
            return false;
    }
    const std::optional<std::int64_t> since = fields.if_unmodified_since.date(now);
    return !since || !selected.modified_seconds || *selected.modified_seconds <= *since;
}

// Steps 3 and 4 of RFC 9110, 13.2.2: does the client have it already? If-None-Match wins over
// If-Modified-Since (13.1.3), which is for GET and HEAD only.
bool is_had_already(const condition_fields& fields, const representation& selected, bool reads,
                    std::int64_t now) noexcept {
    switch (fields.if_none_match.result()) {
        case search::outcome::absent:
            break;
        case search::outcome::any:
            return selected.exists;
        case search::outcome::matched:
            return true;
        case search::outcome::unmatched:
            return false;
        case search::outcome::malformed:
            return !reads;
    }
    const std::optional<std::int64_t> since = fields.if_modified_since.date(now);
    return reads && since && selected.modified_seconds && *selected.modified_seconds <= *since;
}

// RFC 9110, 13.1.5: strong comparison for both sorts of validator.
bool is_same_as_before(std::string_view validator, const representation& selected,
                       std::int64_t now) noexcept {
    if (const std::optional<entity_tag> tag = parse_entity_tag(validator)) {
        return selected.tag && strongly_equal(*tag, *selected.tag);
    }
    const std::optional<std::int64_t> date = parse_http_date(validator, now);
    if (!date || !selected.modified_seconds || *date != *selected.modified_seconds) {
        return false;
    }
    // RFC 9110, 8.8.2.2: in the second of the change, or the one after it by a coarse clock, the
    // file may change again and keep its date, so that the date is a weak validator still.
    return *selected.modified_seconds < now - 1;
}

}  // namespace

condition_outcome evaluate_conditions(const request_head& head, const representation& selected,
                                      std::int64_t now) noexcept {
    // RFC 9110, 13.2.1: ignored where no representation is selected or modified.
    constexpr method_mask unconditional =
        to_mask(method::connect) | to_mask(method::options) | to_mask(method::trace);
    if ((unconditional & to_mask(head.verb)) != 0) {
        return condition_outcome::serve_whole;
    }
    const condition_fields fields(head, selected);
    const bool reads = head.verb == method::get || head.verb == method::head;
    if (!is_still_there(fields, selected, now)) {
        return condition_outcome::precondition_failed;
    }
    if (is_had_already(fields, selected, reads, now)) {
        return reads ? condition_outcome::not_modified : condition_outcome::precondition_failed;
    }
    // RFC 9110, 14.2: ranges are for GET. 13.1.5: If-Range without Range means nothing.
    if (head.verb != method::get || !fields.range.value()) {
        return condition_outcome::serve_whole;
    }
    if (!fields.if_range.present()) {
        return condition_outcome::serve_ranges;
    }
    const std::optional<std::string_view> validator = fields.if_range.value();
    return validator && is_same_as_before(*validator, selected, now)
               ? condition_outcome::serve_ranges
               : condition_outcome::serve_whole;
}

}  // namespace rouse::http
