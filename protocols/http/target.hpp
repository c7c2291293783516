#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace rouse::http {

/// Decodes %XX in a path segment or a route parameter. Empty when an escape is incomplete or not
/// hexadecimal, and for %00, which no name has in it. Decode after splitting: an escaped '/' is
/// part of its segment. See RFC 3986, 2.1.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

/// The same for a name or value of a query: '+' is a space. See the URL Standard,
/// application/x-www-form-urlencoded.
[[nodiscard]] std::optional<std::string> form_decode(std::string_view text);

/// One "key=value" of a query, not decoded. Without '=' the value is empty.
struct query_pair {
    std::string_view key;
    std::string_view value;
};

/// The pairs of a query in order, as a range: `for (const query_pair pair :
/// query_pairs(head.query))`. Empty ones, as in "a=1&&b=2", are passed over. The views point into
/// the query.
class query_pairs {
   public:
    explicit query_pairs(std::string_view query) noexcept : query_(query) {}

    class iterator {
       public:
        using value_type = query_pair;
        using difference_type = std::ptrdiff_t;

        iterator() noexcept = default;
        explicit iterator(std::string_view rest) noexcept : rest_(rest) { advance(); }

        [[nodiscard]] const query_pair& operator*() const noexcept { return pair_; }
        iterator& operator++() noexcept {
            advance();
            return *this;
        }
        iterator operator++(int) noexcept {
            iterator before = *this;
            advance();
            return before;
        }
        [[nodiscard]] bool operator==(std::default_sentinel_t /*end*/) const noexcept {
            return ended_;
        }

       private:
        void advance() noexcept;

        std::string_view rest_;
        query_pair pair_;
        bool ended_ = true;
    };

    [[nodiscard]] iterator begin() const noexcept { return iterator(query_); }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

   private:
    std::string_view query_;
};
static_assert(std::input_iterator<query_pairs::iterator>);

/// The raw value of the first pair with this raw key.
[[nodiscard]] std::optional<std::string_view> find_query(std::string_view query,
                                                         std::string_view key) noexcept;

}  // namespace rouse::http
