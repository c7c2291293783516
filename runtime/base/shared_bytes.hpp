#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/base/owned_bytes.hpp"

namespace rouse {

/// Immutable bytes with several owners: one answer for many connections. share() makes an
/// owned_bytes that keeps them alive.
class shared_bytes {
   public:
    explicit shared_bytes(std::string text)
        : text_(std::make_shared<const std::string>(std::move(text))) {}

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
        return std::as_bytes(std::span(*text_));
    }

    [[nodiscard]] std::string_view text() const noexcept { return *text_; }

    /// One more owner of `count` bytes from `offset`, for one send. Throws bad_alloc.
    [[nodiscard]] owned_bytes share(std::size_t offset = 0, std::size_t count = SIZE_MAX) const {
        const auto shared = bytes().subspan(offset);
        auto* owner = new std::shared_ptr<const std::string>(text_);
        return {shared.first(std::min(count, shared.size())), owner,
                [](void* kept, const std::byte* /*data*/) noexcept {
                    delete static_cast<std::shared_ptr<const std::string>*>(kept);
                }};
    }

   private:
    std::shared_ptr<const std::string> text_;
};

}  // namespace rouse
