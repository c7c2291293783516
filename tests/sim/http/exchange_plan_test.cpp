#include "tests/sim/http/exchange_plan.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/sim/http/served_plans.hpp"

namespace rouse::sim {
namespace {

http::service_limits small_limits() {
    http::service_limits limits;
    limits.head = {.header_bytes_max = 512, .target_bytes_max = 128, .header_count_max = 16};
    limits.body_bytes_max = 4'096;
    return limits;
}

http::service_limits least_limits() {
    http::service_limits limits;
    limits.head = {.header_bytes_max = 384, .target_bytes_max = 96, .header_count_max = 12};
    limits.body_bytes_max = 64;
    return limits;
}

void serve(std::uint64_t seed, const http::service_limits& limits, arrival how, int connections) {
    served_plans plans(seed, limits);
    for (int count = 0; count < connections; ++count) {
        plans.serve_connection(how);
    }
    CHECK(plans.exchanges > static_cast<std::size_t>(connections));
    CHECK(plans.refused > 0);
}

/// A number for everything that a plan says: FNV-1a.
class plan_hash {
   public:
    void add(std::uint64_t value) noexcept {
        for (unsigned shift = 0; shift < 64; shift += 8) {
            add_byte(static_cast<std::uint8_t>(value >> shift));
        }
    }
    void add(std::string_view text) noexcept {
        add(text.size());
        for (const char byte : text) {
            add_byte(static_cast<std::uint8_t>(byte));
        }
    }
    void add(const planned_exchange& planned) noexcept {
        const planned_answer& answer = planned.answer;
        add(planned.bytes);
        for (const std::size_t offset :
             {planned.head_bytes, planned.answerable_from, planned.answered_from}) {
            add(offset);
        }
        for (const bool flag :
             {planned.waits_for_continue, planned.is_head, answer.says_keep_alive, answer.is_cut}) {
            add(flag ? 1U : 0U);
        }
        add(static_cast<std::uint64_t>(planned.interim));
        add(static_cast<std::uint64_t>(planned.refusal_status));
        add(static_cast<std::uint64_t>(answer.status));
        add(static_cast<std::uint64_t>(answer.framing));
        add(static_cast<std::uint64_t>(answer.rule));
        add(static_cast<std::uint64_t>(answer.fate));
        add(answer.length);
        add(answer.content_type);
        add(answer.content());
        for (const planned_header& header : answer.headers) {
            add(header.name);
            add(header.value);
        }
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

   private:
    void add_byte(std::uint8_t byte) noexcept { value_ = (value_ ^ byte) * 0x0000'0100'0000'01b3U; }
    std::uint64_t value_ = 0xcbf2'9ce4'8422'2325U;
};

}  // namespace

TEST_SUITE_BEGIN("sim/http/exchange_plan");

TEST_CASE("the real connection answers whole requests as planned") {
    serve(1, {}, arrival::whole, 2'000);
}

TEST_CASE("the real connection answers pipelined requests as planned") {
    serve(2, small_limits(), arrival::pipelined, 2'000);
}

TEST_CASE("the real connection answers requests in pieces as planned") {
    serve(3, least_limits(), arrival::in_pieces, 2'000);
}

TEST_CASE("the real connection answers at the byte that the plan says") {
    serve(4, small_limits(), arrival::byte_by_byte, 1'000);
    serve(5, least_limits(), arrival::byte_by_byte, 300);
}

TEST_CASE("of a body that nobody wants, no more is read than is said") {
    served_plans plans(9, {});
    for (int count = 0; count < 4; ++count) {
        plans.serve_one(arrival::whole, [](const planned_exchange& planned) {
            return planned.bytes.size() > http::unread_body_bytes_max &&
                   planned.answer.fate == connection_fate::ends;
        });
    }
}

TEST_CASE("the same draws make the same exchanges, with every compiler") {
    plan_hash hash;
    random_source draw(6);
    for (int count = 0; count < 5'000; ++count) {
        hash.add(plan_exchange(draw, count % 2 == 0 ? http::service_limits() : small_limits()));
    }
    CHECK(hash.value() == 0xa06a'8210'8c03'68ffU);
}

TEST_CASE("every shape of request and answer is planned") {
    random_source draw(7);
    std::array<std::size_t, 600> statuses{};
    std::array<std::size_t, 4> framings{};
    std::array<std::size_t, 5> rules{};
    std::array<std::size_t, 3> fates{};
    std::array<std::size_t, 3> interims{};
    std::size_t waiting = 0;
    std::size_t cut = 0;
    for (int count = 0; count < 20'000; ++count) {
        const planned_exchange planned = plan_exchange(draw, small_limits());
        const planned_answer& answer = planned.answer;
        ++statuses[static_cast<std::size_t>(answer.status)];
        ++framings[static_cast<std::size_t>(answer.framing)];
        ++rules[static_cast<std::size_t>(answer.rule)];
        ++fates[static_cast<std::size_t>(answer.fate)];
        ++interims[static_cast<std::size_t>(planned.interim)];
        waiting += planned.waits_for_continue ? 1 : 0;
        cut += answer.is_cut ? 1 : 0;
        REQUIRE(planned.answerable_from <= planned.answered_from);
        REQUIRE(planned.answered_from <= planned.bytes.size());
        REQUIRE(planned.head_bytes <= planned.bytes.size());
    }
    for (const std::size_t status : {200U, 201U, 204U, 205U, 304U, 400U, 403U, 404U, 405U, 413U,
                                     414U, 417U, 431U, 500U, 501U, 505U, 599U}) {
        CHECK_MESSAGE(statuses[status] > 0, status);
    }
    const auto all_there = [](const auto& counts) { return std::ranges::count(counts, 0U) == 0; };
    CHECK(all_there(framings));
    CHECK(all_there(rules));
    CHECK(all_there(fates));
    CHECK(all_there(interims));
    CHECK(waiting > 0);
    CHECK(cut > 0);
}

TEST_CASE("any bytes are a schedule of exchanges") {
    for (const std::uint8_t byte : std::array<std::uint8_t, 5>{0x00, 0x01, 0x7f, 0x80, 0xff}) {
        const std::vector<std::uint8_t> schedule(4'000, byte);
        random_source draw(8, schedule);
        for (int count = 0; count < 100; ++count) {
            REQUIRE(!plan_exchange(draw, least_limits()).bytes.empty());
        }
    }
}

TEST_SUITE_END();

}  // namespace rouse::sim
