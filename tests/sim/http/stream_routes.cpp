#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/time/deadline.hpp"
#include "tests/sim/http/route_content.hpp"
#include "tests/sim/http/routes.hpp"

namespace rouse::sim {
namespace {

using http::request;
using http::response;

/// What comes after the last piece.
enum class stream_end : std::uint8_t {
    clean,
    failure,
    surplus,  ///< One piece more than its length promises.
};

/// What comes before each piece.
struct stream_pace {
    bool gives_way = false;
    milliseconds pause{0};
};

class shaped_body final : public http::body_source {
   public:
    shaped_body(stream_shape shape, std::optional<std::uint64_t> length, stream_end end,
                stream_pace pace) noexcept
        : shape_(shape), at_(shape.begin), length_(length), end_(end), pace_(pace) {}

    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& cx) override {
        if (!is_due(cx)) {
            return pending;
        }
        if (next_ < shape_.count) {
            const std::size_t size = shape_.sizes[next_++];
            const std::size_t begin = std::exchange(at_, at_ + size);
            return result<owned_bytes>(owned_bytes::from_static(noise(begin, size)));
        }
        switch (end_) {
            case stream_end::failure:
                return result<owned_bytes>(failure(std::make_error_code(std::errc::io_error)));
            case stream_end::surplus:
                return result<owned_bytes>(owned_bytes::from_static("surplus"));
            case stream_end::clean:
                break;
        }
        return result<owned_bytes>();
    }
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept override { return length_; }

   private:
    bool is_due(context& cx) {
        if (pace_.gives_way) {
            waiting_ = !waiting_;
            if (waiting_) {
                cx.local().wake_by_ref();
            }
            return !waiting_;
        }
        if (pace_.pause == milliseconds(0)) {
            return true;
        }
        if (!std::exchange(waiting_, true)) {
            pause_.set(cx, cx.timers()->now() + pace_.pause);
            return false;
        }
        waiting_ = !pause_.has_passed();
        return !waiting_;
    }

    stream_shape shape_;
    std::size_t next_ = 0;
    std::size_t at_;
    std::optional<std::uint64_t> length_;
    stream_end end_;
    stream_pace pace_;
    deadline pause_;
    bool waiting_ = false;
};

constexpr std::string_view binary = "application/octet-stream";
constexpr stream_pace giving_way{.gives_way = true};

stream_shape shape_for(request& asked) noexcept {
    return stream_shape_of(parse_number(asked.param("number")).value_or(0));
}

response chunked(request& asked, stream_end end, stream_pace pace = {}) {
    return response::stream(
        std::make_unique<shaped_body>(shape_for(asked), std::nullopt, end, pace), binary);
}

/// Its Content-Length says `more` bytes more than its pieces have.
response counted(request& asked, std::uint64_t more, stream_end end, stream_pace pace = {}) {
    const stream_shape shape = shape_for(asked);
    return response::stream(
        std::make_unique<shaped_body>(shape, shape.content().size() + more, end, pace), binary);
}

stream_pace pause_for(request& asked) noexcept {
    return {.pause = milliseconds(parse_number(asked.param("ms")).value_or(0))};
}

response mute_stream(request& asked) {
    response made = chunked(asked, stream_end::clean);
    made.status = 204;
    return made;
}

}  // namespace

void add_stream_routes(http::router& routes) {
    using namespace route_methods;
    using enum stream_end;
    routes.on(get_or_post, "/chunks/{number}", [](request& asked) { return chunked(asked, clean); })
        .on(get_or_post, "/counted/{number}",
            [](request& asked) { return counted(asked, 0, clean); })
        .get("/drip/{number}", [](request& asked) { return chunked(asked, clean, giving_way); })
        .get("/drop/{number}", [](request& asked) { return counted(asked, 0, clean, giving_way); })
        .get("/pause/{ms}/{number}",
             [](request& asked) { return chunked(asked, clean, pause_for(asked)); })
        .get("/rest/{ms}/{number}",
             [](request& asked) { return counted(asked, 0, clean, pause_for(asked)); })
        .on(get_or_post, "/cut/{number}", [](request& asked) { return chunked(asked, failure); })
        .get("/fail/{ms}/{number}",
             [](request& asked) { return chunked(asked, failure, pause_for(asked)); })
        .get("/short/{number}", [](request& asked) { return counted(asked, 7, failure); })
        .get("/early/{number}", [](request& asked) { return counted(asked, 1, clean); })
        .get("/long/{number}", [](request& asked) { return counted(asked, 0, surplus); })
        .get("/over/{number}", [](request& asked) { return counted(asked, 3, surplus); })
        .get("/nothing/{number}", mute_stream);
}

}  // namespace rouse::sim
