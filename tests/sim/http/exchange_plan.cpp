#include "tests/sim/http/exchange_plan.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "tests/sim/http/refused_requests.hpp"
#include "tests/sim/http/request_draft.hpp"
#include "tests/sim/http/route_content.hpp"
#include "tests/sim/http/route_plans.hpp"
#include "tests/sim/http/routes.hpp"

namespace rouse::sim {
namespace {

struct weighted_route {
    std::uint64_t weight;
    void (*plan)(request_draft& draft);
};

constexpr weighted_route routes[] = {
    {180, route_plans::literal},  {140, route_plans::say},    {60, route_plans::path},
    {80, route_plans::show},      {12, route_plans::bytes},   {40, route_plans::status},
    {20, route_plans::mute},      {60, route_plans::wait},    {12, route_plans::close},
    {50, route_plans::headers},   {100, route_plans::stream}, {20, route_plans::failing_stream},
    {30, route_plans::exception}, {60, route_plans::tell},    {80, route_plans::echo},
    {20, route_plans::slow},      {40, route_plans::piece},   {60, route_plans::ignore},
    {8, route_plans::away},       {40, route_plans::missing}, {8, route_plans::whole_server},
};
constexpr weighted_route body_routes[] = {
    {4, route_plans::tell},  {4, route_plans::echo},    {1, route_plans::slow},
    {3, route_plans::piece}, {3, route_plans::ignore},  {1, route_plans::stream},
    {1, route_plans::away},  {1, route_plans::missing}, {1, route_plans::failing_stream},
};

template <std::size_t Count>
void plan_one_of(const weighted_route (&among)[Count], request_draft& draft) {
    std::uint64_t total = 0;
    for (const weighted_route& each : among) {
        total += each.weight;
    }
    std::uint64_t drawn = draft.draw.below(total);
    const weighted_route* chosen = among;
    while (drawn >= chosen->weight) {
        drawn -= chosen->weight;
        ++chosen;
    }
    chosen->plan(draft);
}

struct named_method {
    http::method verb;
    std::string_view name;
};

void use_method(request_draft& draft, const named_method& chosen) {
    draft.verb = chosen.verb;
    draft.method_name = chosen.name;
}

bool takes(const request_draft& draft, http::method verb) noexcept {
    return (draft.methods & http::to_mask(verb)) != 0;
}

void choose_method(request_draft& draft) {
    using enum http::method;
    static constexpr named_method methods[] = {
        {get, "GET"},
        {post, "POST"},
        {put, "PUT"},
        {delete_, "DELETE"},
        {options, "OPTIONS"},
        {trace, "TRACE"},
        {patch, "PATCH"},
        {head, "HEAD"},
        {other, "get"},
        {other, "BREW"},
        {other, "POSTS"},
        {other, "!#$%&'*+-.^_`|~0aZ"},
        {other, "METHOD-WITH-NO-FEWER-THAN-32-BYT"},
    };
    constexpr std::uint64_t named_count = 8;
    if (draft.is_whole_server) {
        return use_method(draft, {options, "OPTIONS"});
    }
    const std::uint64_t drawn = draft.draw.below(100);
    if (drawn < 3) {
        return use_method(draft, draft.draw.pick(methods));
    }
    if (drawn < 12 && takes(draft, get)) {
        return use_method(draft, {head, "HEAD"});
    }
    if (drawn < 40 && draft.methods == route_methods::named) {
        return use_method(draft, methods[draft.draw.below(named_count)]);
    }
    const bool may_choose = takes(draft, get) && takes(draft, post);
    const bool posts = may_choose ? draft.draw.coin() : takes(draft, post);
    if (posts && takes(draft, put) && drawn < 60) {
        return use_method(draft, {put, "PUT"});
    }
    use_method(draft, posts ? named_method{post, "POST"} : named_method{get, "GET"});
}

void choose_version(request_draft& draft) {
    const std::uint64_t drawn = draft.draw.below(100);
    if (drawn < 10 && draft.fault == body_fault::none) {
        draft.minor_version = 0;
    } else if (drawn >= 97) {
        draft.minor_version = static_cast<unsigned>(draft.draw.between(2, 9));
    }
}

void choose_connection(request_draft& draft) {
    struct option {
        std::string_view value;
        bool closes;
        bool keeps;
    };
    static constexpr option options[] = {
        {"close", true, false},
        {"close", true, false},
        {"keep-alive", false, true},
        {"keep-alive", false, true},
        {"Keep-Alive", false, true},
        {"closed, x-close", false, false},
        {"Keep-Alive, CLOSE", true, true},
        {" , ,\tkeep-alive,", false, true},
        {"upgrade", false, false},
    };
    const bool is_old = draft.minor_version == 0;
    const bool says_so = draft.draw.chance(is_old ? 800'000 : 130'000);
    if (!says_so) {
        draft.keeps_alive = !is_old;
        return;
    }
    const option& chosen = draft.draw.pick(options);
    draft.connection = chosen.value;
    draft.keeps_alive = !chosen.closes && (!is_old || chosen.keeps);
}

constexpr std::uint64_t giant_bytes = 380'000;

// Mostly small, and sometimes of several buffers.
std::uint64_t draw_data_bytes(request_draft& draft) {
    const std::uint64_t most = draft.limits.body_bytes_max;
    const bool may_be_giant = draft.use != body_use::read && draft.use != body_use::first_piece &&
                              draft.fault == body_fault::none && most >= giant_bytes;
    const std::uint64_t drawn = draft.draw.below(4'000);
    if (drawn == 0 && may_be_giant) {
        return giant_bytes;
    }
    if (drawn < 300) {
        return 0;
    }
    if (drawn < 2'600) {
        return draft.draw.between(1, 64);
    }
    if (drawn < 3'850) {
        return std::min(most, draft.draw.between(65, 2'048));
    }
    return std::min(most, draft.draw.between(2'049, 20'480));
}

bool is_usual_with_body(http::method verb) noexcept {
    return verb == http::method::post || verb == http::method::put || verb == http::method::patch;
}

void choose_body(request_draft& draft) {
    const std::uint64_t limit = draft.limits.body_bytes_max;
    const bool usual = is_usual_with_body(draft.verb);
    if (draft.fault == body_fault::none && !draft.draw.chance(usual ? 900'000 : 40'000)) {
        draft.has_expect = draft.draw.chance(15'000);  // Of nothing: to be ignored.
        return;
    }
    const bool may_be_chunked = draft.minor_version != 0 && draft.fault != body_fault::announced;
    const bool is_chunked =
        may_be_chunked && (draft.fault != body_fault::none || draft.draw.chance(450'000));
    draft.framing = is_chunked ? request_framing::chunked : request_framing::length;
    const std::uint64_t bytes =
        draft.fault == body_fault::too_long ? limit : draw_data_bytes(draft);
    const std::uint64_t begin_max = bytes == giant_bytes ? noise_bytes - giant_bytes : 60'000;
    const std::uint64_t begin = draft.draw.below(begin_max);
    draft.data = noise(begin, bytes);
    draft.data_length = bytes;
    if (draft.fault == body_fault::announced) {
        const bool is_extreme = draft.draw.below(4) == 0;
        draft.data_length = is_extreme ? UINT64_MAX : limit + 1 + draft.draw.below(1'000);
    }
    draft.has_expect = draft.draw.chance(250'000);
    const bool waits = draft.draw.chance(700'000);
    draft.made.waits_for_continue = waits && draft.expects();
}

// The body of a request to any route is wrong, or the head of one.
void plan_refused(request_draft& draft) {
    const std::uint64_t drawn = draft.draw.below(100);
    if (drawn < 65) {
        plan_refused_head(draft.draw, draft.limits, draft.made);
        return;
    }
    const bool may_be_too_long = draft.limits.body_bytes_max <= body_bytes_max_to_pass;
    draft.fault = drawn < 75                      ? body_fault::announced
                  : drawn < 80 && may_be_too_long ? body_fault::too_long
                                                  : body_fault::malformed;
    plan_body_route(draft);
    plan_request(draft);
    write_request(draft);
    settle_answer(draft);
}

}  // namespace

void plan_route(request_draft& draft) {
    plan_one_of(routes, draft);
}

void plan_body_route(request_draft& draft) {
    plan_one_of(body_routes, draft);
}

void plan_request(request_draft& draft) {
    choose_method(draft);
    choose_version(draft);
    choose_connection(draft);
    choose_body(draft);
}

planned_exchange plan_exchange(random_source& draw, const http::service_limits& limits) {
    planned_exchange made;
    request_draft draft(draw, limits, made);
    if (draw.below(plan_refused_one_in) == 0) {
        plan_refused(draft);
        return made;
    }
    plan_route(draft);
    plan_request(draft);
    write_request(draft);
    settle_answer(draft);
    return made;
}

}  // namespace rouse::sim
