#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "tests/sim/http/answer_reader.hpp"
#include "tests/sim/http/exchange_plan.hpp"
#include "tests/sim/http/routes.hpp"
#include "tests/support/http_drive.hpp"

namespace rouse::sim {

/// How the bytes of requests come.
enum class arrival : std::uint8_t {
    whole,         ///< Each request at once.
    pipelined,     ///< Several requests at once.
    in_pieces,     ///< One request, in pieces of any size.
    byte_by_byte,  ///< And each answer comes at the byte that the plan says.
};

/// Plans the exchanges of connections and lets the real HTTP connection serve them, over a fake
/// stream. Fails the test when plan and server do not agree.
class served_plans {
   public:
    served_plans(std::uint64_t seed, const http::service_limits& limits)
        : draw_(seed), limits_(limits), drive_(routes(), limits) {}

    std::size_t exchanges = 0;
    std::size_t refused = 0;

    /// The first exchange that is drawn and `wanted`, alone on a connection.
    template <class Predicate>
    void serve_one(arrival how, Predicate wanted) {
        connect();
        do {
            planned_.assign(1, plan_exchange(draw_, limits_));
        } while (!wanted(planned_.front()));
        reader_.expect(planned_.front());
        send(how, 0);
        await([this] { return reader_.answered() == 1; });
        ++exchanges;
        finish();
    }

    void serve_connection(arrival how) {
        connect();
        do {
            const std::size_t first = planned_.size();
            plan(how == arrival::pipelined ? draw_.between(1, 8) : 1);
            send(how, first);
            await([this] { return reader_.answered() == planned_.size(); });
            exchanges += planned_.size() - first;
        } while (planned_.back().may_be_followed() && planned_.size() < requests_max);
        finish();
    }

   private:
    static constexpr std::size_t requests_max = 20;
    /// Longer than all pauses of one exchange.
    static constexpr int milliseconds_max = 3'000;

    [[nodiscard]] static const http::router& routes() {
        struct all_routes : http::router {
            all_routes() { add_routes(*this); }
        };
        static const all_routes shared;
        return shared;
    }

    void connect() {
        drive_.connect();
        reader_ = answer_reader();
        planned_.clear();
        sent_ = 0;
    }

    void plan(std::size_t count) {
        for (; count > 0; --count) {
            planned_.push_back(plan_exchange(draw_, limits_));
            reader_.expect(planned_.back());
            if (!planned_.back().may_be_followed() || planned_.back().waits_for_continue) {
                return;
            }
        }
    }

    /// Sends what was planned from the request with the number `first` on.
    void send(arrival how, std::size_t first) {
        std::string bytes;
        for (std::size_t index = first; index < planned_.size(); ++index) {
            bytes += planned_[index].bytes;
        }
        const planned_exchange& last = planned_.back();
        if (!last.waits_for_continue) {
            return send_bytes(bytes, how);
        }
        const std::size_t kept_back = last.bytes.size() - last.head_bytes;
        send_bytes(std::string_view(bytes).substr(0, bytes.size() - kept_back), how);
        const std::size_t number = planned_.size() - 1;
        await(
            [this, number] { return reader_.saw_continue(number) || reader_.answered() > number; });
        if (reader_.saw_continue(number)) {
            send_bytes(std::string_view(last.bytes).substr(last.head_bytes), how);
        }
    }
    void send_bytes(std::string_view bytes, arrival how) {
        while (!bytes.empty() && drive_.is_open()) {
            const std::size_t most = how == arrival::byte_by_byte ? 1
                                     : how == arrival::in_pieces  ? draw_.between(1, 64)
                                                                  : bytes.size();
            const std::string_view piece = bytes.substr(0, most);
            bytes.remove_prefix(piece.size());
            sent_ += piece.size();
            drive_.feed(piece);
            read();
            if (how == arrival::byte_by_byte) {
                check_answered(bytes.size());
            }
        }
    }
    /// One request is under way, of which `kept_back` bytes are not sent.
    void check_answered(std::size_t kept_back) {
        const planned_exchange& last = planned_.back();
        if (last.waits_for_continue || kept_back != last.bytes.size() - last.answered_from) {
            return;
        }
        await([this] { return reader_.answered() == planned_.size() || has_ended(); });
        REQUIRE_MESSAGE((reader_.answered() == planned_.size() || has_ended()), shown());
    }

    /// Reads, and lets time pass, until it is so; not for ever.
    template <class Condition>
    void await(Condition is_so) {
        read();
        for (int passed = 0; passed < milliseconds_max && drive_.is_open() && !is_so(); ++passed) {
            drive_.advance(milliseconds(1));
            read();
        }
    }
    void read() {
        const std::string output = std::exchange(drive_.peer->output, {});
        std::string_view rest = output;
        while (!rest.empty()) {
            const std::string_view piece = rest.substr(0, draw_.between(1, 2'000));
            rest.remove_prefix(piece.size());
            const auto wrong = reader_.feed(piece, sent_);
            REQUIRE_MESSAGE(!wrong, *wrong << "\n" << shown() << "it got: " << output);
        }
    }
    /// The server has ended its side.
    [[nodiscard]] bool has_ended() const { return drive_.peer->write_ended || !drive_.is_open(); }

    void finish() {
        const planned_exchange& last = planned_.back();
        await([this] { return has_ended() || !reader_.closing(); });
        REQUIRE_MESSAGE(has_ended() != last.may_be_followed(), shown());
        REQUIRE(reader_.closing() != last.may_be_followed());
        drive_.peer->end();
        await([] { return false; });
        REQUIRE_MESSAGE(!drive_.is_open(), shown());
        REQUIRE(!drive_.failed);
        const auto missing = reader_.end(true);
        REQUIRE_MESSAGE(!missing, *missing << "\n" << shown());
        REQUIRE(reader_.answered() == planned_.size());
        refused += last.answer.rule == content_rule::reason ? 1 : 0;
    }

    /// The request that is to be answered, and the one before.
    [[nodiscard]] std::string shown() const {
        std::string text;
        const std::size_t answered = reader_.answered();
        for (std::size_t at = answered > 0 ? answered - 1 : 0;
             at <= answered && at < planned_.size(); ++at) {
            for (const char byte : planned_[at].bytes.substr(0, 600)) {
                text += byte == '\r' ? "\\r" : byte == '\n' ? "\\n\n" : std::string(1, byte);
            }
            text += "\n---\n";
        }
        return text;
    }

    random_source draw_;
    http::service_limits limits_;
    std::deque<planned_exchange> planned_;
    test::http_drive drive_;
    answer_reader reader_;
    std::uint64_t sent_ = 0;
};

}  // namespace rouse::sim
