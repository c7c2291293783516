#pragma once

#include <cstdint>
#include <utility>

namespace rouse {

class reactor;

/// A descriptor that several owners share: the socket object and each operation that uses it. It is
/// closed when the last of them is gone, so never while the kernel still works on it: close(2)
/// would neither cancel that work nor send FIN, and its number would be reused under it.
struct descriptor {
    int fd;
    std::uint32_t owners;
};

/// One owner of a descriptor. Must not outlive the reactor.
class descriptor_handle {
   public:
    descriptor_handle() noexcept = default;
    /// Takes over one owner.
    descriptor_handle(reactor& owner, descriptor& shared) noexcept
        : reactor_(&owner), descriptor_(&shared) {}
    descriptor_handle(descriptor_handle&& other) noexcept
        : reactor_(other.reactor_), descriptor_(std::exchange(other.descriptor_, nullptr)) {}
    descriptor_handle& operator=(descriptor_handle&& other) noexcept {
        if (this != &other) {
            reset();
            reactor_ = other.reactor_;
            descriptor_ = std::exchange(other.descriptor_, nullptr);
        }
        return *this;
    }
    ~descriptor_handle() { reset(); }

    /// One more owner of the same descriptor.
    [[nodiscard]] descriptor_handle share() const noexcept {
        ++descriptor_->owners;
        return {*reactor_, *descriptor_};
    }

    [[nodiscard]] explicit operator bool() const noexcept { return descriptor_ != nullptr; }
    [[nodiscard]] int fd() const noexcept { return descriptor_->fd; }
    [[nodiscard]] reactor& io() const noexcept { return *reactor_; }
    [[nodiscard]] descriptor& shared() const noexcept { return *descriptor_; }
    void reset() noexcept;

   private:
    reactor* reactor_ = nullptr;
    descriptor* descriptor_ = nullptr;
};

}  // namespace rouse
