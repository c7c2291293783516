#include "runtime/base/error.hpp"

#include <cstring>
#include <string>

namespace rouse {
namespace {

class category final : public std::error_category {
   public:
    [[nodiscard]] const char* name() const noexcept override { return "rouse"; }

    [[nodiscard]] std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
            case errc::cancelled:
                return "cancelled";
            case errc::timed_out:
                return "timed out";
            case errc::closed:
                return "the other side is closed";
            case errc::full:
                return "full";
            case errc::limit_exceeded:
                return "a limit of this process was reached";
            case errc::address_invalid:
                return "not an address: want ADDRESS:PORT, [IPV6]:PORT or unix:PATH";
            case errc::backend_unavailable:
                return "the I/O backend is not available";
        }
        return "unknown error " + std::to_string(value);
    }

    // A caller that asks for std::errc::operation_canceled or timed_out need not know our category.
    [[nodiscard]] std::error_condition default_error_condition(int value) const noexcept override {
        switch (static_cast<errc>(value)) {
            case errc::cancelled:
                return std::errc::operation_canceled;
            case errc::timed_out:
                return std::errc::timed_out;
            default:
                return {value, *this};
        }
    }
};

}  // namespace

const std::error_category& error_category() noexcept {
    static const category instance;
    return instance;
}

std::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), error_category()};
}

const char* errno_text(int value) noexcept {
    const char* text = ::strerrordesc_np(value);
    return text == nullptr ? "unknown error" : text;
}

}  // namespace rouse
