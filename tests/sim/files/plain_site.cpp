#include "tests/sim/files/plain_site.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "protocols/http/files/byte_range.hpp"
#include "protocols/http/files/entity_tag.hpp"
#include "protocols/http/target.hpp"

namespace rouse::sim {
namespace {

using http::byte_range;
using http::request;
using http::response;

/// The bytes of a file, read while they are sent.
class read_body final : public http::body_source {
   public:
    read_body(file opened, byte_range wanted, file_blocks& blocks) noexcept
        : opened_(std::move(opened)), left_(wanted), length_(wanted.bytes), blocks_(blocks) {}

    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& cx) override {
        if (left_.bytes == 0) {
            return result<owned_bytes>();
        }
        if (!reading_) {
            reading_.emplace(opened_.read(blocks_.take(1), left_.first,
                                          static_cast<std::size_t>(std::min<std::uint64_t>(
                                              left_.bytes, file_blocks::small_bytes))));
        }
        auto read = reading_->poll(cx);
        if (read.is_pending()) {
            return pending;
        }
        reading_.reset();
        if (!read.value()) {
            return result<owned_bytes>(failure(read.value().error()));
        }
        // An empty one, where the file has lost its end, cuts the answer short.
        left_.first += read.value()->size();
        left_.bytes -= read.value()->size();
        return result<owned_bytes>(read.value()->take_bytes());
    }
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept override { return length_; }

   private:
    file opened_;
    byte_range left_;
    std::uint64_t length_;
    file_blocks& blocks_;
    std::optional<read_future> reading_;
};

int status_of(std::error_code failed) noexcept {
    switch (failed.value()) {
        case EACCES:
            return 403;
        case ENOENT:
        case ENOTDIR:
        case ELOOP:
        case EXDEV:
        case ENAMETOOLONG:
            return 404;
        default:
            return 503;
    }
}

response answer_from(file opened, const file_status& status, const request& asked,
                     file_blocks& blocks) {
    const http::entity_tag_text tag({.size_bytes = status.size,
                                     .modified_seconds = status.modified.seconds,
                                     .modified_nanoseconds = status.modified.nanoseconds,
                                     .inode = status.inode,
                                     .changed_seconds = status.changed.seconds,
                                     .changed_nanoseconds = status.changed.nanoseconds});
    response made;
    made.headers.push_back({.name = "ETag", .value = std::string(tag.text())});
    if (asked.head().find("if-none-match") == tag.text()) {
        made.status = 304;
        return made;
    }
    const auto wanted =
        asked.head().verb == http::method::head
            ? http::byte_ranges()
            : http::parse_byte_ranges(asked.head().find("range").value_or(std::string_view()),
                                      status.size, 1);
    byte_range range{.first = 0, .bytes = status.size};
    if (wanted.result() == http::byte_ranges::outcome::unsatisfiable) {
        made = response::of_status(416);
        made.headers.push_back(
            {.name = "Content-Range",
             .value = std::string(http::content_range::unsatisfied(status.size).text())});
        return made;
    }
    if (wanted.result() == http::byte_ranges::outcome::partial) {
        range = wanted.ranges().front();
        made.status = 206;
        made.headers.push_back(
            {.name = "Content-Range",
             .value = std::string(http::content_range::of(range, status.size).text())});
    }
    made.body = std::make_unique<read_body>(std::move(opened), range, blocks);
    return made;
}

task<response> serve_file(plain_site& site, request& asked) {
    auto path = http::percent_decode(asked.param("path"));
    if (!path) {
        co_return response::of_status(400);
    }
    auto opened = co_await site.root.open_beneath(std::move(*path));
    if (!opened) {
        co_return response::of_status(status_of(opened.error()));
    }
    const auto status = co_await opened->status();
    if (!status) {
        co_return response::of_status(status_of(status.error()));
    }
    if (status->type != file_type::regular) {
        co_return response::of_status(404);
    }
    co_return answer_from(std::move(*opened), *status, asked, *site.blocks);
}

}  // namespace

void add_plain_site(http::router& routes, plain_site& site) {
    routes.get("/{path...}",
               [shared = &site](request& asked) { return serve_file(*shared, asked); });
}

}  // namespace rouse::sim
