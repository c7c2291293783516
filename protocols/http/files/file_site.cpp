#include "protocols/http/files/file_site.hpp"

#include <filesystem>
#include <string_view>
#include <system_error>

#include "protocols/http/files/folder_reader.hpp"
#include "protocols/http/files/listing.hpp"
#include "protocols/http/files/site_answer.hpp"
#include "protocols/http/method.hpp"
#include "protocols/http/middleware/content_encoder.hpp"
#include "protocols/http/middleware/encoded_body.hpp"
#include "protocols/http/wants_json.hpp"

namespace rouse::http {
namespace {

constexpr std::string_view methods_allowed = "GET, HEAD, OPTIONS";
constexpr std::string_view retry_after_seconds = "1";

response with_header(int status, std::string_view name, std::string value) {
    response made = response::of_status(status);
    made.headers.push_back({.name = name, .value = std::move(value)});
    return made;
}

// For a method that asks for no file. RFC 9110, 9.3.7 and 15.5.6.
std::optional<response> refuse_method(method verb) {
    switch (verb) {
        case method::get:
        case method::head:
            return std::nullopt;
        case method::options:
            return with_header(204, "Allow", std::string(methods_allowed));
        default:
            return with_header(405, "Allow", std::string(methods_allowed));
    }
}

// RFC 9110, 15.4.2: the query stays. Made of the resolved path: see request_path_of.
response redirect_to_folder(const site_path& place, std::string_view query) {
    std::string location = request_path_of(place.file, true);
    if (!query.empty()) {
        location.append("?").append(query);
    }
    return with_header(301, "Location", std::move(location));
}

response of_failure(int status) {
    // RFC 9110, 15.6.4.
    return status == 503 ? with_header(503, "Retry-After", std::string(retry_after_seconds))
                         : response::of_status(status);
}

std::string fault_of(const file_site_options& options, const site_path& fallback) {
    if (options.index.size() > site_index_names_max) {
        return "more than " + std::to_string(site_index_names_max) + " index names";
    }
    for (const std::string& name : options.index) {
        const site_path place = resolve_site_path("/" + name, true);
        if (name.contains('%') || place.file != name || name.contains('/')) {
            return "\"" + name + "\" is no name of an index file";
        }
    }
    if (!options.fallback.empty() &&
        (fallback.outcome != site_path_outcome::found || fallback.is_folder)) {
        return "the fallback " + options.fallback +
               " is no path of a file: write it as /index.html";
    }
    if (options.compress_bytes_min > options.compress_bytes_max) {
        return "the smallest file to compress is larger than the largest";
    }
    return {};
}

}  // namespace

std::expected<std::unique_ptr<file_site>, std::string> file_site::make(reactor& io,
                                                                       file_site_options options,
                                                                       blocking_pool* pool) {
    site_path fallback = resolve_site_path(options.fallback, options.dotfiles);
    if (std::string fault = fault_of(options, fallback); !fault.empty()) {
        return std::unexpected("site " + options.root + ": " + fault);
    }
    auto root = directory::open(io, options.root);
    if (!root) {
        return std::unexpected("site " + options.root + ": " + root.error().message());
    }
    if (options.listing && pool == nullptr) {
        return std::unexpected("site " + options.root + ": a listing needs a pool of threads");
    }
    std::error_code failed;
    options.root = std::filesystem::absolute(options.root, failed).native();
    if (failed) {
        return std::unexpected("site: no current directory: " + failed.message());
    }
    std::unique_ptr<file_site> made(
        new file_site(io, std::move(*root), std::move(options), std::move(fallback)));
    made->pool_ = pool;
    return made;
}

handler file_site::make_handler() {
    return either_handler{.at_once = [this](request& asked) { return answer_at_once(asked); },
                          .later = [this](request& asked) { return answer_later(asked); }};
}

// Null when there is none, or with the reason why there is none.
const cached_file* file_site::find_known(const request& asked, std::optional<response>& refusal) {
    const std::string_view path = asked.path();
    file_cache& cache = loader_.cache();
    // What is in the cache has a resolved path, so a raw one that is equal to it is resolved too,
    // unless it has an escape, which could stand for a name with a '%' in it.
    if (path.starts_with('/') && !path.contains('%')) {
        if (const auto* known = cache.find(path.substr(1))) {
            return known->get();
        }
    }
    const site_path place = resolve_site_path(path, options_.dotfiles);
    if (place.outcome != site_path_outcome::found) {
        refusal = response::of_status(status_of(place.outcome));
        return nullptr;
    }
    const auto* known = cache.find(cache_key_of(place));
    return known == nullptr ? nullptr : known->get();
}

std::optional<response> file_site::answer_at_once(const request& asked) {
    const request_head& head = asked.head();
    if (auto refusal = refuse_method(head.verb)) {
        return refusal;
    }
    std::optional<response> refusal;
    const cached_file* const known = find_known(asked, refusal);
    if (known == nullptr || !loader_.is_fresh(*known)) {
        return refusal;
    }
    const auto* content = loader_.find_content(
        *known, known->is_negotiated ? accepts_.read(head) : accepted_codings());
    if (content == nullptr) {
        return std::nullopt;
    }
    const site_answer answer(head, **content, known->content_type, loader_.clock().wall_seconds());
    if (answer.needs_bytes() && !(*content)->bytes) {
        return std::nullopt;
    }
    return answer.make();
}

task<response> file_site::answer_later(const request& asked) {
    const request_head& head = asked.head();
    const site_path place = resolve_site_path(asked.path(), options_.dotfiles);
    const accepted_codings accepted(head);
    loaded_file found = co_await loader_.load(place, accepted);
    if (found.status == 404 && place.is_folder && options_.listing) {
        response listed = co_await list(asked, place.file);
        if (listed.status != 404) {
            co_return std::move(listed);
        }
    }
    if (found.status == 404 && !options_.fallback.empty()) {
        found = co_await loader_.load(fallback_, accepted);
        if (found.status == 301) {
            co_return response::of_status(404);
        }
    }
    if (found.status == 301) {
        co_return redirect_to_folder(place, asked.query());
    }
    if (found.status != 200) {
        co_return of_failure(found.status);
    }
    co_return answer_found(head, std::move(found));
}

response file_site::answer_found(const request_head& head, loaded_file found) {
    const site_answer answer(head, *found.content, found.known->content_type,
                             loader_.clock().wall_seconds());
    if (!found.opened || !answer.needs_bytes()) {
        return answer.make();
    }
    const std::optional<content_coding> coding = found.content->streamed;
    if (!coding) {
        return answer.make(std::move(*found.opened), loader_.blocks(),
                           options_.send_files ? file_delivery::sent : file_delivery::read);
    }
    auto permit = streams_.take();
    if (!permit) {
        // As it is, which is another representation: with other conditions, and with ranges.
        found.content = found.known->content(content_coding::identity);
        return answer_found(head, std::move(found));
    }
    response made = answer.make(std::move(*found.opened), loader_.blocks(), file_delivery::read);
    made.body = std::make_unique<encoded_body>(
        std::get<std::unique_ptr<body_source>>(std::move(made.body)),
        make_content_encoder(*coding, options_.levels), std::move(permit));
    return made;
}

task<response> file_site::list(const request& asked, std::string folder) {
    const bool as_json = wants_json(asked.head());
    auto page = co_await pool_->run(folder_reader{.root = options_.root,
                                                  .folder = std::move(folder),
                                                  .dotfiles = options_.dotfiles,
                                                  .symlinks = options_.symlinks,
                                                  .as_json = as_json});
    if (!page) {
        co_return of_failure(status_of(page.error()));
    }
    if (!*page) {
        co_return of_failure(status_of(page->error()));
    }
    response made = response::text(**std::move(page), as_json ? application_json : text_html);
    made.headers = {{.name = "Vary", .value = "Accept"},
                    {.name = "Cache-Control", .value = std::string(cache_control::revalidate)}};
    if (!as_json) {
        made.headers.push_back(
            {.name = "Content-Security-Policy", .value = std::string(listing_security_policy)});
    }
    co_return made;
}

}  // namespace rouse::http
