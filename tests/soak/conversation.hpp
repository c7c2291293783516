#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace rouse::soak {

/// How much one connection asks for.
struct conversation_size {
    std::uint64_t requests = 1;  ///< Or messages, of an echo.
    std::uint64_t at_once = 1;   ///< Requests or messages that may be unanswered.
};

/// The server gets every byte that the client sends.
inline constexpr std::uint64_t no_limit = UINT64_MAX;

/// What the model says of bytes that came.
enum class verdict : std::uint8_t {
    right,
    wrong,   ///< fault() tells why.
    failed,  ///< An honest 500, from a server that may fail: nothing more is expected.
};

/// The model of one connection: what its client sends, and what must come back. It does no I/O.
class conversation {
   public:
    virtual ~conversation() = default;

    /// What to send next: empty while it waits for answers, and at the end.
    [[nodiscard]] virtual std::string_view to_send() = 0;
    /// The kernel took so many bytes of it.
    virtual void sent(std::size_t bytes) = 0;
    [[nodiscard]] virtual verdict received(std::string_view bytes) = 0;

    [[nodiscard]] virtual bool has_sent_all() const = 0;
    /// Everything that the server got in whole is answered, and nothing else can come.
    [[nodiscard]] virtual bool is_answered() const = 0;
    /// No answer has begun and not ended.
    [[nodiscard]] virtual bool is_between_answers() const = 0;
    /// Requests of which a byte is sent.
    [[nodiscard]] virtual std::uint64_t requests() const = 0;
    /// Answers that came in whole, and were right.
    [[nodiscard]] virtual std::uint64_t answers() const = 0;

    [[nodiscard]] std::uint64_t bytes_sent() const noexcept { return bytes_sent_; }
    [[nodiscard]] std::uint64_t bytes_received() const noexcept { return bytes_received_; }
    [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

   protected:
    std::uint64_t bytes_sent_ = 0;
    std::uint64_t bytes_received_ = 0;
    std::string fault_;
};

/// What a conversation is made from.
struct conversation_options {
    conversation_size size;
    std::uint64_t seed = 0;
    std::uint64_t connection = 0;
    bool asks_for_close = false;     ///< With the last request. HTTP only.
    bool may_close = false;          ///< The server may end it after any answer. HTTP only.
    bool may_fail = false;           ///< The server may answer with 500. HTTP only.
    std::uint64_t limit = no_limit;  ///< The server gets only so many bytes, and then the end.
};

[[nodiscard]] std::unique_ptr<conversation> make_http_conversation(const conversation_options&);
[[nodiscard]] std::unique_ptr<conversation> make_echo_conversation(const conversation_options&);

}  // namespace rouse::soak
