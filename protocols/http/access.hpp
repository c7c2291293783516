#pragma once

#include <cstdint>
#include <string_view>

#include "protocols/http/request_head.hpp"
#include "runtime/net/ip_address.hpp"
#include "runtime/time/clock.hpp"

namespace rouse::http {

/// One answered request, for the access log. Valid during the call that it is given to.
struct access_record {
    const request_head* head = nullptr;  ///< Null for a request that could not be understood.
    ip_address peer;
    std::string_view user{};  ///< See request::set_user; empty when nobody has said.
    int status = 0;
    std::uint64_t body_bytes = 0;  ///< Of the response's content, handed to the kernel so far.
    /// From the end of the request's head until the last byte of the response was handed over, in
    /// the turns of the executor: zero for what was answered in the turn in which it came.
    duration took{};
    bool is_quiet = false;  ///< response::quiet: a health check, say.
    bool is_cut = false;    ///< The response did not become whole.
};

/// Is told of every answer of a service. Called inside a connection's poll, so it neither waits nor
/// throws.
class access_observer {
   public:
    access_observer() = default;
    access_observer(const access_observer&) = delete;
    access_observer& operator=(const access_observer&) = delete;
    virtual void answered(const access_record& record) noexcept = 0;

   protected:
    ~access_observer() = default;
};

}  // namespace rouse::http
