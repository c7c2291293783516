#pragma once

#include <optional>
#include <string_view>

#include "protocols/http/body_source.hpp"
#include "protocols/http/request_head.hpp"
#include "protocols/http/route_match.hpp"
#include "runtime/net/address.hpp"

namespace rouse::http {

/// What a request knows of the connection that it came on.
class request_origin {
   public:
    [[nodiscard]] virtual address peer_address() const = 0;
    /// The body of the request that is being answered. Empty when it has none.
    [[nodiscard]] virtual body_source& body_of_request() = 0;

   protected:
    ~request_origin() = default;
};

/// One request, as a handler sees it. It and all text in it live until the handler has made its
/// response, and the content type of that may be such text. Only body() may be used after that, by
/// a response that is made of it.
class request {
   public:
    request(const request_head& head, const route_params& params, request_origin& origin) noexcept
        : head_(head), params_(params), origin_(origin) {}
    request(const request&) = delete;
    request& operator=(const request&) = delete;

    [[nodiscard]] const request_head& head() const noexcept { return head_; }

    /// The raw value of a route parameter; empty when the pattern has none of this name. See
    /// percent_decode.
    [[nodiscard]] std::string_view param(std::string_view name) const noexcept {
        return params_.find(name).value_or(std::string_view());
    }

    /// The body, in pieces as they come. A client that waits for `100 Continue` gets it at the
    /// first read. What a handler leaves unread is read and dropped up to a bound, and beyond it
    /// the connection closes.
    [[nodiscard]] body_source& body() const { return origin_.body_of_request(); }

    /// Asks the kernel: no address when the peer has gone.
    [[nodiscard]] address peer() const { return origin_.peer_address(); }

   private:
    const request_head& head_;
    const route_params& params_;
    request_origin& origin_;
};

}  // namespace rouse::http
