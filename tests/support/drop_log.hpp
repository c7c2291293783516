#pragma once

#include <string>
#include <utility>

namespace rouse::test {

/// Writes its name into a log when it is destroyed, unless it was moved from. The log must outlive
/// it.
class drop_log {
   public:
    drop_log(std::string& log, std::string name) : log_(&log), name_(std::move(name)) {}
    drop_log(drop_log&& other) noexcept
        : log_(std::exchange(other.log_, nullptr)), name_(std::move(other.name_)) {}
    drop_log& operator=(drop_log&&) = delete;
    ~drop_log() {
        if (log_ != nullptr) {
            *log_ += name_;
        }
    }

   private:
    std::string* log_;
    std::string name_;
};

}  // namespace rouse::test
