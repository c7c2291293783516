#pragma once

#include <cerrno>
#include <cstdint>
#include <optional>

#include "protocols/http/body_source.hpp"

namespace rouse::http {

/// The length of a body that nobody will ask for, or that it is not known: of the answer to HEAD.
class announced_body final : public body_source {
   public:
    explicit announced_body(std::optional<std::uint64_t> bytes) noexcept : bytes_(bytes) {}

    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& /*cx*/) override {
        return result<owned_bytes>(failure(errno_code(ENODATA)));
    }
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept override { return bytes_; }

   private:
    std::optional<std::uint64_t> bytes_;
};

}  // namespace rouse::http
