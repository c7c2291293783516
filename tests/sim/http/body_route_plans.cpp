#include <string_view>

#include "tests/sim/http/route_content.hpp"
#include "tests/sim/http/route_plans.hpp"
#include "tests/sim/http/routes.hpp"

namespace rouse::sim::route_plans {

void stream(request_draft& draft) {
    struct stream_route {
        std::string_view path;
        bool is_counted;
        bool pauses;
        bool takes_post;
    };
    static constexpr stream_route routes[] = {
        {"/chunks/", false, false, true}, {"/counted/", true, false, true},
        {"/drip/", false, false, false},  {"/drop/", true, false, false},
        {"/pause/", false, true, false},  {"/rest/", true, true, false},
    };
    const stream_route& route = draft.draw.pick(routes);
    const std::uint64_t number = draw_number(draft);
    draft.path = route.path;
    if (route.pauses) {
        append_number(draft.path, draw_milliseconds(draft));
        draft.path += "/";
    }
    append_number(draft.path, number);
    draft.methods = route.takes_post ? route_methods::get_or_post : route_methods::get;
    draft.use = body_use::passed_by;
    answer_fixed(draft, stream_shape_of(number).content(), octets);
    draft.made.answer.framing = route.is_counted ? answer_framing::length : answer_framing::chunked;
}

void failing_stream(request_draft& draft) {
    struct failing_route {
        std::string_view path;
        bool is_counted;
        std::uint64_t missing;  ///< Of what its Content-Length promises.
    };
    static constexpr failing_route routes[] = {
        {"/cut/", false, 0},  {"/fail/", false, 0}, {"/short/", true, 7},
        {"/early/", true, 1}, {"/long/", true, 0},  {"/over/", true, 3},
    };
    const failing_route& route = draft.draw.pick(routes);
    const std::uint64_t number = draw_number(draft);
    draft.path = route.path;
    if (route.path == "/fail/") {
        append_number(draft.path, draw_milliseconds(draft));
        draft.path += "/";
    }
    append_number(draft.path, number);
    draft.methods = route.path == "/cut/" ? route_methods::get_or_post : route_methods::get;
    draft.use = body_use::passed_by;
    planned_answer& answer = draft.made.answer;
    answer_fixed(draft, stream_shape_of(number).content(), octets);
    answer.framing = route.is_counted ? answer_framing::length : answer_framing::chunked;
    answer.length = route.missing;
    // What is too much is noticed when the answer is whole already.
    draft.has_surplus = route.path == "/long/";
    answer.is_cut = !draft.has_surplus;
}

void exception(request_draft& draft) {
    answer_error(draft);
    draft.methods = route_methods::get_or_post;
    switch (draft.draw.below(7)) {
        case 0:
            draft.path = "/throw";
            break;
        case 1:
            draft.path = "/throw";
            draft.has_query = true;
            draft.query = "number";
            break;
        case 2:
            draft.path = "/throw/async";
            break;
        case 3:
            draft.path = "/throw/task";
            draft.methods = route_methods::get;
            break;
        case 4:
            set_path(draft, "/throw/late/", draw_milliseconds(draft));
            draft.methods = route_methods::get;
            break;
        case 5:
            set_path(draft, "/bad/", draft.draw.below(12));
            break;
        default:
            set_path(draft, "/bad/later/", draft.draw.below(12));
            draft.methods = route_methods::get;
            break;
    }
}

void tell(request_draft& draft) {
    draft.path = "/tell";
    draft.methods = route_methods::named;
    draft.use = body_use::read;
    draft.tells_head = true;
    draft.tells_body = true;
    draft.has_type_of_body = true;
    if (draft.draw.coin()) {
        set_query(draft, draw_number(draft));
    }
}

void echo(request_draft& draft) {
    draft.path = "/echo";
    draft.methods = route_methods::post_or_put;
    draft.use = body_use::echoed;
    draft.has_type_of_body = true;
}

void slow(request_draft& draft) {
    set_path(draft, "/slow/", draw_milliseconds(draft));
    draft.methods = route_methods::post;
    draft.use = body_use::read;
    draft.tells_body = true;
    draft.made.answer.content_type = plain_text;
}

void piece(request_draft& draft) {
    draft.use = body_use::first_piece;
    if (draft.draw.below(4) == 0) {
        draft.path = "/piece/throw";
        draft.methods = route_methods::post;
        answer_error(draft);
        return;
    }
    draft.path = "/piece";
    draft.methods = route_methods::post_or_put;
    draft.made.answer.rule = content_rule::first_piece;
    draft.made.answer.content_type = plain_text;
}

void ignore(request_draft& draft) {
    if (draft.draw.below(3) == 0) {
        set_path(draft, "/ignore/", draw_milliseconds(draft));
        draft.methods = route_methods::post;
        answer_fixed(draft, "ignored in the end");
        return;
    }
    draft.path = "/ignore";
    draft.methods = route_methods::post_or_put;
    answer_fixed(draft, "ignored");
}

void away(request_draft& draft) {
    draft.path = "/away";
    draft.methods = route_methods::post;
    answer_status(draft, 403, "403 Forbidden\n");
    draft.made.answer.fate = connection_fate::closes;
}

void missing(request_draft& draft) {
    constexpr std::string_view paths[] = {"/missing", "/plain/",         "//plain", "/Plain",
                                          "/%70lain", "/plain/../plain", "/of/x",   "/cut/1/2"};
    draft.path = draft.draw.pick(paths);
    draft.is_missing = true;
    draft.methods = route_methods::get;
}

void whole_server(request_draft& draft) {
    draft.path = "*";
    draft.is_whole_server = true;
    draft.made.answer.status = 204;
    draft.made.answer.headers.push_back(
        {.name = "Allow", .value = "GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE, PATCH"});
}

}  // namespace rouse::sim::route_plans
