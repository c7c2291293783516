#include "protocols/http/service.hpp"

#include <cassert>
#include <utility>

#include "protocols/http/connection.hpp"
#include "protocols/http/exchange.hpp"

namespace rouse::http {

service::service(const router& routes, const service_limits& limits)
    : routes_(routes), limits_(limits), outputs_(output_pool::make()) {
    exchanges_.reserve(exchanges_kept_max);
}

service::~service() {
    assert(connections_.empty());
}

std::unique_ptr<exchange> service::take_exchange() {
    if (exchanges_.empty()) {
        return std::make_unique<exchange>(limits_.head, *outputs_);
    }
    std::unique_ptr<exchange> taken = std::move(exchanges_.back());
    exchanges_.pop_back();
    return taken;
}

void service::give_back(std::unique_ptr<exchange> used) noexcept {
    used->parser.reset();
    used->in.clear();
    used->out.clear();
    used->waiting_response.reset();
    used->tail = {};
    used->gathered = 0;
    used->delivered.reset();
    used->is_understood = false;
    if (exchanges_.size() < exchanges_kept_max) {
        exchanges_.push_back(std::move(used));  // Within the capacity that was reserved.
    }
}

void service::drain(timer_wheel& timers) noexcept {
    announced_ = true;
    draining_ = true;
    connections_.for_each([&timers](connection& each) { each.drain(timers); });
}

}  // namespace rouse::http
