// The least that an io_uring server can do for a request: one enter a batch, a multishot receive
// that never needs re-arming, one send. Descriptors are direct (the ring's own table), so none is
// looked up.

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <liburing.h>

#include "tests/bench/floor/floor.hpp"

namespace rouse::bench {
namespace {

constexpr unsigned submissions_max = 1024;
constexpr unsigned completions_max = 16'384;
constexpr unsigned connections_max = 16'384;
constexpr std::uint16_t buffers_max = 256;
constexpr std::size_t buffer_stride_bytes = 2048;
constexpr std::size_t buffer_bytes = buffer_stride_bytes - 64;
constexpr std::size_t buffer_start =
    64;  // Room for a request_tail, and the data stays on a cache line.
constexpr int buffer_group = 0;
constexpr std::uint16_t no_buffer = buffers_max;

/// The buffer ring as the kernel sees it. liburing 2.3 has no io_uring_setup_buf_ring, and the
/// flexible array in later headers has another layout in C++; the ABI itself is only an array with
/// a tail in it.
class buffer_ring {
   public:
    explicit buffer_ring(io_uring& ring)
        : entries_(static_cast<io_uring_buf*>(map(buffers_max * sizeof(io_uring_buf)))),
          memory_(static_cast<char*>(map(buffers_max * buffer_stride_bytes))) {
        io_uring_buf_reg registration{};
        registration.ring_addr = reinterpret_cast<std::uintptr_t>(entries_);
        registration.ring_entries = buffers_max;
        registration.bgid = buffer_group;
        const int answer = io_uring_register_buf_ring(&ring, &registration, 0);
        if (answer < 0) {
            fail("io_uring_register_buf_ring", -answer);
        }
        for (std::uint16_t id = 0; id < buffers_max; ++id) {
            give_back(id);
        }
        publish();
    }

    [[nodiscard]] char* data(std::uint16_t id) const {
        return memory_ + id * buffer_stride_bytes + buffer_start;
    }

    void give_back(std::uint16_t id) {
        io_uring_buf& entry = entries_[tail_++ & (buffers_max - 1)];
        entry.addr = reinterpret_cast<std::uintptr_t>(data(id));
        entry.len = buffer_bytes;
        entry.bid = id;
    }

    /// Makes what was given back visible to the kernel, once a batch. True if there was any.
    bool publish() {
        const std::uint16_t before = entries_[0].resv;  // The tail lies over this field.
        std::atomic_ref<std::uint16_t>(entries_[0].resv).store(tail_, std::memory_order_release);
        return before != tail_;
    }

   private:
    static void* map(std::size_t bytes) {
        void* const memory =
            ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            fail("mmap", errno);
        }
        return memory;
    }

    io_uring_buf* entries_;
    char* memory_;
    std::uint16_t tail_ = 0;
};

struct connection {
    request_tail tail{};
    bool receiving = false;
    bool sending = false;
    bool ended = false;
    std::uint16_t first_buffer = no_buffer;  // Echo: what came and was not sent back, oldest first.
    std::uint16_t last_buffer = no_buffer;
    std::uint32_t first_sent_bytes = 0;
    std::size_t owed_bytes = 0;  // HTTP: of responses.
};

enum class kind : std::uint64_t { accept, receive, send, close };

class uring_floor {
   public:
    explicit uring_floor(const floor_options& options)
        : kind_(options.kind),
          listener_(listen_at(options.address, 0)),
          ring_(make_ring()),
          buffers_(ring_) {
        arm_accept();
    }

    [[noreturn]] void run() {
        for (;;) {
            const int submitted = io_uring_submit_and_wait(&ring_, 1);
            if (submitted < 0 && submitted != -EINTR) {
                fail("io_uring_submit_and_wait", -submitted);
            }
            unsigned head = 0;
            unsigned seen = 0;
            io_uring_cqe* completion = nullptr;
            io_uring_for_each_cqe(&ring_, head, completion) {
                ++seen;
                complete(*completion);
            }
            io_uring_cq_advance(&ring_, seen);
            if (buffers_.publish()) {
                for (const std::uint32_t slot : std::exchange(starved_, {})) {
                    arm_receive(slot);
                }
            }
        }
    }

   private:
    [[nodiscard]] static io_uring make_ring() {
        io_uring ring{};
        io_uring_params parameters{};
        parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                           IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE;
        parameters.cq_entries = completions_max;
        int answer = io_uring_queue_init_params(submissions_max, &ring, &parameters);
        if (answer < 0) {
            fail("io_uring_queue_init_params", -answer);
        }
        answer = io_uring_register_files_sparse(&ring, connections_max);
        if (answer < 0) {
            fail("io_uring_register_files_sparse", -answer);
        }
        answer = io_uring_register_ring_fd(&ring);
        if (answer < 0) {
            fail("io_uring_register_ring_fd", -answer);
        }
        return ring;
    }

    [[nodiscard]] io_uring_sqe* submission() {
        io_uring_sqe* entry = io_uring_get_sqe(&ring_);
        while (entry == nullptr) {
            (void)io_uring_submit(
                &ring_);  // A refusal shows as a queue that stays full, and is retried.
            entry = io_uring_get_sqe(&ring_);
        }
        return entry;
    }

    static void tag(io_uring_sqe* entry, kind what, std::uint32_t slot) {
        entry->user_data = static_cast<std::uint64_t>(what) << 32U | slot;
    }

    void arm_accept() {
        io_uring_sqe* const entry = submission();
        io_uring_prep_multishot_accept_direct(entry, listener_.get(), nullptr, nullptr, 0);
        tag(entry, kind::accept, 0);
    }

    void arm_receive(std::uint32_t slot) {
        io_uring_sqe* const entry = submission();
        io_uring_prep_recv_multishot(entry, static_cast<int>(slot), nullptr, 0, 0);
        entry->flags |= IOSQE_BUFFER_SELECT | IOSQE_FIXED_FILE;
        entry->buf_group = buffer_group;
        tag(entry, kind::receive, slot);
        connections_[slot].receiving = true;
    }

    void complete(const io_uring_cqe& completion) {
        const auto slot = static_cast<std::uint32_t>(completion.user_data);
        switch (static_cast<kind>(completion.user_data >> 32U)) {
            case kind::accept:
                return accepted(completion);
            case kind::receive:
                received(slot, completion);
                break;
            case kind::send:
                sent(slot, completion.res);
                break;
            case kind::close:
                return;
        }
        go_on(slot);
    }

    void accepted(const io_uring_cqe& completion) {
        if (completion.res >= 0) {
            const auto slot = static_cast<std::uint32_t>(completion.res);
            if (connections_.size() <= slot) {
                connections_.resize(slot + 1);
            }
            connections_[slot] = connection{};
            arm_receive(slot);
        } else if (completion.res != -ECONNABORTED && completion.res != -EINTR) {
            fail("accept", -completion.res);
        }
        if ((completion.flags & IORING_CQE_F_MORE) == 0) {
            arm_accept();
        }
    }

    void received(std::uint32_t slot, const io_uring_cqe& completion) {
        connection& peer = connections_[slot];
        if (completion.res > 0) {
            const auto id = static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
            const auto size = static_cast<std::uint32_t>(completion.res);
            if (kind_ == floor_kind::http) {
                peer.owed_bytes +=
                    count_request_ends({buffers_.data(id), size}, peer.tail) * response.size();
                buffers_.give_back(id);
            } else {
                keep(peer, id, size);
            }
        }
        if ((completion.flags & IORING_CQE_F_MORE) != 0) {
            return;
        }
        peer.receiving = false;
        if (completion.res == -ENOBUFS) {
            starved_.push_back(slot);
        } else if (completion.res <= 0) {
            peer.ended = true;
        } else {
            arm_receive(slot);
        }
    }

    void keep(connection& peer, std::uint16_t id, std::uint32_t size) {
        kept_[id] = {size, no_buffer};
        if (peer.first_buffer == no_buffer) {
            peer.first_buffer = id;
        } else {
            kept_[peer.last_buffer].next = id;
        }
        peer.last_buffer = id;
    }

    void sent(std::uint32_t slot, int answer) {
        connection& peer = connections_[slot];
        peer.sending = false;
        if (answer < 0) {
            peer.ended =
                true;  // The receive fails too and ends itself; what is owed is dropped below.
            peer.owed_bytes = 0;
            while (peer.first_buffer != no_buffer) {
                drop_first(peer);
            }
            return;
        }
        const auto size = static_cast<std::uint32_t>(answer);
        if (kind_ == floor_kind::http) {
            peer.owed_bytes -= size;
            return;
        }
        peer.first_sent_bytes += size;
        if (peer.first_sent_bytes == kept_[peer.first_buffer].size) {
            drop_first(peer);
        }
    }

    void drop_first(connection& peer) {
        const std::uint16_t id = peer.first_buffer;
        peer.first_buffer = kept_[id].next;
        peer.first_sent_bytes = 0;
        buffers_.give_back(id);
    }

    /// Starts what the connection needs next: a send if none is on its way, or its close.
    void go_on(std::uint32_t slot) {
        connection& peer = connections_[slot];
        if (peer.sending) {
            return;
        }
        if (peer.owed_bytes > 0) {
            start_send(slot, next_response_bytes(peer.owed_bytes));
        } else if (const std::uint16_t id = peer.first_buffer; id != no_buffer) {
            const std::string_view all(buffers_.data(id), kept_[id].size);
            start_send(slot, all.substr(peer.first_sent_bytes));
        } else if (peer.ended && !peer.receiving) {
            io_uring_sqe* const entry = submission();
            io_uring_prep_close_direct(entry, slot);
            tag(entry, kind::close, slot);
        }
    }

    void start_send(std::uint32_t slot, std::string_view bytes) {
        io_uring_sqe* const entry = submission();
        io_uring_prep_send(entry, static_cast<int>(slot), bytes.data(), bytes.size(),
                           MSG_NOSIGNAL | MSG_WAITALL);
        entry->flags |= IOSQE_FIXED_FILE;
        tag(entry, kind::send, slot);
        connections_[slot].sending = true;
    }

    struct kept_buffer {
        std::uint32_t size = 0;
        std::uint16_t next = no_buffer;
    };

    floor_kind kind_;
    unique_fd listener_;
    io_uring ring_;
    buffer_ring buffers_;
    std::vector<connection> connections_;  // By slot of the ring's descriptor table.
    std::array<kept_buffer, buffers_max> kept_{};
    std::vector<std::uint32_t> starved_;  // Receives that ended for want of a buffer.
};

}  // namespace
}  // namespace rouse::bench

int main(int count, char** arguments) {
    const auto options = rouse::bench::parse_floor_options(count, arguments);
    (void)rouse::bench::raise_descriptor_limit();
    rouse::bench::uring_floor(options).run();
}
