// A future and a waker by hand, and the smallest executor that drives them, without a reactor.
//
// A future is anything with poll(context&). Pending is a promise: it has kept the waker of this
// very poll, and will wake it. A waker is a pointer and a table of four functions: clone, wake,
// which ends its owner, wake_by_ref and drop. docs/wakers.md has the whole story.

#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "runtime/task/context.hpp"
#include "runtime/task/future.hpp"
#include "runtime/task/task.hpp"

namespace {

// What the wakers point at: it lets one thread sleep until another wakes it. Each waker is one
// owner, and the last one deletes it, on whatever thread that is.
class sleeper {
   public:
    // Sleeps until there was a wake since the last call: one that came before it counts too.
    void sleep() {
        while (!woken_.exchange(false)) {
            woken_.wait(false);
        }
    }

    // A waker that takes over one owner.
    [[nodiscard]] rouse::raw_waker as_waker() noexcept { return {this, &vtable}; }
    void add_owner() noexcept { owners_.fetch_add(1, std::memory_order_relaxed); }
    void drop_owner() noexcept {
        if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            delete this;
        }
    }

   private:
    void wake() noexcept {
        woken_ = true;
        woken_.notify_one();
    }

    static sleeper& of(void* data) noexcept { return *static_cast<sleeper*>(data); }
    static rouse::raw_waker clone(void* data) noexcept {
        of(data).add_owner();
        return {data, &vtable};
    }
    static void wake(void* data) noexcept {
        of(data).wake();
        of(data).drop_owner();
    }
    static void wake_by_ref(void* data) noexcept { of(data).wake(); }
    static void drop(void* data) noexcept { of(data).drop_owner(); }

    static constexpr rouse::raw_waker_vtable vtable{clone, wake, wake_by_ref, drop};

    std::atomic<unsigned> owners_{1};
    std::atomic<bool> woken_{false};
};

// The executor. A context has a waker for futures of this thread, and makes one that may go to
// others when it is asked. Here they are the same.
class one_task final : public rouse::waker_source {
   public:
    template <rouse::future F>
    rouse::future_output_t<F> run(F work) {
        rouse::context cx(waker_, this);
        while (true) {
            ++polls_;
            if (auto answer = work.poll(cx); answer.is_ready()) {
                return std::move(answer).value();
            }
            sleeper_.sleep();
        }
    }
    [[nodiscard]] unsigned polls() const noexcept { return polls_; }
    [[nodiscard]] rouse::waker make_waker() override {
        sleeper_.add_owner();
        return rouse::waker(sleeper_.as_waker());
    }

   private:
    sleeper& sleeper_ = *new sleeper;
    rouse::local_waker waker_{sleeper_.as_waker()};  // Has the first owner.
    unsigned polls_ = 0;
};

// The future: what another thread computes. Nothing starts before the first poll.
class computed {
   public:
    explicit computed(int from) noexcept : from_(from) {}
    computed(computed&&) noexcept = default;
    ~computed() {
        if (thread_.joinable()) {
            thread_.join();  // It uses our answer.
        }
    }

    rouse::poll<int> poll(rouse::context& cx) {
        if (!answer_) {
            answer_ = std::make_unique<answer>();
        }
        const std::lock_guard lock(answer_->mutex);
        if (answer_->value) {
            return *answer_->value;
        }
        answer_->waiting = cx.waker();  // Of the latest poll: the one before may be stale.
        if (!thread_.joinable()) {
            thread_ = std::thread([to = answer_.get(), from = from_] { compute(*to, from); });
        }
        return rouse::pending;
    }

   private:
    struct answer {
        std::mutex mutex;
        std::optional<int> value;
        std::optional<rouse::waker> waiting;
    };
    static void compute(answer& to, int from) {
        const std::lock_guard lock(to.mutex);
        to.value = from * 2;
        std::move(*to.waiting).wake();  // Only queues or signals: no code of the task runs here.
    }

    int from_;
    std::unique_ptr<answer> answer_;
    std::thread thread_;
};
static_assert(rouse::future<computed>);

// A coroutine awaits any future, this one as well as those of the library.
rouse::task<int> twice() {
    const int first = co_await computed(10);
    co_return first + co_await computed(11);
}

}  // namespace

int main() {
    one_task executor;
    const int answer = executor.run(twice());
    // Three polls: the first, and one for each wake. Nobody polls what was not woken.
    std::printf("%d after %u polls\n", answer, executor.polls());
}
