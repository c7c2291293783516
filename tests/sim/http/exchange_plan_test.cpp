#include "tests/sim/http/exchange_plan.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/sim/http/answer_reader.hpp"
#include "tests/sim/http/routes.hpp"
#include "tests/support/http_drive.hpp"

namespace rouse::sim {
namespace {

const http::router& shared_routes() {
    static const http::router routes = [] {
        http::router made;
        add_routes(made);
        return made;
    }();
    return routes;
}

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

/// A planned exchange as the text of a failure.
std::string shown(const planned_exchange& planned) {
    std::string text;
    for (const char byte : planned.bytes.substr(0, 600)) {
        text += byte == '\r' ? "\\r" : byte == '\n' ? "\\n\n" : std::string(1, byte);
    }
    return text;
}

/// How the bytes of the requests come.
enum class arrival { whole, pipelined, in_pieces, byte_by_byte };

/// Plans connections and serves them by the real one.
class served_plans {
   public:
    served_plans(std::uint64_t seed, const http::service_limits& limits)
        : draw_(seed), limits_(limits), drive_(shared_routes(), limits) {}

    std::size_t exchanges = 0;
    std::size_t refused = 0;
    std::size_t cut = 0;

    void serve_connection(arrival how) {
        drive_.connect();
        reader_ = answer_reader();
        planned_.clear();
        sent_ = 0;
        bool goes_on = true;
        while (goes_on) {
            const std::size_t count = how == arrival::pipelined ? draw_.between(1, 8) : 1;
            const std::size_t first = planned_.size();
            while (goes_on && planned_.size() < first + count) {
                planned_.push_back(plan_exchange(draw_, limits_));
                reader_.expect(planned_.back());
                goes_on = planned_.back().may_be_followed() &&
                          !planned_.back().waits_for_continue && planned_.size() < 20;
            }
            send(how, first);
            exchanges += planned_.size() - first;
            await_answers();
            goes_on = planned_.back().may_be_followed() && planned_.size() < 20;
        }
        finish();
    }

   private:
    /// Sends the last of what is planned.
    void send(arrival how, std::size_t first) {
        std::string bytes;
        for (std::size_t index = first; index < planned_.size(); ++index) {
            bytes += planned_[index].bytes;
        }
        const planned_exchange& last = planned_.back();
        if (last.waits_for_continue) {
            const std::size_t kept_back = last.bytes.size() - last.head_bytes;
            send_bytes(std::string_view(bytes).substr(0, bytes.size() - kept_back), how);
            await_continue();
            if (reader_.saw_continue(planned_.size() - 1)) {
                send_bytes(std::string_view(last.bytes).substr(last.head_bytes), how);
            }
            return;
        }
        send_bytes(bytes, how);
    }
    void send_bytes(std::string_view bytes, arrival how) {
        while (!bytes.empty() && drive_.is_open()) {
            const std::size_t most = how == arrival::byte_by_byte ? 1 : how == arrival::in_pieces
                                          ? draw_.between(1, 64) : bytes.size();
            const std::string_view piece = bytes.substr(0, most);
            bytes.remove_prefix(piece.size());
            sent_ += piece.size();
            drive_.feed(piece);
            read();
            check_answered();
        }
    }
    /// What was to be answered from here on has been.
    void check_answered() {
    }
    /// The request that is to be answered, and the one before.
    [[nodiscard]] std::string shown_around() const {
        const std::size_t at = reader_.answered();
        return (at > 0 ? shown(planned_[at - 1]) + "---\n" : "") +
               (at < planned_.size() ? shown(planned_[at]) : "none");
    }
    void read() {
        const std::string output = std::exchange(drive_.peer->output, {});
        std::string_view rest = output;
        while (!rest.empty()) {
            const std::string_view piece = rest.substr(0, draw_.between(1, 2'000));
            rest.remove_prefix(piece.size());
            const auto wrong = reader_.feed(piece, sent_);
            REQUIRE_MESSAGE(!wrong, *wrong << "\n" << shown_around() << "\ngot " << std::string(output.substr(0,600)));
        }
    }
    void await_answers() {
        for (int turn = 0; turn < 2'000 && drive_.is_open() && reader_.answered() < planned_.size();
             ++turn) {
            drive_.advance(milliseconds(1));
            read();
        }
    }
    void await_continue() {
        for (int turn = 0; turn < 2'000 && drive_.is_open() && !reader_.saw_continue(planned_.size() - 1) &&
                           reader_.answered() < planned_.size();
             ++turn) {
            drive_.advance(milliseconds(1));
            read();
        }
    }
    void finish() {
        const planned_exchange& last = planned_.back();
        CHECK(reader_.closing() == !last.may_be_followed());
        drive_.peer->end();
        drive_.run();
        for (int turn = 0; turn < 2'000 && drive_.is_open(); ++turn) {
            drive_.advance(milliseconds(1));
        }
        read();
        REQUIRE_MESSAGE(!drive_.is_open(), shown(last));
        REQUIRE(!drive_.failed);
        const auto missing = reader_.end(true);
        REQUIRE_MESSAGE(!missing, *missing << "\n" << shown_around());
        REQUIRE(reader_.answered() == planned_.size());
        refused += last.answer.rule == content_rule::reason ? 1 : 0;
        cut += last.answer.is_cut ? 1 : 0;
    }

    random_source draw_;
    http::service_limits limits_;
    std::deque<planned_exchange> planned_;
    test::http_drive drive_;
    answer_reader reader_;
    std::uint64_t sent_ = 0;
};

}  // namespace

TEST_SUITE_BEGIN("sim/http/exchange_plan");

TEST_CASE("the real connection answers whole requests as they were planned") {
    served_plans plans(1, {});
    for (int connection = 0; connection < 4'000; ++connection) {
        plans.serve_connection(arrival::whole);
    }
    MESSAGE(plans.exchanges << " exchanges, " << plans.refused << " refused, " << plans.cut);
}

TEST_CASE("the real connection answers pipelined requests as they were planned") {
    served_plans plans(2, small_limits());
    for (int connection = 0; connection < 4'000; ++connection) {
        plans.serve_connection(arrival::pipelined);
    }
    MESSAGE(plans.exchanges << " exchanges, " << plans.refused << " refused, " << plans.cut);
}

TEST_CASE("the real connection answers requests in pieces as they were planned") {
    served_plans plans(3, least_limits());
    for (int connection = 0; connection < 4'000; ++connection) {
        plans.serve_connection(arrival::in_pieces);
    }
    MESSAGE(plans.exchanges << " exchanges, " << plans.refused << " refused, " << plans.cut);
}

TEST_CASE("the real connection answers byte by byte as it was planned") {
    served_plans plans(4, small_limits());
    for (int connection = 0; connection < 1'000; ++connection) {
        plans.serve_connection(arrival::byte_by_byte);
    }
    MESSAGE(plans.exchanges << " exchanges, " << plans.refused << " refused, " << plans.cut);
}

TEST_SUITE_END();

}  // namespace rouse::sim
