#pragma once

#include <string>
#include <utility>

#include "runtime/base/owned_bytes.hpp"

namespace rouse::test {

/// Text whose owned_bytes count how often they are given back. It must outlive them.
class counted_bytes {
   public:
    explicit counted_bytes(std::string text) : text_(std::move(text)) {}
    counted_bytes(const counted_bytes&) = delete;
    counted_bytes& operator=(const counted_bytes&) = delete;

    int releases = 0;

    [[nodiscard]] owned_bytes bytes() noexcept {
        return {std::as_bytes(std::span(text_)), this,
                [](void* self, const std::byte* /*data*/) noexcept {
                    ++static_cast<counted_bytes*>(self)->releases;
                }};
    }

   private:
    std::string text_;
};

}  // namespace rouse::test
