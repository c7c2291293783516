#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "protocols/http/byte_class.hpp"

namespace rouse::http {

/// A Host without its port and without the dot that ends an absolute name: "example.org" of
/// "example.org.:8080", "[::1]" of "[::1]:80". See RFC 9110, 7.2 and RFC 3986, 3.2.2.
[[nodiscard]] inline std::string_view host_name(std::string_view host) noexcept {
    const std::size_t end = host.starts_with('[') ? host.find(']') : host.find(':');
    std::string_view name = host.substr(0, host.starts_with('[') ? end + 1 : end);
    if (name.size() > 1 && name.ends_with('.')) {
        name.remove_suffix(1);
    }
    return name;
}

/// Values by host name, compared without case (RFC 9110, 4.2.3): "example.org", or "*.example.org"
/// for each name below it. The longest of those that match is the one.
template <class T>
class host_table {
   public:
    [[nodiscard]] bool empty() const noexcept { return names_.empty() && suffixes_.empty(); }

    /// The value of this name or wildcard; made by default when there is none.
    [[nodiscard]] T& operator[](std::string_view name) {
        return name.starts_with("*.") ? suffixes_[std::string(name.substr(1))]
                                      : names_[std::string(host_name(name))];
    }

    /// The value for the Host of a request; null when none matches. No allocation.
    [[nodiscard]] const T* find(std::string_view host) const noexcept {
        const std::string_view name = host_name(host);
        if (const auto exact = names_.find(name); exact != names_.end()) {
            return &exact->second;
        }
        if (suffixes_.empty()) {
            return nullptr;
        }
        // From the left: a longer suffix goes before a shorter one.
        for (std::size_t dot = name.find('.'); dot != std::string_view::npos;
             dot = name.find('.', dot + 1)) {
            const auto below = suffixes_.find(name.substr(dot));
            if (below != suffixes_.end() && dot > 0) {
                return &below->second;
            }
        }
        return nullptr;
    }

   private:
    struct less_ignoring_case {
        using is_transparent = void;
        bool operator()(std::string_view left, std::string_view right) const noexcept {
            return std::ranges::lexicographical_compare(left, right, {}, to_lower, to_lower);
        }
    };

    std::map<std::string, T, less_ignoring_case> names_;
    std::map<std::string, T, less_ignoring_case> suffixes_;  // ".example.org"
};

}  // namespace rouse::http
