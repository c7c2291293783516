#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "protocols/http/body_source.hpp"
#include "protocols/http/request_head.hpp"
#include "protocols/http/route_match.hpp"
#include "runtime/net/address.hpp"
#include "runtime/net/ip_address.hpp"

namespace rouse::http {

/// What a request knows of the connection that it came on.
class request_origin {
   public:
    [[nodiscard]] virtual address peer_address() const = 0;
    [[nodiscard]] virtual ip_address peer_ip() = 0;
    /// The body of the request that is being answered. Empty when it has none.
    [[nodiscard]] virtual body_source& body_of_request() = 0;
    /// See request::set_user. Where nobody logs, it goes nowhere.
    virtual void set_user(std::string_view /*name*/) noexcept {}

   protected:
    ~request_origin() = default;
};

/// One request, as a handler sees it. It and all text in it live until the handler has made its
/// response, and the content type of that may be such text. Only body() may be used after that, by
/// a response that is made of it.
class request {
   public:
    request(const request_head& head, request_origin& origin) noexcept
        : head_(head), origin_(origin), path_(head.path), query_(head.query) {}
    request(const request&) = delete;
    request& operator=(const request&) = delete;

    [[nodiscard]] const request_head& head() const noexcept { return head_; }

    /// What is asked for, not decoded: those of the head, unless middleware has changed them.
    [[nodiscard]] std::string_view path() const noexcept { return path_; }
    [[nodiscard]] std::string_view query() const noexcept { return query_; }

    /// Goes on as if another path and query had been asked for. Routes and handlers after this see
    /// them; head() stays as it came.
    void rewrite(std::string path, std::string query) {
        rewritten_path_ = std::move(path);
        rewritten_query_ = std::move(query);
        path_ = rewritten_path_;
        query_ = rewritten_query_;
    }

    /// Who asks, for the access log: of middleware that has found it out. `name` lives as long as
    /// the handlers.
    void set_user(std::string_view name) noexcept { origin_.set_user(name); }

    /// The route that was found. Set by a router.
    void set_match(const route_match& matched) noexcept { match_ = matched; }
    [[nodiscard]] const route_match& match() const noexcept { return match_; }

    /// The raw value of a route parameter; empty when the pattern has none of this name. See
    /// percent_decode.
    [[nodiscard]] std::string_view param(std::string_view name) const noexcept {
        return match_.params.find(name).value_or(std::string_view());
    }

    /// The body, in pieces as they come. A client that waits for `100 Continue` gets it at the
    /// first read. What a handler leaves unread is read and dropped up to a bound, and beyond it
    /// the connection closes.
    [[nodiscard]] body_source& body() const { return origin_.body_of_request(); }

    /// Asks the kernel: no address when the peer has gone.
    [[nodiscard]] address peer() const { return origin_.peer_address(); }

    /// The same without the port, and asked for once a connection; unspecified for a unix socket.
    [[nodiscard]] ip_address peer_ip() const { return origin_.peer_ip(); }

   private:
    const request_head& head_;
    request_origin& origin_;
    std::string_view path_;
    std::string_view query_;
    route_match match_;
    std::string rewritten_path_;
    std::string rewritten_query_;
};

}  // namespace rouse::http
