#include "runtime/reactor/asio/file_threads.hpp"

#include <exception>
#include <utility>

#include <asio/post.hpp>
#include <asio/thread_pool.hpp>

#include "runtime/base/blocked_signals.hpp"
#include "runtime/reactor/file_call.hpp"

namespace rouse::epoll {

file_threads::file_threads(std::shared_ptr<const wake_signal> answered) noexcept
    : answered_(std::move(answered)) {}

file_threads::~file_threads() = default;

bool file_threads::start(one_shot_operation& op) noexcept {
    try {
        if (!threads_) {
            const blocked_signals blocked;  // Which the threads inherit: signals are not for them.
            threads_ = std::make_unique<asio::thread_pool>(file_threads_max);
        }
        {
            const std::scoped_lock lock(mutex_);
            answers_.reserve(under_way_ + 1);
        }
        asio::post(*threads_, [this, &op] { run(op); });
    } catch (const std::exception&) {
        return false;
    }
    ++under_way_;
    return true;
}

void file_threads::run(one_shot_operation& op) noexcept {
    const answer done{.op = &op, .result = call_file(op)};
    {
        const std::scoped_lock lock(mutex_);
        answers_.push_back(done);
    }
    answered_->raise();
}

std::optional<file_threads::answer> file_threads::take() noexcept {
    if (under_way_ == 0) {
        return std::nullopt;
    }
    const std::scoped_lock lock(mutex_);
    if (answers_.empty()) {
        return std::nullopt;
    }
    const answer oldest = answers_.front();
    answers_.erase(answers_.begin());
    --under_way_;
    return oldest;
}

}  // namespace rouse::epoll
