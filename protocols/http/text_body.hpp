#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "protocols/http/body_source.hpp"
#include "runtime/base/shared_bytes.hpp"

namespace rouse::http {

/// A long text as a body: it leaves in pieces, so that the time that one send may take is no bound
/// on its length.
class text_body final : public body_source {
   public:
    static constexpr std::size_t piece_bytes_max = 65'536;

    /// `text` outlives every send.
    explicit text_body(std::string_view text) noexcept : text_(text), size_(text.size()) {}
    explicit text_body(std::string text) : text_body(shared_bytes(std::move(text))) {}
    explicit text_body(shared_bytes text) : text_(std::move(text)) {
        size_ = std::get<shared_bytes>(text_).bytes().size();
    }

    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& /*cx*/) override {
        const std::size_t begin = at_;
        const std::size_t count = std::min(size_ - begin, piece_bytes_max);
        if (count == 0) {
            return result<owned_bytes>();
        }
        at_ += count;
        if (const auto* shared = std::get_if<shared_bytes>(&text_)) {
            return result<owned_bytes>(shared->share(begin, count));
        }
        return result<owned_bytes>(
            owned_bytes::from_static(std::get<std::string_view>(text_).substr(begin, count)));
    }
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept override { return size_; }

   private:
    std::variant<std::string_view, shared_bytes> text_;
    std::size_t size_ = 0;
    std::size_t at_ = 0;
};

}  // namespace rouse::http
