#include "protocols/http/middleware/error_pages.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/header_field.hpp"
#include "protocols/http/middleware/response_fields.hpp"
#include "protocols/http/status.hpp"
#include "protocols/http/wants_json.hpp"

namespace rouse::http {
namespace {

// By status; 4 and 5 stand for the classes.
struct page_table {
    std::map<int, error_page> pages;
    bool problem_json = true;
};

// The status or class of "404" or "4xx"; 0 for any other text.
int parse_match(std::string_view text) noexcept {
    if (text == "4xx" || text == "5xx") {
        return text[0] - '0';
    }
    const bool is_status = text.size() == 3 && (text[0] == '4' || text[0] == '5') &&
                           is_digit(text[1]) && is_digit(text[2]);
    return is_status ? (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0') : 0;
}

std::string render(const error_page& page, int status) {
    const std::string number = std::to_string(status);
    const std::string_view reason = reason_phrase(status);  // Without markup: see its test.
    constexpr std::string_view status_name = "{status}";
    constexpr std::string_view reason_name = "{reason}";
    std::string out;
    std::string_view rest = page.text;
    for (std::size_t at = rest.find('{'); at != std::string_view::npos; at = rest.find('{')) {
        out += rest.substr(0, at);
        rest.remove_prefix(at);
        if (rest.starts_with(status_name)) {
            out += number;
            rest.remove_prefix(status_name.size());
        } else if (rest.starts_with(reason_name)) {
            out += reason;
            rest.remove_prefix(reason_name.size());
        } else {
            out += '{';
            rest.remove_prefix(1);
        }
    }
    return out.append(rest);
}

// RFC 9457, 3.1. No reason phrase has a character that JSON escapes.
std::string problem_of(int status) {
    std::string text = R"({"type":"about:blank","title":")";
    text.append(reason_phrase(status)).append(R"(","status":)");
    return text.append(std::to_string(status)).append("}\n");
}

// A body that says nothing beyond the status.
bool is_plain(const response& made) {
    if (std::holds_alternative<std::unique_ptr<body_source>>(made.body)) {
        return false;
    }
    const std::string_view text = text_of(made);
    return text.empty() ||
           (made.content_type == text_plain && text == text_of(response::of_status(made.status)));
}

void put_page(const page_table& table, const request& asked, response& made) {
    if (made.status < 400 || !is_plain(made) || find_header(made, "Content-Encoding") != nullptr) {
        return;
    }
    if (table.problem_json) {
        add_vary(made, "Accept");
        if (wants_json(asked.head())) {
            made.content_type = problem_json;
            made.body = problem_of(made.status);
            return;
        }
    }
    auto page = table.pages.find(made.status);
    if (page == table.pages.end()) {
        page = table.pages.find(made.status / 100);
    }
    if (page != table.pages.end()) {
        made.content_type = page->second.content_type;
        made.body = render(page->second, made.status);
    }
}

}  // namespace

std::expected<middleware, std::string> make_error_pages(error_pages_options options) {
    const auto fault = [](const std::string& text) {
        return std::unexpected("error pages: " + text);
    };
    if (options.pages.size() > error_pages_max) {
        return fault("more than " + std::to_string(error_pages_max));
    }
    auto table = std::make_shared<page_table>();
    table->problem_json = options.problem_json;
    for (error_page& each : options.pages) {
        const int match = parse_match(each.match);
        if (match == 0) {
            return fault("\"" + each.match + "\" is no error status, 4xx or 5xx");
        }
        if (each.text.size() > error_page_bytes_max) {
            return fault(each.match + " is longer than " + std::to_string(error_page_bytes_max) +
                         " bytes");
        }
        if (each.content_type.empty() || !all_in(each.content_type, byte_class::field_value)) {
            return fault(each.match + " has no content type that can be sent");
        }
        const std::string name = each.match;
        if (!table->pages.emplace(match, std::move(each)).second) {
            return fault(name + " is there twice");
        }
    }
    // The content type is text of the table, which every handler keeps as long as it answers.
    return middleware([kept = std::shared_ptr<const page_table>(std::move(table))](handler inner) {
        return with_response(std::move(inner), [kept](const request& asked, response& made) {
            put_page(*kept, asked, made);
        });
    });
}

}  // namespace rouse::http
