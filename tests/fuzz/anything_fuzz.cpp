#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "protocols/http/request_parser.hpp"
#include "server/anything.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/reference_text.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using nlohmann::json;
using rouse::context;
using rouse::local_waker;
using rouse::owned_bytes;
using rouse::result;
using rouse::fuzz::byte_reader;
using rouse::fuzz::is_utf8;
using rouse::fuzz::require;

class body_in_pieces final : public body_source {
   public:
    body_in_pieces(std::string_view body, std::size_t step) noexcept : left_(body), step_(step) {}
    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& /*cx*/) override {
        std::string piece(left_.substr(0, step_));
        left_.remove_prefix(piece.size());
        return result<owned_bytes>(piece.empty() ? owned_bytes()
                                                 : owned_bytes::from_string(std::move(piece)));
    }

   private:
    std::string_view left_;
    std::size_t step_;
};

class origin final : public request_origin {
   public:
    explicit origin(body_source& body) noexcept : body_(body) {}
    [[nodiscard]] rouse::address peer_address() const override { return {}; }
    [[nodiscard]] rouse::ip_address peer_ip() override { return {}; }
    [[nodiscard]] body_source& body_of_request() override { return body_; }

   private:
    body_source& body_;
};

response ask(const request_head& head, body_source& body) {
    origin from(body);
    request asked(head, from);
    auto answering = rouse::server::anything(asked);
    const local_waker waker = local_waker::noop();
    context cx(waker);
    auto polled = answering.poll(cx);
    require(polled.is_ready());
    return std::move(polled).value();
}

// RFC 4648, 4, from the text to the bytes.
std::string decode_base64(std::string_view text) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    require(text.size() % 4 == 0);
    std::string bytes;
    unsigned bits = 0;
    unsigned count = 0;
    for (const char letter : text.substr(0, text.find('='))) {
        require(digits.contains(letter));
        bits = bits << 6U | static_cast<unsigned>(digits.find(letter));
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> count);
        }
    }
    require((bits & ((1U << count) - 1)) == 0);
    return bytes;
}

// What is no UTF-8 is replaced, and only then.
void check_member(const json& said, std::string_view text) {
    require(said.is_string() && (!is_utf8(text) || said == text));
}

void check_answer(const json& said, const request_head& head, std::string_view body) {
    require(said.is_object() && said.size() == 9);
    check_member(said.at("method"), head.method_name);
    check_member(said.at("target"), head.target);
    check_member(said.at("path"), head.path);
    check_member(said.at("query"), head.query);
    check_member(said.at("host"), head.host);
    require(said.at("version") == "HTTP/1." + std::to_string(head.minor_version));
    require(said.at("peer") == "none");
    const json& headers = said.at("headers");
    require(headers.is_array() && headers.size() == head.headers.size());
    for (std::size_t at = 0; at < headers.size(); ++at) {
        check_member(headers[at].at("name"), head.headers[at].name);
        check_member(headers[at].at("value"), head.headers[at].value);
    }
    if (is_utf8(body)) {
        require(said.at("body") == body);
    } else {
        require(decode_base64(said.at("body_base64").get<std::string>()) == body);
    }
}

}  // namespace

// Any request with any body comes back as JSON that says it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader reader(data, size);
    const std::size_t step = reader.number<std::uint8_t>() + std::size_t{1};
    const std::string_view bytes = reader.rest();
    request_parser parser;
    if (parser.parse(bytes) != parse_status::done) {
        return 0;
    }
    const std::string_view body = bytes.substr(parser.head_bytes());
    body_in_pieces source(body, step);
    const response made = ask(parser.head(), source);
    require(made.status == 200 && is_writable(made) && made.content_type == application_json);
    check_answer(json::parse(text_of(made)), parser.head(), body);
    return 0;
}
