#pragma once

#include <array>

#include "runtime/sync/thread_channel.hpp"
#include "tests/model/inbox_worlds.hpp"

namespace rouse::model {

/// A task that receives, and threads that each send `Values` values. If it `Closes`, the last that
/// is done closes the channel, and that is the receiver's end, who must have had all that was
/// taken; else all must have been taken, and that is its end. So it sleeps for ever when a wake is
/// lost. Each sender's values come in their order.
template <unsigned Senders, unsigned Values, unsigned Capacity, bool Closes>
class channel_world final
    : public inbox_world<channel_world<Senders, Values, Capacity, Closes>, Senders> {
    static_assert(Closes || Capacity >= Senders * Values);

   public:
    void before() override { this->spawn(&channel_world::poll_channel); }

    void thread(unsigned index) override {
        if (index == 0) {
            (void)this->executor_->run();
            this->end_executor(Senders * Values + 1);
            return;
        }
        for (unsigned value = 1; value <= Values; ++value) {
            if (channel_.try_send(index * sender_step + value)) {
                ++sent_[index - 1];
            }
        }
        if (Closes && senders_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            channel_.close();
        }
    }

    void after() override { RL_ASSERT(received_ == sent_); }

   private:
    static constexpr unsigned sender_step = 16;
    static_assert(Values < sender_step);

    rouse::poll<> poll_channel(context& cx, unsigned /*task*/) {
        for (;;) {
            auto answer = channel_.recv().poll(cx);
            if (answer.is_pending()) {
                return pending;
            }
            const auto received = std::move(answer).value();
            if (!received) {
                RL_ASSERT(received.error() == errc::closed);
                return rouse::poll<>::ready();
            }
            const unsigned sender = *received / sender_step - 1;
            const unsigned value = *received % sender_step;
            RL_ASSERT(value > last_[sender]);
            last_[sender] = value;
            ++received_[sender];
            if (!Closes && ++received_total_ == Senders * Values) {
                return rouse::poll<>::ready();
            }
        }
    }

    thread_channel<plain<unsigned>> channel_{Capacity};
    atomic<unsigned> senders_{Senders};
    std::array<unsigned, Senders> sent_{};
    std::array<unsigned, Senders> received_{};
    std::array<unsigned, Senders> last_{};
    unsigned received_total_ = 0;
};

}  // namespace rouse::model
