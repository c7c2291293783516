#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

#include "protocols/http/middleware/encoded_body.hpp"

namespace rouse::http {

/// How many bodies may be compressed piece by piece at once: each keeps its encoder, of up to 2 MiB
/// at the default levels, as long as its client takes. Any thread may use it.
class stream_permits {
   public:
    explicit stream_permits(std::size_t max) : max_(max) {}

    /// One of them, which is given back when it is destroyed, and may outlive this. Null when there
    /// are as many already.
    [[nodiscard]] std::unique_ptr<kept_alive> take() const {
        if (count_->fetch_add(1, std::memory_order_relaxed) < max_) {
            return std::make_unique<permit>(count_);
        }
        count_->fetch_sub(1, std::memory_order_relaxed);
        return nullptr;
    }

   private:
    using shared_count = std::shared_ptr<std::atomic<std::size_t>>;

    class permit final : public kept_alive {
       public:
        explicit permit(shared_count count) noexcept : count_(std::move(count)) {}
        permit(const permit&) = delete;
        permit& operator=(const permit&) = delete;
        ~permit() override { count_->fetch_sub(1, std::memory_order_relaxed); }

       private:
        shared_count count_;
    };

    std::size_t max_;
    shared_count count_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace rouse::http
