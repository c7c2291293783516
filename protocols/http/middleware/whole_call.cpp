#include "protocols/http/middleware/whole_call.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rouse::http {
namespace {

// The same request once more: what is changed in it stays out of the first one.
class same_request final : request_origin {
   public:
    explicit same_request(request& asked) : asked_(asked), again_(asked.head(), *this) {
        if (asked.path() != asked.head().path || asked.query() != asked.head().query) {
            again_.rewrite(std::string(asked.path()), std::string(asked.query()));
        }
        again_.set_match(asked.match());
    }

    [[nodiscard]] request& again() noexcept { return again_; }

   private:
    [[nodiscard]] address peer_address() const override { return asked_.peer(); }
    [[nodiscard]] ip_address peer_ip() override { return asked_.peer_ip(); }
    [[nodiscard]] body_source& body_of_request() override { return asked_.body(); }
    void set_user(std::string_view name) noexcept override { asked_.set_user(name); }

    request& asked_;
    request again_;
};

std::optional<response> call_first(const handler& called, request& asked) {
    if (std::holds_alternative<async_handler>(called)) {
        return std::nullopt;
    }
    if (const auto* plain = std::get_if<plain_handler>(&called)) {
        return (*plain)(asked);
    }
    same_request first(asked);
    return call_at_once(called, first.again());
}

}  // namespace

task<response> call_whole(const handler& called, request& asked) {
    if (std::optional<response> made = call_first(called, asked)) {
        co_return std::move(*made);
    }
    co_return co_await call_later(called, asked);
}

}  // namespace rouse::http
