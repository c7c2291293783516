#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/http/method.hpp"
#include "protocols/http/route_pattern.hpp"

namespace rouse::http {

/// A parameter of the pattern and what stands for it in the path, not decoded: see percent_decode.
struct route_param {
    std::string_view name;
    std::string_view value;
};

/// The parameters of one match, in the order of the pattern. Values are views into the path that
/// was matched, names into the table; both must outlive this.
class route_params {
   public:
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    [[nodiscard]] route_param operator[](std::size_t index) const noexcept {
        assert(index < size_);
        return {.name = names_[index],
                .value = {path_ + places_[index].begin, places_[index].length}};
    }

    /// The raw value of a parameter; empty when the pattern has none of this name.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept {
        for (std::size_t index = 0; index < size_; ++index) {
            if (names_[index] == name) {
                return (*this)[index].value;
            }
        }
        return std::nullopt;
    }

   private:
    friend class route_table;
    struct place {
        std::uint32_t begin = 0;
        std::uint32_t length = 0;
    };

    // Offsets rather than views: half the bytes to clear for every match that has no parameters.
    const char* path_ = nullptr;
    const std::string* names_ = nullptr;
    std::size_t size_ = 0;
    std::array<place, route_params_max> places_{};
};

enum class route_outcome : std::uint8_t { found, not_found, method_not_allowed };

/// What a route_table says about a method and a path.
struct route_match {
    route_outcome kind = route_outcome::not_found;
    /// After method_not_allowed, every method that some route has for this path: see allow_header.
    /// After `found`, undefined.
    method_mask allowed = 0;
    std::size_t index = 0;  ///< After `found`, what route_table::add answered.
    route_params params;    ///< After `found`.
};

}  // namespace rouse::http
