#include "runtime/sync/channel.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/poll_once.hpp"

using rouse::channel;
using rouse::channel_recv_future;
using rouse::channel_send_future;
using rouse::errc;
using rouse::test::hand_task;
using rouse::test::poll_once;

namespace {

int received(channel<int>& from) {
    auto recv = from.recv();
    return poll_once(recv).value().value();
}

/// Senders and receivers that come, wait and go as a seed says; every value that a send reported as
/// sent must come out.
class random_traffic {
   public:
    explicit random_traffic(unsigned seed) : random_(seed), queue_(1 + random_() % 3) {}

    void step() {
        switch (random_() % 6) {
            case 0:
            case 1:
                sends_.push_back(std::make_unique<send_future>(queue_.send(next_++)));
                break;
            case 2:
            case 3:
                recvs_.push_back(std::make_unique<recv_future>(queue_.recv()));
                break;
            case 4:
                if (!recvs_.empty()) {
                    recvs_.erase(recvs_.begin() + static_cast<int>(random_() % recvs_.size()));
                }
                break;
            default:
                break;
        }
        if (random_() % 2 == 0) {
            poll_all();
        }
    }

    void finish() {
        while (!sends_.empty()) {
            const std::size_t before = got_.size();
            recvs_.push_back(std::make_unique<recv_future>(queue_.recv()));
            poll_all();
            poll_all();
            REQUIRE(got_.size() > before);
        }
        recvs_.clear();
        while (const auto value = queue_.try_recv().value()) {
            got_.push_back(*value);
        }
        std::ranges::sort(got_);
        REQUIRE(got_.size() == static_cast<std::size_t>(next_));
        for (int i = 0; i < next_; ++i) {
            REQUIRE(got_[static_cast<std::size_t>(i)] == i);
        }
    }

   private:
    using send_future = channel_send_future<int>;
    using recv_future = channel_recv_future<int>;

    void poll_all() {
        std::erase_if(sends_, [](auto& each) { return poll_once(*each).is_ready(); });
        std::erase_if(recvs_, [this](auto& each) {
            auto answer = poll_once(*each);
            if (answer.is_ready()) {
                got_.push_back(answer.value().value());
            }
            return answer.is_ready();
        });
    }

    std::mt19937 random_;
    channel<int> queue_;
    std::vector<std::unique_ptr<send_future>> sends_;
    std::vector<std::unique_ptr<recv_future>> recvs_;
    std::vector<int> got_;
    int next_ = 0;
};

}  // namespace

TEST_SUITE("runtime/channel") {
    TEST_CASE("values come out in the order in which they went in, round after round") {
        channel<int> queue(3);
        int next = 0;
        for (int value = 0; value < 20; ++value) {
            CHECK(queue.try_send(int{value}).has_value());
            if (queue.size() == 3) {
                CHECK(received(queue) == next++);
                CHECK(received(queue) == next++);
            }
        }
    }

    TEST_CASE(
        "a send waits while the channel is full, and is sent by the receive that makes room") {
        channel<int> queue(1);
        hand_task sender;
        CHECK(queue.try_send(1).has_value());
        auto send = queue.send(2);
        CHECK(sender.poll(send).is_pending());
        CHECK(sender.poll(send).is_pending());
        CHECK(sender.counts.clones == 1);
        CHECK(received(queue) == 1);
        CHECK(sender.wakes() == 1);
        CHECK(queue.size() == 1);
        CHECK(sender.poll(send).value().has_value());
        CHECK(received(queue) == 2);
    }

    TEST_CASE("a full channel refuses try_send and leaves the value") {
        channel<std::unique_ptr<int>> queue(1);
        auto value = std::make_unique<int>(1);
        CHECK(queue.try_send(std::make_unique<int>(0)).has_value());
        CHECK(queue.try_send(std::move(value)).error() == errc::full);
        CHECK(value != nullptr);
        queue.close();
        CHECK(queue.try_send(std::move(value)).error() == errc::closed);
        CHECK(value != nullptr);
    }

    TEST_CASE("try_recv tells nothing yet from closed") {
        channel<int> queue(2);
        CHECK_FALSE(queue.try_recv().value().has_value());
        CHECK(queue.try_send(4).has_value());
        queue.close();
        CHECK(queue.try_recv().value() == 4);
        CHECK(queue.try_recv().error() == errc::closed);
    }

    TEST_CASE("waiting receivers are woken one a value, longest first") {
        channel<int> queue(4);
        hand_task first;
        hand_task second;
        auto a = queue.recv();
        auto b = queue.recv();
        CHECK(first.poll(a).is_pending());
        CHECK(second.poll(b).is_pending());
        CHECK(queue.try_send(1).has_value());
        CHECK(first.wakes() == 1);
        CHECK(second.wakes() == 0);
        CHECK(second.poll(b).is_pending());
        CHECK(queue.try_send(2).has_value());
        CHECK(second.wakes() == 1);
        CHECK(first.poll(a).value() == 1);
        CHECK(second.poll(b).value() == 2);
    }

    TEST_CASE("nobody takes the value that a woken receiver was promised") {
        channel<int> queue(4);
        hand_task first;
        hand_task thief;
        auto a = queue.recv();
        CHECK(first.poll(a).is_pending());
        CHECK(queue.try_send(1).has_value());
        auto stolen = queue.recv();
        CHECK(thief.poll(stolen).is_pending());
        CHECK_FALSE(queue.try_recv().value().has_value());
        CHECK(first.poll(a).value() == 1);
    }

    TEST_CASE("a receiver dropped in any place loses no value and leaves the others in order") {
        for (int dropped = 0; dropped < 3; ++dropped) {
            for (const bool woken : {false, true}) {
                CAPTURE(dropped);
                CAPTURE(woken);
                channel<int> queue(4);
                hand_task tasks[3];
                std::optional<channel_recv_future<int>> waiting[3];
                for (int i = 0; i < 3; ++i) {
                    waiting[i].emplace(queue.recv());
                    CHECK(tasks[i].poll(*waiting[i]).is_pending());
                }
                if (!woken) {
                    waiting[dropped].reset();
                }
                for (int value = 1; value <= 3; ++value) {
                    CHECK(queue.try_send(int{value}).has_value());
                }
                if (woken) {
                    waiting[dropped].reset();
                }
                int expected = 0;
                for (int i = 0; i < 3; ++i) {
                    if (i != dropped) {
                        CHECK(tasks[i].wakes() == 1);
                        CHECK(tasks[i].poll(*waiting[i]).value() == ++expected);
                    }
                }
                CHECK(received(queue) == 3);
            }
        }
    }

    TEST_CASE("a receiver dropped with its promise passes it to who waits behind it") {
        channel<int> queue(4);
        hand_task first;
        hand_task second;
        std::optional<channel_recv_future<int>> a(queue.recv());
        auto b = queue.recv();
        CHECK(first.poll(*a).is_pending());
        CHECK(second.poll(b).is_pending());
        CHECK(queue.try_send(1).has_value());
        CHECK(second.wakes() == 0);
        a.reset();
        CHECK(second.wakes() == 1);
        CHECK(second.poll(b).value() == 1);
    }

    TEST_CASE("a send dropped while it waits has sent nothing, in any place") {
        for (int dropped = 0; dropped < 3; ++dropped) {
            channel<int> queue(1);
            hand_task tasks[3];
            CHECK(queue.try_send(100).has_value());
            std::optional<channel_send_future<int>> waiting[3];
            for (int i = 0; i < 3; ++i) {
                waiting[i].emplace(queue.send(int{i}));
                CHECK(tasks[i].poll(*waiting[i]).is_pending());
            }
            waiting[dropped].reset();
            CHECK(received(queue) == 100);
            for (int i = 0; i < 3; ++i) {
                if (i != dropped) {
                    CHECK(tasks[i].wakes() == 1);
                    CHECK(received(queue) == i);
                }
            }
            CHECK(queue.size() == 0);
        }
    }

    TEST_CASE("a send dropped after it was sent has sent its value") {
        channel<int> queue(1);
        hand_task task;
        CHECK(queue.try_send(1).has_value());
        std::optional<channel_send_future<int>> send(queue.send(2));
        CHECK(task.poll(*send).is_pending());
        CHECK(received(queue) == 1);
        send.reset();
        CHECK(received(queue) == 2);
    }

    TEST_CASE("closing fails those who wait to send and keeps what is inside") {
        channel<int> queue(1);
        hand_task task;
        CHECK(queue.try_send(1).has_value());
        auto send = queue.send(2);
        CHECK(task.poll(send).is_pending());
        queue.close();
        CHECK(queue.is_closed());
        CHECK(task.wakes() == 1);
        CHECK(received(queue) == 1);
        CHECK(task.poll(send).value().error() == errc::closed);
        auto late = queue.send(3);
        CHECK(task.poll(late).value().error() == errc::closed);
        auto recv = queue.recv();
        CHECK(task.poll(recv).value().error() == errc::closed);
    }

    TEST_CASE("closing an empty channel wakes every receiver") {
        channel<int> queue(1);
        hand_task first;
        hand_task second;
        auto a = queue.recv();
        auto b = queue.recv();
        CHECK(first.poll(a).is_pending());
        CHECK(second.poll(b).is_pending());
        queue.close();
        CHECK(first.wakes() == 1);
        CHECK(second.wakes() == 1);
        CHECK(first.poll(a).value().error() == errc::closed);
        CHECK(second.poll(b).value().error() == errc::closed);
    }

    TEST_CASE("a receiver that was promised a value gets it after the close") {
        channel<int> queue(1);
        hand_task task;
        auto a = queue.recv();
        CHECK(task.poll(a).is_pending());
        CHECK(queue.try_send(1).has_value());
        queue.close();
        auto b = queue.recv();
        CHECK(poll_once(b).value().error() == errc::closed);
        CHECK(task.poll(a).value() == 1);
    }

    TEST_CASE("without budget nothing is sent or received, and the task is woken to come again") {
        channel<int> queue(1);
        hand_task task;
        task.budget.remaining = 0;
        auto send = queue.send(1);
        CHECK(task.poll(send).is_pending());
        CHECK(queue.size() == 0);
        CHECK(task.wakes() == 1);
        task.budget.remaining = 1;
        CHECK(task.poll(send).value().has_value());
        auto recv = queue.recv();
        CHECK(task.poll(recv).is_pending());
        CHECK(queue.size() == 1);
        CHECK(task.wakes() == 2);
        task.budget.remaining = 1;
        CHECK(task.poll(recv).value() == 1);
    }

    TEST_CASE("random sends, receives and drops lose nothing, double nothing and never stall") {
        for (unsigned seed = 1; seed <= 200; ++seed) {
            CAPTURE(seed);
            random_traffic traffic(seed);
            for (int i = 0; i < 300; ++i) {
                traffic.step();
            }
            traffic.finish();
        }
    }
}
