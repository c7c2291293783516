#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "protocols/http/body_source.hpp"
#include "protocols/http/middleware/content_encoder.hpp"

namespace rouse::http {

/// What an encoded_body holds on to as long as it has its encoder, such as a place among a number.
class kept_alive {
   public:
    kept_alive() = default;
    kept_alive(const kept_alive&) = delete;
    kept_alive& operator=(const kept_alive&) = delete;
    virtual ~kept_alive() = default;
};

/// A body in a content coding, made from the pieces of another while they come. When that one has
/// nothing for the moment, what it gave so far goes out, so that a slow body stays readable as it
/// comes. Holds one piece of the other body, and what its encoder gives out at once: br collects up
/// to 512 KiB that do not compress. An error of the other body is one of this.
class encoded_body final : public body_source {
   public:
    /// What leaves at a time: so much when there is enough, and never more than the double.
    static constexpr std::size_t piece_bytes = 32'768;
    /// How much one poll encodes before other tasks have their turn.
    static constexpr std::size_t poll_bytes_max = 65'536;

    encoded_body(std::unique_ptr<body_source> plain, std::unique_ptr<content_encoder> encoder,
                 std::unique_ptr<kept_alive> permit = nullptr) noexcept
        : plain_(std::move(plain)), permit_(std::move(permit)), encoder_(std::move(encoder)) {}

    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& cx) override;

   private:
    [[nodiscard]] result<owned_bytes> take();
    [[nodiscard]] result<> finish();

    std::unique_ptr<body_source> plain_;
    std::unique_ptr<kept_alive> permit_;
    std::unique_ptr<content_encoder> encoder_;
    owned_bytes piece_;      // Of the plain body,
    std::size_t taken_ = 0;  // so much of which is encoded.
    std::string out_;
    std::size_t given_ = 0;  // So much of out_ has left.
    bool is_flushed_ = true;
    bool is_ended_ = false;
};

}  // namespace rouse::http
