#include "protocols/http/middleware/basic_auth.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "protocols/http/header_field.hpp"
#include "protocols/http/middleware/basic_credentials.hpp"
#include "protocols/http/middleware/credential_cache.hpp"
#include "protocols/http/middleware/keyed_hash.hpp"
#include "protocols/http/middleware/password_hash.hpp"
#include "protocols/http/middleware/path_prefixes.hpp"
#include "protocols/http/middleware/whole_call.hpp"

namespace rouse::http {
namespace {

// What all handlers behind one basic_auth share, on all workers.
struct guard {
    guard(basic_auth_options&& options, path_prefixes&& protected_paths,
          std::shared_ptr<blocking_pool>&& threads)
        : paths(std::move(protected_paths)),
          pool(std::move(threads)),
          known(options.cache_entries_max, options.cache_lifetime),
          key(make_hash_key()),
          hashes_max(options.hashes_max),
          now(std::move(options.now)) {}

    std::string challenge;
    path_prefixes paths;
    std::shared_ptr<blocking_pool> pool;
    std::map<std::string, password_hash, std::less<>> users;
    credential_cache known;
    hash_key key;
    std::size_t hashes_max;
    std::atomic<std::size_t> hashes{0};
    std::function<time_point()> now;
};

// One of hashes_max. It goes when the hash is made or nobody waits for it any more.
class hash_permit {
   public:
    [[nodiscard]] static std::optional<hash_permit> take(std::shared_ptr<guard> from) {
        if (from->hashes.fetch_add(1, std::memory_order_relaxed) < from->hashes_max) {
            return hash_permit(std::move(from));
        }
        from->hashes.fetch_sub(1, std::memory_order_relaxed);
        return std::nullopt;
    }
    hash_permit(hash_permit&&) noexcept = default;
    hash_permit& operator=(hash_permit&&) = delete;
    ~hash_permit() {
        if (from_) {
            from_->hashes.fetch_sub(1, std::memory_order_relaxed);
        }
    }

   private:
    explicit hash_permit(std::shared_ptr<guard> from) noexcept : from_(std::move(from)) {}

    std::shared_ptr<guard> from_;
};

response make_challenge(const guard& of) {
    response made = response::of_status(401);
    made.headers.push_back({.name = "WWW-Authenticate", .value = of.challenge});
    return made;
}

response make_busy() {
    response made = response::of_status(503);
    made.headers.push_back({.name = "Retry-After", .value = "1"});
    return made;
}

// Of a request with two Authorization lines, nobody knows which one others go by: none.
std::optional<basic_credentials> credentials_of(const request& asked) {
    std::optional<std::string_view> value;
    for (const header_field& field : asked.head().headers) {
        if (equals_ignoring_case(field.name, "Authorization")) {
            if (value) {
                return std::nullopt;
            }
            value = field.value;
        }
    }
    return value ? parse_basic_credentials(*value) : std::nullopt;
}

// The hash that the password of this user must have. For a name that nobody has, always the same
// one of somebody: some users' hashes may take longer than others', and so does it.
const password_hash& hash_for(const guard& of, std::string_view user) {
    if (const auto found = of.users.find(user); found != of.users.end()) {
        return found->second;
    }
    const auto index = keyed_hash(of.key, user)[0] % of.users.size();
    return std::next(of.users.begin(), static_cast<std::ptrdiff_t>(index))->second;
}

// The name as the guard has it, which lives as long as the handlers.
void tell_user(const guard& of, request& asked, std::string_view user) noexcept {
    if (const auto found = of.users.find(user); found != of.users.end()) {
        asked.set_user(found->first);
    }
}

// Nothing when the credentials are right, else the answer.
task<std::optional<response>> refuse_unless_right(std::shared_ptr<guard> by,
                                                  basic_credentials asked) {
    auto permit = hash_permit::take(by);
    if (!permit) {
        co_return make_busy();
    }
    const bool is_user = by->users.contains(asked.user);
    // The function owns the guard through its permit, so it may outlive the connection.
    const result<bool> matches =
        co_await by->pool->run([&hash = hash_for(*by, asked.user), password = asked.password,
                                kept = *std::move(permit)] { return hash.matches(password); });
    if (!matches) {
        co_return make_busy();
    }
    if (!*matches || !is_user) {
        co_return make_challenge(*by);
    }
    by->known.add(asked, by->now());
    co_return std::nullopt;
}

task<response> call_when_right(std::shared_ptr<guard> by, const handler& inner, request& asked) {
    // at_once has passed on what is not protected already.
    if (!by->paths.contain(asked.path())) {
        co_return co_await call_later(inner, asked);
    }
    const std::optional<basic_credentials> credentials = credentials_of(asked);
    if (!credentials) {
        co_return make_challenge(*by);
    }
    if (!by->known.contains(*credentials, by->now())) {
        auto refused = co_await refuse_unless_right(by, *credentials);
        if (refused) {
            co_return std::move(*refused);
        }
    }
    tell_user(*by, asked, credentials->user);
    // Not call_later: whatever at_once has seen in the cache may have changed since, so for
    // protected paths it does not ask handlers that might want to wait.
    co_return co_await call_whole(inner, asked);
}

std::optional<response> call_if_known(guard& by, const handler& inner, request& asked) {
    if (!by.paths.contain(asked.path())) {
        return call_at_once(inner, asked);
    }
    const std::optional<basic_credentials> credentials = credentials_of(asked);
    if (!credentials) {
        return make_challenge(by);
    }
    const auto* plain = std::get_if<plain_handler>(&inner);
    if (plain == nullptr || !by.known.contains(*credentials, by.now())) {
        return std::nullopt;
    }
    tell_user(by, asked, credentials->user);
    return (*plain)(asked);
}

handler make_guarded(std::shared_ptr<guard> by, handler inner) {
    auto kept = std::make_shared<const handler>(std::move(inner));
    return either_handler{
        .at_once = [by, kept](request& asked) { return call_if_known(*by, *kept, asked); },
        .later = [by, kept](request& asked) { return call_when_right(by, *kept, asked); }};
}

bool is_printable(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char byte) { return byte >= 0x20 && byte < 0x7f; });
}

// RFC 9110, 5.6.4.
std::string quoted_string(std::string_view text) {
    std::string out = "\"";
    for (const char byte : text) {
        if (byte == '"' || byte == '\\') {
            out += '\\';
        }
        out += byte;
    }
    return out + '"';
}

std::string fault_of(const basic_auth_options& options) {
    if (options.realm.size() > basic_auth_realm_bytes_max || !is_printable(options.realm)) {
        return "the realm is not up to 128 printable ASCII characters";
    }
    if (options.users.empty() || options.users.size() > basic_auth_users_max) {
        return "users: 1 to " + std::to_string(basic_auth_users_max);
    }
    if (options.hashes_max == 0 || options.hashes_max > basic_auth_hashes_max) {
        return "hashes at once: 1 to " + std::to_string(basic_auth_hashes_max);
    }
    if (options.cache_entries_max > basic_auth_cache_entries_max) {
        return "cache entries: at most " + std::to_string(basic_auth_cache_entries_max);
    }
    if (options.cache_lifetime < std::chrono::seconds::zero() ||
        options.cache_lifetime > basic_auth_cache_lifetime_max) {
        return "cache lifetime: 0 to " + std::to_string(basic_auth_cache_lifetime_max.count()) +
               " seconds";
    }
    return {};
}

std::string add_user(guard& to, const basic_auth_user& user) {
    const bool has_control = std::ranges::any_of(
        user.name, [](char byte) { return (byte >= 0 && byte < 0x20) || byte == 0x7f; });
    if (user.name.empty() || user.name.contains(':') || has_control) {
        return "user \"" + (has_control ? std::string("?") : user.name) +
               "\": a name is not empty, and has no colon and no control character";
    }
    auto hash = password_hash::parse(user.password_hash);
    if (!hash) {
        return "user \"" + user.name + "\": " + hash.error();
    }
    return to.users.emplace(user.name, *std::move(hash)).second
               ? std::string()
               : "user \"" + user.name + "\": is there twice";
}

}  // namespace

std::expected<middleware, std::string> make_basic_auth(basic_auth_options options,
                                                       std::shared_ptr<blocking_pool> pool) {
    auto paths = path_prefixes::parse(options.paths);
    std::string fault = paths ? fault_of(options) : paths.error();
    if (!fault.empty()) {
        return std::unexpected("basic auth: " + fault);
    }
    const std::vector<basic_auth_user> users = std::move(options.users);
    // RFC 7617, 2 and 2.1.
    std::string challenge = "Basic realm=" + quoted_string(options.realm) + ", charset=\"UTF-8\"";
    auto by = std::make_shared<guard>(std::move(options), *std::move(paths), std::move(pool));
    by->challenge = std::move(challenge);
    for (const basic_auth_user& each : users) {
        if (fault = add_user(*by, each); !fault.empty()) {
            return std::unexpected("basic auth: " + fault);
        }
    }
    return middleware([by](handler inner) { return make_guarded(by, std::move(inner)); });
}

}  // namespace rouse::http
