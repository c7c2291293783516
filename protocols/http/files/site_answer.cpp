#include "protocols/http/files/site_answer.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "protocols/http/announced_body.hpp"
#include "protocols/http/files/conditions.hpp"
#include "protocols/http/files/multipart_ranges.hpp"
#include "protocols/http/files/ranges_body.hpp"

namespace rouse::http {
namespace {

void add_from(const shared_headers& from, std::initializer_list<std::string_view> names,
              response& into) {
    for (const response_header& each : from.headers()) {
        if (std::ranges::find(names, each.name) != names.end()) {
            into.headers.push_back(each);
        }
    }
}

}  // namespace

site_answer::site_answer(const request_head& head, const file_content& content,
                         std::string_view content_type, std::int64_t now) noexcept
    : content_(content), content_type_(content_type) {
    const representation selected{
        .exists = true, .tag = content.entity(), .modified_seconds = content.modified_seconds};
    switch (evaluate_conditions(head, selected, now)) {
        case condition_outcome::not_modified:
            status_ = 304;
            return;
        case condition_outcome::precondition_failed:
            status_ = 412;
            return;
        case condition_outcome::serve_ranges:
            if (content.streamed) {
                break;  // RFC 9110, 14.2: all of it.
            }
            ranges_ = parse_byte_ranges(head.find("range").value_or(std::string_view()),
                                        content.size_bytes);
            break;
        case condition_outcome::serve_whole:
            break;
    }
    if (ranges_.result() == byte_ranges::outcome::unsatisfiable) {
        status_ = 416;
        return;
    }
    status_ = ranges_.result() == byte_ranges::outcome::partial ? 206 : 200;
    is_resumed_ = status_ == 206 && head.find("if-range").has_value();
    needs_bytes_ = head.verb != method::head && content.size_bytes > 0;
}

response site_answer::make() const {
    switch (status_) {
        case 304:
            return not_modified();
        case 412:
            return response::of_status(412);
        case 416: {
            // RFC 9110, 15.5.17: tells how long it is now.
            response made = response::of_status(416);
            made.headers.push_back(
                {.name = "Content-Range",
                 .value = std::string(content_range::unsatisfied(content_.size_bytes).text())});
            // RFC 9110, 12.5.5: that there is no such range is so of this coding.
            add_from(*content_.headers, {"Vary"}, made);
            return made;
        }
        case 206:
            return partial(nullptr, nullptr, file_delivery::read);
        default:
            break;
    }
    response made = with_headers(200);
    if (content_.bytes) {
        made.body = *content_.bytes;
    } else if (content_.size_bytes > 0) {
        made.body = std::make_unique<announced_body>(
            content_.streamed ? std::nullopt : std::optional(content_.size_bytes));
    }
    return made;
}

response site_answer::make(file opened, file_blocks& blocks, file_delivery how) const {
    auto shared = std::make_shared<const file>(std::move(opened));
    if (status_ == 206) {
        return partial(std::move(shared), &blocks, how);
    }
    response made = with_headers(200);
    made.body = std::make_unique<file_body>(
        std::move(shared), byte_range{.first = 0, .bytes = content_.size_bytes}, blocks, how);
    return made;
}

response site_answer::with_headers(int status) const {
    response made{.status = status, .content_type = content_type_};
    made.shared = content_.headers;
    return made;
}

response site_answer::not_modified() const {
    // RFC 9110, 15.4.5: of what a 200 would say, only what a cache has to learn.
    response made{.status = 304};
    add_from(*content_.headers, {"ETag", "Vary", "Cache-Control"}, made);
    return made;
}

response site_answer::resumed() const {
    // RFC 9110, 15.3.7: by If-Range the client has an answer with these, the media type among them.
    // ETag, Vary and Cache-Control have to be said all the same.
    response made{.status = 206};
    for (const response_header& each : content_.headers->headers()) {
        if (each.name != "Last-Modified" && each.name != "Content-Encoding") {
            made.headers.push_back(each);
        }
    }
    return made;
}

// RFC 9110, 15.3.7.
response site_answer::partial(std::shared_ptr<const file> opened, file_blocks* blocks,
                              file_delivery how) const {
    response made = is_resumed_ ? resumed() : with_headers(206);
    if (ranges_.ranges().size() > 1) {
        const std::string boundary = random_boundary();
        const multipart_ranges plan(ranges_.ranges(), content_.size_bytes, content_type_, boundary);
        // Its own copy of what the answer has: it outlives it.
        range_source source;
        if (opened) {
            source = [opened = std::move(opened), blocks](byte_range wanted) {
                return std::make_unique<file_body>(opened, wanted, *blocks);
            };
        } else {
            source = [bytes = *content_.bytes](byte_range wanted) {
                return std::make_unique<shared_range_body>(bytes, wanted);
            };
        }
        auto body = std::make_unique<ranges_body>(plan, std::move(source));
        made.content_type = body->content_type();
        made.body = std::move(body);
        return made;
    }
    const byte_range wanted = ranges_.ranges().front();
    made.headers.push_back(
        {.name = "Content-Range",
         .value = std::string(content_range::of(wanted, content_.size_bytes).text())});
    if (opened) {
        made.body = std::make_unique<file_body>(std::move(opened), wanted, *blocks, how);
    } else if (wanted.bytes <= body_bytes_copied_max) {
        made.body = std::string(content_.bytes->text().substr(
            static_cast<std::size_t>(wanted.first), static_cast<std::size_t>(wanted.bytes)));
    } else {
        made.body = std::make_unique<shared_range_body>(*content_.bytes, wanted);
    }
    return made;
}

}  // namespace rouse::http
