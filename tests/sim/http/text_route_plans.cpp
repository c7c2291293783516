#include <string_view>

#include "tests/sim/http/route_content.hpp"
#include "tests/sim/http/route_plans.hpp"
#include "tests/sim/http/routes.hpp"

namespace rouse::sim::route_plans {
namespace {

/// Appends a word, escaped at random, and what it means. `space` is what may be written as '+'.
void append_word(request_draft& draft, std::string& raw, std::string& meaning, bool plus_is_space) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$'()*,;:@[]^`{|}";
    constexpr char hexadecimal[] = "0123456789abcdef0123456789ABCDEF";
    const std::uint64_t length = draft.draw.between(1, 6);
    for (std::uint64_t index = 0; index < length; ++index) {
        const std::uint64_t drawn = draft.draw.below(plain.size() + 16);
        if (drawn < plain.size()) {
            raw.push_back(plain[drawn]);
            meaning.push_back(plain[drawn]);
        } else if (drawn < plain.size() + 4) {
            raw.push_back('+');
            meaning.push_back(plus_is_space ? ' ' : '+');
        } else {
            const std::uint64_t byte = draft.draw.between(1, 255);
            const std::uint64_t letters = draft.draw.coin() ? 16 : 0;
            raw.push_back('%');
            raw.push_back(hexadecimal[letters + byte / 16]);
            raw.push_back(hexadecimal[letters + byte % 16]);
            meaning.push_back(static_cast<char>(byte));
        }
    }
}

/// An answer that repeats the query.
void answer_query(request_draft& draft, std::string_view before) {
    set_query(draft, draw_number(draft));
    draft.made.answer.owned.reserve(before.size() + draft.query.size());
    draft.made.answer.owned.append(before).append(draft.query);
    draft.made.answer.content_type = plain_text;
}

}  // namespace

void literal(request_draft& draft) {
    struct text_route {
        std::string_view path;
        std::string_view text;
        std::string_view type;
    };
    static constexpr text_route routes[] = {
        {"/plain", "hello\n", plain_text},
        {"/plain", "hello\n", plain_text},
        {"/", "root\n", plain_text},
        {"/json", "{\"a\":1}", "application/json"},
        {"/html", "<p>hi", "text/html; charset=utf-8"},
        {"/untyped", "no type", {}},
    };
    const text_route& route = draft.draw.pick(routes);
    draft.path = route.path;
    answer_fixed(draft, route.text, route.type);
}

void say(request_draft& draft) {
    draft.path = "/say";
    draft.methods = route_methods::get_or_post;
    draft.has_query = true;
    draft.made.answer.content_type = plain_text;
    constexpr std::string_view befores[] = {"", "", "", "a=1&", "&&", "wor=d&word&", "=&x&"};
    const std::string_view before = draft.draw.pick(befores);
    draft.query = before;
    draft.query += "word=";
    std::string said = "said ";
    append_word(draft, draft.query, said, true);
    const std::uint64_t more = draft.draw.below(40);
    if (more == 0) {
        constexpr std::string_view broken[] = {"%", "%4", "%zz", "%00", "%%41"};
        draft.query += draft.draw.pick(broken);
        said = "undecodable\n";
        draft.made.answer.status = 400;
    } else if (more < 4) {
        draft.query += "&word=other";
    }
    if (before.starts_with("wor=")) {
        draft.made.answer.status = 200;  // The first of two is empty.
        said = "said ";
    }
    draft.made.answer.owned = std::move(said);
}

void path(request_draft& draft) {
    draft.path = "/of/";
    std::string repeated;
    append_word(draft, draft.path, repeated, false);
    draft.path += "/";
    repeated += "|";
    const std::uint64_t segments = draft.draw.below(3);
    for (std::uint64_t index = 0; index < segments; ++index) {
        append_word(draft, draft.path, repeated, false);
        draft.path += "/";
        repeated += "/";
    }
    draft.made.answer.content_type = plain_text;
    draft.made.answer.owned = std::move(repeated);
}

void show(request_draft& draft) {
    draft.path = "/show";
    draft.methods = route_methods::named;
    draft.tells_head = true;
    draft.made.answer.content_type = plain_text;
    if (draft.draw.coin()) {
        set_query(draft, draw_number(draft));
    }
}

void bytes(request_draft& draft) {
    // Around what fits behind a head, and what is one piece of a long text.
    constexpr std::size_t sizes[] = {0, 1, 100, 1'000, 3'000, 16'383, 16'384, 16'385, 20'000};
    constexpr std::size_t large_sizes[] = {40'000, 65'536, 65'537, 90'000, 140'000};
    const bool is_large = draft.draw.chance(20'000);
    const std::size_t size = is_large ? draft.draw.pick(large_sizes) : draft.draw.pick(sizes);
    draft.methods = route_methods::get_or_post;
    if (draft.draw.coin()) {
        set_path(draft, "/bytes/", size);
        answer_fixed(draft, noise(0, size));
        return;
    }
    const std::uint64_t number = draw_number(draft);
    set_path(draft, "/text/", size);
    set_query(draft, number);
    answer_fixed(draft, noise(noise_begin_of(number), size));
}

void status(request_draft& draft) {
    struct status_text {
        int status;
        std::string_view text;
    };
    static constexpr status_text statuses[] = {
        {200, "200 OK\n"},
        {201, "201 Created\n"},
        {204, ""},
        {205, ""},
        {299, "299\n"},
        {304, ""},
        {302, "302 Found\n"},
        {404, "404 Not Found\n"},
        {418, "418\n"},
        {451, "451 Unavailable For Legal Reasons\n"},
        {503, "503 Service Unavailable\n"},
        {599, "599\n"},
        {600, "500 Internal Server Error\n"},
        {199, "500 Internal Server Error\n"},
    };
    const status_text& drawn = draft.draw.pick(statuses);
    set_path(draft, "/status/", static_cast<std::uint64_t>(drawn.status));
    const bool is_writable = drawn.status >= 200 && drawn.status < 600;
    answer_status(draft, is_writable ? drawn.status : 500, drawn.text);
}

void mute(request_draft& draft) {
    const std::uint64_t kind = draft.draw.below(3);
    if (kind == 0) {
        set_path(draft, "/nothing/", draw_number(draft));
        draft.made.answer.status = 204;
        draft.made.answer.framing = answer_framing::chunked;
        draft.made.answer.content_type = octets;
        draft.use = body_use::passed_by;
        return;
    }
    draft.made.answer.status = kind == 1 ? 204 : 304;
    set_path(draft, "/mute/", static_cast<std::uint64_t>(draft.made.answer.status));
    draft.made.answer.content_type = plain_text;
}

void wait(request_draft& draft) {
    draft.methods = route_methods::get_or_post;
    if (draft.draw.coin()) {
        set_path(draft, "/wait/", draw_milliseconds(draft));
        answer_query(draft, "waited for ");
    } else {
        set_path(draft, "/yield/", draft.draw.below(5));
        answer_query(draft, "gave way ");
    }
}

void close(request_draft& draft) {
    draft.path = "/close";
    draft.methods = route_methods::get_or_post;
    answer_query(draft, "bye ");
    draft.made.answer.fate = connection_fate::closes;
}

void headers(request_draft& draft) {
    if (draft.draw.coin()) {
        draft.path = "/type";
        draft.methods = route_methods::get_or_post;
        draft.has_type_of_body = true;
        answer_fixed(draft, "as you say");
        return;
    }
    draft.path = "/headers";
    set_query(draft, draw_number(draft));
    answer_fixed(draft, "see the lines above");
    auto& headers = draft.made.answer.headers;
    headers.reserve(4);
    headers.push_back({.name = "X-Query", .value = draft.query});
    headers.push_back({.name = "X-Empty", .value = {}});
    headers.push_back({.name = "Set-Cookie", .value = "a=1; Path=/"});
    headers.push_back({.name = "Set-Cookie", .value = "b=\"\t\xff\""});
}

}  // namespace rouse::sim::route_plans
