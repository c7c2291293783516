#include "tests/soak/proxy_flow.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace rouse::soak {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t taken_bytes_max = 32'768;  // With so many waiting, the source is not read.
constexpr std::uint64_t split_bytes_max = 600;
constexpr std::uint64_t trickle_bytes_max = 8;
constexpr std::uint64_t trickle_for_bytes = 2000;
constexpr std::uint64_t delay_milliseconds_max = 3;
constexpr milliseconds stall_min{20};
constexpr std::uint64_t stall_milliseconds_range = 180;
constexpr std::uint64_t coalesce_milliseconds_max = 5;
constexpr std::uint64_t spoil_offset_min = 20;
constexpr std::uint64_t spoil_offset_range = 300;

milliseconds up_to(draws& from, std::uint64_t bound) {
    return milliseconds(static_cast<std::int64_t>(from.below(bound + 1)));
}

}  // namespace

proxy_flow::proxy_flow(const fault_plan& plan, direction which, draws from)
    : pace_(which == direction::to_server ? plan.to_server : plan.to_client),
      delay_one_in_(plan.delay_one_in),
      stall_one_in_(plan.stall_one_in),
      cut_offset_(plan.cuts(which) ? plan.cut_offset : UINT64_MAX),
      draws_(from) {}

void proxy_flow::spoil(spoiling how) {
    spoiling_ = how;
    spoil_offset_ = spoil_offset_min + draws_.below(spoil_offset_range);
}

void proxy_flow::discard() noexcept {
    discarding_ = true;
    taken_.clear();
    taken_at_ = 0;
    pauses_ = false;
}

proxy_flow::outcome proxy_flow::move(int source, int sink, proxy_clock::time_point now,
                                     proxy_counters& count) {
    // Sockets are edge-triggered: the source is read until it is empty, or there is no room.
    bool has_more = true;
    while (has_more) {
        has_more = take_in(source, now);
        const outcome handed = hand_on(sink, now, count);
        if (handed != outcome::waiting) {
            return handed;
        }
        has_more = has_more && waiting_bytes() < taken_bytes_max;
    }
    if (!source_ended_ || waiting_bytes() > 0) {
        return outcome::waiting;
    }
    if (source_reset_) {
        return outcome::reset;
    }
    if (!std::exchange(end_told_, true) && !discarding_) {
        (void)::shutdown(sink, SHUT_WR);  // It may be gone: then it knows.
    }
    return outcome::ended;
}

// True if there may be more.
bool proxy_flow::take_in(int source, proxy_clock::time_point now) {
    static std::array<char, taken_bytes_max> room;
    while (!source_ended_ && waiting_bytes() < taken_bytes_max) {
        const ssize_t got =
            ::recv(source, room.data(), taken_bytes_max - waiting_bytes(), MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN) {
            return false;
        }
        if (got <= 0) {
            source_ended_ = true;
            source_reset_ = got < 0;
            return false;
        }
        if (discarding_) {
            continue;
        }
        if (waiting_bytes() == 0 && segment_ == 0 && pace_ == pace::coalesce && !pauses_) {
            pauses_ = true;
            due_ = now + milliseconds(1) + up_to(draws_, coalesce_milliseconds_max);
        }
        taken_.append(room.data(), static_cast<std::size_t>(got));
    }
    return !source_ended_;
}

// `waiting`, unless something has to happen first that is not this direction's own affair.
proxy_flow::outcome proxy_flow::hand_on(int sink, proxy_clock::time_point now,
                                        proxy_counters& count) {
    pauses_ = pauses_ && now < due_;
    while (!discarding_ && !pauses_) {
        if (handed_on_ == cut_offset_) {
            return outcome::cut;
        }
        if (waiting_bytes() == 0) {
            break;
        }
        if (const outcome spoilt = apply_spoiling(count); spoilt != outcome::waiting) {
            return spoilt;
        }
        const ssize_t sent =
            ::send(sink, taken_.data() + taken_at_, next_bytes(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN)) {
            break;
        }
        if (sent < 0) {
            discard();  // Nobody is there to take it; the other direction says why.
            break;
        }
        forget_handed_on(static_cast<std::size_t>(sent));
        if (segment_ == 0) {
            ++count.segments;
            draw_pause(now, count);
        }
    }
    return outcome::waiting;
}

std::size_t proxy_flow::next_bytes() {
    if (segment_ == 0) {
        switch (pace_) {
            case pace::straight:
            case pace::coalesce:
                segment_ = waiting_bytes();
                break;
            case pace::trickle:
                segment_ = handed_on_ < trickle_for_bytes ? 1 + draws_.below(trickle_bytes_max)
                                                          : 1 + draws_.below(split_bytes_max);
                break;
            case pace::split:
                segment_ = 1 + draws_.below(split_bytes_max);
                break;
        }
    }
    std::uint64_t bytes = std::min({segment_, waiting_bytes(), cut_offset_ - handed_on_});
    if (spoiling_ != spoiling::none && handed_on_ < spoil_offset_) {
        bytes = std::min(bytes, spoil_offset_ - handed_on_);
    }
    return bytes;
}

void proxy_flow::forget_handed_on(std::size_t bytes) {
    handed_on_ += bytes;
    segment_ -= std::min(segment_, bytes);
    taken_at_ += bytes;
    if (taken_at_ == taken_.size()) {
        taken_.clear();
        taken_at_ = 0;
    }
}

void proxy_flow::draw_pause(proxy_clock::time_point now, proxy_counters& count) {
    if (stall_one_in_ != 0 && draws_.one_in(stall_one_in_)) {
        ++count.stalls;
        pauses_ = true;
        due_ = now + stall_min + up_to(draws_, stall_milliseconds_range);
    } else if (delay_one_in_ != 0 && draws_.one_in(delay_one_in_)) {
        ++count.delays;
        pauses_ = true;
        due_ = now + up_to(draws_, delay_milliseconds_max);
    }
}

// Breaks the byte that is handed on next, if it is its turn.
proxy_flow::outcome proxy_flow::apply_spoiling(proxy_counters& count) {
    if (handed_on_ != spoil_offset_ || spoiling_ == spoiling::none) {
        return outcome::waiting;
    }
    char& next = taken_[taken_at_];
    switch (std::exchange(spoiling_, spoiling::none)) {
        case spoiling::none:
            return outcome::waiting;
        case spoiling::flip:
            next = static_cast<char>(next ^ 1);
            break;
        case spoiling::drop:
            taken_.erase(taken_at_, 1);
            break;
        case spoiling::twice:
            taken_.insert(taken_at_, 1, next);
            break;
        case spoiling::swap:
            if (waiting_bytes() < 2 || next == taken_[taken_at_ + 1]) {
                return outcome::waiting;
            }
            std::swap(next, taken_[taken_at_ + 1]);
            break;
        case spoiling::close:
            ++count.spoilt;
            return outcome::close;
        case spoiling::hang:
            ++count.spoilt;
            return outcome::hang;
    }
    ++count.spoilt;
    return outcome::waiting;
}

}  // namespace rouse::soak
