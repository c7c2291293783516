#include "runtime/reactor/uring/buffer_ring.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <string>

namespace rouse::uring {
namespace {

void* map(std::size_t bytes, int flags) noexcept {
    void* mapped =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    return mapped == MAP_FAILED ? nullptr : mapped;
}

std::size_t entries_bytes(std::uint16_t buffers_max) noexcept {
    return std::size_t{buffers_max} * sizeof(io_uring_buf);
}

std::size_t memory_bytes(const buffer_ring::options& wanted) noexcept {
    return std::size_t{wanted.buffers_max} * wanted.buffer_bytes;
}

const char* explain_register_error(int error) noexcept {
    return error == ENOMEM ? ": raise the memlock limit, or lower uring.buffers_max"
                           : ": uring.buffers_max must be a power of two, at most 32768 and not "
                             "below uring.buffers; "
                             "or the kernel is older than 5.19";
}

}  // namespace

std::expected<std::unique_ptr<buffer_ring>, setup_failure> buffer_ring::make(ring& host,
                                                                             options wanted) {
    void* entries = map(entries_bytes(wanted.buffers_max), 0);
    void* memory = map(memory_bytes(wanted), MAP_NORESERVE);
    int error = entries == nullptr || memory == nullptr ? ENOMEM : 0;
    if (wanted.buffers > wanted.buffers_max) {
        error = EINVAL;
    }
    if (error == 0) {
        io_uring_buf_reg registration{};
        registration.ring_addr = reinterpret_cast<std::uint64_t>(entries);
        registration.ring_entries = wanted.buffers_max;
        registration.bgid = buffer_group;
        error = -io_uring_register_buf_ring(&host.raw(), &registration, 0);
    }
    if (error != 0) {
        if (entries != nullptr) {
            (void)::munmap(entries, entries_bytes(wanted.buffers_max));
        }
        if (memory != nullptr) {
            (void)::munmap(memory, memory_bytes(wanted));
        }
        return std::unexpected(setup_failure{
            errno_code(error), std::string("io_uring_register_buf_ring: ") + errno_text(error) +
                                   explain_register_error(error)});
    }
    return std::unique_ptr<buffer_ring>(new buffer_ring(
        host, wanted, static_cast<std::byte*>(memory), static_cast<io_uring_buf*>(entries)));
}

buffer_ring::buffer_ring(ring& host, options wanted, std::byte* memory,
                         io_uring_buf* entries) noexcept
    : buffer_source(memory, wanted.buffer_bytes), host_(host), options_(wanted), entries_(entries) {
    // Touched once here, so that the first requests do not pay for page faults.
    (void)::madvise(memory, std::size_t{wanted.buffers} * wanted.buffer_bytes, MADV_POPULATE_WRITE);
    for (std::uint16_t index = 0; index < wanted.buffers; ++index) {
        provide(index);
    }
    provided_ = wanted.buffers;
    publish();
}

buffer_ring::~buffer_ring() {
    (void)io_uring_unregister_buf_ring(&host_.raw(), buffer_group);
    (void)::munmap(entries_, entries_bytes(options_.buffers_max));
    (void)::munmap(memory(), memory_bytes(options_));
}

void buffer_ring::provide(std::uint16_t index) noexcept {
    // Not io_uring_buf_ring_add: the flexible array inside a union of struct io_uring_buf_ring is
    // not C++, and compilers differ in where they put it. The kernel's layout is an array of
    // io_uring_buf.
    io_uring_buf& entry = entries_[tail_ & (options_.buffers_max - 1U)];
    entry.addr = reinterpret_cast<std::uint64_t>(buffer(index));
    entry.len = options_.buffer_bytes;
    entry.bid = index;
    ++tail_;
}

void buffer_ring::publish() noexcept {
    std::atomic_ref<std::uint16_t>(entries_[0].resv).store(tail_, std::memory_order_release);
}

void buffer_ring::recycle(std::uint16_t index) noexcept {
    assert(outside_ > 0);
    --outside_;
    provide(index);
    publish();
}

bool buffer_ring::grow() noexcept {
    const std::uint32_t next = std::min<std::uint32_t>(provided_ * 2, options_.buffers_max);
    if (next == provided_) {
        return false;
    }
    for (; provided_ < next; ++provided_) {
        provide(static_cast<std::uint16_t>(provided_));
    }
    publish();
    return true;
}

}  // namespace rouse::uring
