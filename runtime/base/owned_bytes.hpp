#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace rouse {

/// Bytes together with what keeps them alive, whatever that is: a string, a leased buffer, a count
/// on shared memory, or nothing for memory that lives as long as the process. What a send takes,
/// because the kernel may read the bytes after the future, the task and the connection are gone.
/// Move only; the destructor gives the bytes back.
class owned_bytes {
   public:
    /// Gives back what `owner` stands for; `data` is where the bytes began.
    using release_function = void (*)(void* owner, const std::byte* data) noexcept;

    owned_bytes() noexcept = default;
    owned_bytes(std::span<const std::byte> bytes, void* owner, release_function release) noexcept
        : data_(bytes.data()), size_(bytes.size()), owner_(owner), release_(release) {}
    owned_bytes(owned_bytes&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          owner_(other.owner_),
          release_(std::exchange(other.release_, nullptr)) {}
    owned_bytes& operator=(owned_bytes&& other) noexcept {
        if (this != &other) {
            reset();
            data_ = std::exchange(other.data_, nullptr);
            size_ = std::exchange(other.size_, 0);
            owner_ = other.owner_;
            release_ = std::exchange(other.release_, nullptr);
        }
        return *this;
    }
    ~owned_bytes() { reset(); }

    /// Takes over a string. Throws bad_alloc.
    [[nodiscard]] static owned_bytes from_string(std::string text) {
        auto* kept = new std::string(std::move(text));
        return {std::as_bytes(std::span(*kept)), kept,
                [](void* owner, const std::byte* /*data*/) noexcept {
                    delete static_cast<std::string*>(owner);
                }};
    }

    /// Bytes that outlive every send, such as a literal.
    [[nodiscard]] static owned_bytes from_static(std::string_view text) noexcept {
        return {std::as_bytes(std::span(text)), nullptr, nullptr};
    }

    [[nodiscard]] const std::byte* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }

   private:
    void reset() noexcept {
        if (release_ != nullptr) {
            std::exchange(release_, nullptr)(owner_, data_);
        }
    }

    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
    void* owner_ = nullptr;
    release_function release_ = nullptr;
};

}  // namespace rouse
