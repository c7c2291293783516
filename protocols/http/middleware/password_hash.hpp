#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace rouse::http {

/// A password as crypt(5) keeps it: "$2y$12$...", as `htpasswd -nB` writes it, or "$y$..." and
/// "$6$..." of mkpasswd(1).
class password_hash {
   public:
    /// Takes bcrypt ($2a$, $2b$, $2y$), yescrypt ($y$), gost-yescrypt ($gy$), scrypt ($7$), SHA-512
    /// ($6$) and SHA-256 ($5$). Errors, none of which repeats the text: a plain password, a weak
    /// format (DES, MD5, SHA-1), one that is cut short, and a cost that takes minutes.
    [[nodiscard]] static std::expected<password_hash, std::string> parse(std::string_view text);

    /// Whether this is the password. Takes as long as the format was made to, so never on a loop;
    /// the comparison takes the same time wherever the two differ. Throws bad_alloc.
    [[nodiscard]] bool matches(const std::string& password) const;

   private:
    explicit password_hash(std::string_view text) : text_(text) {}

    std::string text_;
};

}  // namespace rouse::http
