#include "protocols/http/route_error.hpp"

#include <string>

namespace rouse::http {
namespace {

class category final : public std::error_category {
   public:
    [[nodiscard]] const char* name() const noexcept override { return "rouse.route"; }

    [[nodiscard]] std::string message(int value) const override {
        switch (static_cast<route_errc>(value)) {
            case route_errc::pattern_invalid:
                return "not a route pattern: want /literal, /{name} or a last /{name...}";
            case route_errc::methods_empty:
                return "a route needs a method";
            case route_errc::parameter_duplicate:
                return "two parameters of a route pattern have the same name";
            case route_errc::too_many_parameters:
                return "too many parameters in a route pattern";
            case route_errc::too_many_segments:
                return "too many segments in a route pattern";
            case route_errc::route_duplicate:
                return "there is a route for this method and these paths already";
        }
        return "unknown error " + std::to_string(value);
    }
};

}  // namespace

const std::error_category& route_error_category() noexcept {
    static const category instance;
    return instance;
}

std::error_code make_error_code(route_errc code) noexcept {
    return {static_cast<int>(code), route_error_category()};
}

}  // namespace rouse::http
