#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "runtime/sync/notify.hpp"

namespace rouse::http {

/// Who loads which file now, so that others who want it wait for that rather than do the same. One
/// thread.
class load_turns {
   public:
    /// Notified, all, when the load that is under way has ended, however it ended; null when there
    /// is none.
    [[nodiscard]] std::shared_ptr<notify> under_way(const std::string& key) const {
        const auto place = loads_.find(key);
        return place == loads_.end() ? nullptr : place->second;
    }

   private:
    friend class load_turn;
    std::unordered_map<std::string, std::shared_ptr<notify>> loads_;
};

/// A load, while it lives. One more of the same key counts for nothing.
class load_turn {
   public:
    load_turn(load_turns& all, std::string key) : all_(all), key_(std::move(key)) {
        auto ended = std::make_shared<notify>();
        is_first_ = all_.loads_.try_emplace(key_, std::move(ended)).second;
    }
    load_turn(const load_turn&) = delete;
    load_turn& operator=(const load_turn&) = delete;
    ~load_turn() {
        if (is_first_) {
            const auto ended = all_.loads_.extract(key_);
            ended.mapped()->notify_all();
        }
    }

   private:
    load_turns& all_;
    std::string key_;
    bool is_first_ = false;
};

}  // namespace rouse::http
