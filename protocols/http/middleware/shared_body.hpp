#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "protocols/http/body_source.hpp"
#include "protocols/http/text_body.hpp"
#include "runtime/base/shared_bytes.hpp"

namespace rouse::http {

/// Shared bytes as a body in pieces, none of them copied.
class shared_body final : public body_source {
   public:
    explicit shared_body(shared_bytes bytes) noexcept : bytes_(std::move(bytes)) {}

    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& /*cx*/) override {
        const std::size_t begin = at_;
        const std::size_t count =
            std::min(bytes_.bytes().size() - begin, text_body::piece_bytes_max);
        if (count == 0) {
            return result<owned_bytes>();
        }
        at_ += count;
        return result<owned_bytes>(bytes_.share(begin, count));
    }
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept override {
        return bytes_.bytes().size();
    }

   private:
    shared_bytes bytes_;
    std::size_t at_ = 0;
};

}  // namespace rouse::http
