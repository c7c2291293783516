#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "protocols/http/files/accept_encoding.hpp"
#include "protocols/http/header_field.hpp"
#include "protocols/http/request_head.hpp"

namespace rouse::http {

/// Reads Accept-Encoding, and remembers the last one: clients of a kind send the same, byte by
/// byte. One thread.
class accept_memory {
   public:
    /// Longer ones are read each time.
    static constexpr std::size_t value_bytes_max = 256;

    [[nodiscard]] accepted_codings read(const request_head& head) {
        std::string_view value;
        std::size_t lines = 0;
        for (const header_field& field : head.headers) {
            if (equals_ignoring_case(field.name, "accept-encoding")) {
                value = field.value;
                ++lines;
            }
        }
        if (lines == 0) {
            return {};
        }
        if (lines > 1 || value.size() > value_bytes_max) {
            return accepted_codings(head);
        }
        if (value != value_) {
            value_ = value;  // First: this may throw.
            codings_ = accepted_codings(head);
        }
        return codings_;
    }

   private:
    std::string value_;
    accepted_codings codings_;  // Of value_; an empty one says nothing.
};

}  // namespace rouse::http
