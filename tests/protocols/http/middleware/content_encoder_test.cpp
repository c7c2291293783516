#include "protocols/http/middleware/content_encoder.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "protocols/http/middleware/encoded_body.hpp"
#include "protocols/http/text_body.hpp"
#include "tests/protocols/http/middleware/decoding.hpp"
#include "tests/support/poll_once.hpp"

namespace rouse::test {
namespace {

using http::encoder_step;

// Words that repeat now and then, or bytes that do not.
std::string sample(std::size_t size, bool is_text) {
    std::string text;
    std::uint32_t state = 1;
    while (text.size() < size) {
        state = state * 1'664'525 + 1'013'904'223;
        if (is_text) {
            text.append("word").append(std::to_string((state >> 16U) % 1'000)).append(" ");
        } else {
            text += static_cast<char>(state >> 24U);
        }
    }
    text.resize(size);
    return text;
}

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

/// A body whose pieces the test makes.
class scripted_body final : public http::body_source {
   public:
    struct script {
        std::deque<std::string> pieces;
        bool is_ended = false;
        std::error_code error;
        int polls = 0;
        bool is_alive = true;
        local_waker waiting;
    };

    explicit scripted_body(script& from) noexcept : from_(from) {}
    ~scripted_body() override { from_.is_alive = false; }

    poll<result<owned_bytes>> poll_next(context& cx) override {
        ++from_.polls;
        if (!from_.pieces.empty()) {
            auto piece = owned_bytes::from_string(std::move(from_.pieces.front()));
            from_.pieces.pop_front();
            return result<owned_bytes>(std::move(piece));
        }
        if (from_.error) {
            return result<owned_bytes>(failure(from_.error));
        }
        if (from_.is_ended) {
            return result<owned_bytes>();
        }
        store_waker(from_.waiting, cx);
        return pending;
    }

   private:
    script& from_;
};

std::string text_of(const owned_bytes& piece) {
    return {reinterpret_cast<const char*>(piece.data()), piece.size()};
}

// All pieces to the end, and the longest of them.
std::pair<std::string, std::size_t> read_all(http::body_source& body) {
    std::string all;
    std::size_t longest = 0;
    hand_task task;
    while (true) {
        auto asked = http::next(body);
        auto answer = task.poll(asked);
        if (answer.is_pending()) {
            REQUIRE(task.wakes() > 0);  // It only made room for others.
            continue;
        }
        REQUIRE(answer.value().has_value());
        const std::string piece = text_of(*answer.value());
        if (piece.empty()) {
            return {all, longest};
        }
        longest = std::max(longest, piece.size());
        all += piece;
    }
}

}  // namespace

TEST_SUITE("protocols/http/middleware/content_encoder") {
    TEST_CASE("what is encoded in any pieces is decoded as it was: RFC 9110, 8.4.1") {
        for (const auto coding : all_codings) {
            for (const bool is_text : {true, false}) {
                for (const std::size_t size : {0UZ, 1UZ, 1'000UZ, 70'000UZ, 300'000UZ}) {
                    for (const std::size_t step : {size + 1, 4'096UZ, 997UZ}) {
                        const std::string plain = sample(size, is_text);
                        const auto encoder = http::make_content_encoder(coding, {});
                        std::string coded;
                        for (std::size_t at = 0; at < size; at += step) {
                            REQUIRE(
                                encoder->encode(bytes_of(std::string_view(plain).substr(at, step)),
                                                encoder_step::more, coded));
                        }
                        REQUIRE(encoder->encode({}, encoder_step::end, coded));
                        const auto decoded = decode(coding, coded);
                        CHECK(decoded.is_ended);
                        CHECK(decoded.text == plain);
                        CHECK((!is_text || size < 1'000 || coded.size() < size / 2));
                    }
                }
            }
        }
    }

    TEST_CASE("every level of every coding is one that its library takes") {
        const std::string plain = sample(20'000, true);
        const auto check = [&plain](http::content_coding coding, http::encoder_levels levels) {
            std::string coded;
            REQUIRE(http::make_content_encoder(coding, levels)
                        ->encode(bytes_of(plain), encoder_step::end, coded));
            CHECK(decode(coding, coded).text == plain);
        };
        for (int level = 0; level <= http::zstd_level_max; ++level) {
            check(http::content_coding::gzip, {.gzip = std::clamp(level, 1, 9)});
            check(http::content_coding::br, {.br = std::min(level, 11)});
            check(http::content_coding::zstd, {.zstd = std::max(level, 1)});
        }
    }

    TEST_CASE("after a flush the receiver has all that was put in") {
        for (const auto coding : all_codings) {
            const auto encoder = http::make_content_encoder(coding, {});
            std::string coded;
            std::string plain;
            for (int line = 0; line < 20; ++line) {
                const std::string text = "event " + std::to_string(line) + "\n";
                REQUIRE(encoder->encode(bytes_of(text), encoder_step::flush, coded));
                plain += text;
                const auto decoded = decode(coding, coded);
                CHECK(decoded.text == plain);
                CHECK_FALSE(decoded.is_ended);
            }
            const std::size_t size = coded.size();
            REQUIRE(encoder->encode({}, encoder_step::flush, coded));
            CHECK(coded.size() == size);  // Nothing came in, nothing goes out.
        }
    }
}

TEST_SUITE("protocols/http/middleware/encoded_body") {
    TEST_CASE("a body in pieces is whole at the other end, and its own pieces are bounded") {
        for (const auto coding : all_codings) {
            for (const bool is_text : {true, false}) {
                const std::string plain = sample(500'000, is_text);
                http::encoded_body body(std::make_unique<http::text_body>(plain),
                                        http::make_content_encoder(coding, {}));
                CHECK_FALSE(body.length().has_value());
                const auto [coded, longest] = read_all(body);
                CHECK(decode(coding, coded).text == plain);
                CHECK(decode(coding, coded).is_ended);
                CHECK(longest <= 2 * http::encoded_body::piece_bytes);
            }
        }
    }

    TEST_CASE("one huge piece is encoded bit by bit, and others have their turn") {
        const std::string plain(4'000'000, 'a');
        scripted_body::script script{
            .pieces = {plain}, .is_ended = true, .error = {}, .waiting = {}};
        http::encoded_body body(std::make_unique<scripted_body>(script),
                                http::make_content_encoder(http::content_coding::gzip, {}));
        hand_task task;
        auto asked = http::next(body);
        int pending_polls = 0;
        auto answer = task.poll(asked);
        while (answer.is_pending()) {
            ++pending_polls;
            REQUIRE(task.wakes() == pending_polls);
            answer = task.poll(asked);
        }
        CHECK(pending_polls == 4'000'000 / 65'536);
        CHECK(decode(http::content_coding::gzip, text_of(*answer.value())).text == plain);
        CHECK_FALSE(script.is_alive);
    }

    TEST_CASE("a slow body can be read as it comes") {
        for (const auto coding : all_codings) {
            scripted_body::script script;
            http::encoded_body body(std::make_unique<scripted_body>(script),
                                    http::make_content_encoder(coding, {}));
            std::string coded;
            std::string plain;
            for (int line = 0; line < 5; ++line) {
                auto idle = http::next(body);
                CHECK(poll_once(idle).is_pending());
                CHECK(script.waiting);
                script.pieces.push_back("data: " + std::to_string(line) + "\n\n");
                plain += script.pieces.back();
                auto asked = http::next(body);
                auto answer = poll_once(asked);
                REQUIRE(answer.is_ready());
                coded += text_of(*answer.value());
                CHECK(decode(coding, coded).text == plain);
            }
            script.is_ended = true;
            coded += read_all(body).first;
            CHECK(decode(coding, coded).is_ended);
        }
    }

    TEST_CASE("a body without anything is still an end of its coding") {
        for (const auto coding : all_codings) {
            http::encoded_body body(std::make_unique<http::text_body>(std::string()),
                                    http::make_content_encoder(coding, {}));
            const std::string coded = read_all(body).first;
            CHECK_FALSE(coded.empty());
            CHECK(decode(coding, coded).is_ended);
        }
    }

    TEST_CASE("an error of the body is passed on, and the coding does not end") {
        scripted_body::script script{
            .pieces = {"some"}, .error = make_error_code(errc::timed_out), .waiting = {}};
        http::encoded_body body(std::make_unique<scripted_body>(script),
                                http::make_content_encoder(http::content_coding::br, {}));
        auto asked = http::next(body);
        const auto answer = poll_once(asked);
        REQUIRE(answer.is_ready());
        CHECK(answer.value().error() == errc::timed_out);
    }
}

}  // namespace rouse::test
