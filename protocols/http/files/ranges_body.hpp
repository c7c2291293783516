#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "protocols/http/body_source.hpp"
#include "protocols/http/files/multipart_ranges.hpp"

namespace rouse::http {

/// Makes a body of a part of a representation.
using range_source = std::function<std::unique_ptr<body_source>(byte_range)>;

/// Several ranges as multipart/byteranges. RFC 9110, 14.6. Holds one range's body at a time.
class ranges_body final : public body_source {
   public:
    ranges_body(const multipart_ranges& plan, range_source source)
        : plan_(plan), source_(std::move(source)), content_type_(plan.content_type()) {}

    /// Lives as long as the body: of the response that it is of.
    [[nodiscard]] std::string_view content_type() const noexcept { return content_type_; }

    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& cx) override;
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept override {
        return plan_.content_length();
    }

   private:
    multipart_ranges plan_;
    range_source source_;
    std::string content_type_;
    std::size_t index_ = 0;
    std::unique_ptr<body_source> range_;  // Of index_, when its head has been given.
    bool is_closed_ = false;
};

/// A boundary that nobody can guess. RFC 2046, 5.1.1.
[[nodiscard]] std::string random_boundary();

}  // namespace rouse::http
