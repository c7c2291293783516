#include "tests/sim/trace.hpp"

#include <cinttypes>
#include <cstdio>

#include "runtime/reactor/operation.hpp"
#include "tests/sim/fault.hpp"

namespace rouse::sim {
namespace {

// Of the bytes that pass.
constexpr std::size_t shown_bytes_max = 1'000;

// How a value is written.
enum class form : std::uint8_t { none, number, kind, fault, wait, truth };

struct field {
    std::string_view name;
    form shown = form::none;
};

struct event_shape {
    std::string_view name;
    std::array<field, 4> fields;
};

// In the order of the enumeration.
constexpr std::array<event_shape, event_count> shapes{{
    {"turn", {{{"wait", form::wait}}}},
    {"submit", {{{"kind", form::kind}, {"descriptor", form::number}}}},
    {"complete",
     {{{"kind", form::kind},
       {"descriptor", form::number},
       {"result", form::number},
       {"more", form::truth}}}},
    {"cancel", {{{"kind", form::kind}, {"descriptor", form::number}}}},
    {"close", {{{"descriptor", form::number}, {"reset", form::truth}}}},
    {"connect", {{{"client", form::number}, {"taken", form::truth}}}},
    {"accept", {{{"client", form::number}, {"descriptor", form::number}}}},
    {"peer_send", {{{"client", form::number}, {"bytes", form::number}}}},
    {"peer_read", {{{"client", form::number}, {"bytes", form::number}}}},
    {"peer_end", {{{"client", form::number}}}},
    {"peer_close", {{{"client", form::number}, {"reset", form::truth}}}},
    {"peer_done", {{{"client", form::number}}}},
    {"strike", {{{"fault", form::fault}, {"where", form::number}}}},
    {"command", {{{"number", form::number}}}},
    {"finish",
     {{{"operations", form::number}, {"descriptors", form::number}, {"turns", form::number}}}},
}};

std::string_view name_of_kind(std::uint64_t kind) noexcept {
    constexpr std::array<std::string_view, 11> kinds{
        "accept",  "receive",  "receive_from", "send", "send_vector", "send_to",
        "connect", "shutdown", "open_at",      "stat", "read"};
    static_assert(kinds.size() == static_cast<std::size_t>(operation_kind::read) + 1);
    return kinds[kind];
}

void print_time(time_point now) noexcept {
    const std::int64_t microseconds =
        std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
    std::printf("%10" PRId64 ".%03" PRId64 " ms  ", microseconds / 1'000, microseconds % 1'000);
}

void print_text(std::string_view text) noexcept {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_value(form shown, std::uint64_t value) noexcept {
    switch (shown) {
        case form::none:
            break;
        case form::number:
            std::printf("%" PRId64, static_cast<std::int64_t>(value));
            break;
        case form::kind:
            print_text(name_of_kind(value));
            break;
        case form::fault:
            print_text(name_of(static_cast<fault>(value)));
            break;
        case form::wait:
            if (value == UINT64_MAX) {
                print_text("without end");
            } else {
                std::printf("%" PRIu64 " us", value / 1'000);
            }
            break;
        case form::truth:
            print_text(value != 0 ? "yes" : "no");
            break;
    }
}

}  // namespace

std::string_view name_of(event kind) noexcept {
    return shapes[static_cast<std::size_t>(kind)].name;
}

void trace::print(time_point now, event kind, const std::array<std::uint64_t, 4>& values) noexcept {
    const event_shape& shape = shapes[static_cast<std::size_t>(kind)];
    print_time(now);
    print_text(shape.name);
    for (std::size_t i = 0; i < values.size() && shape.fields[i].shown != form::none; ++i) {
        print_text(" ");
        print_text(shape.fields[i].name);
        print_text("=");
        print_value(shape.fields[i].shown, values[i]);
    }
    print_text("\n");
}

void trace::add_bytes(time_point now, std::string_view bytes) const noexcept {
    if (!printed_) {
        return;
    }
    print_time(now);
    print_text("    \"");
    for (const char byte : bytes.substr(0, shown_bytes_max)) {
        if (byte == '\r' || byte == '\n') {
            print_text(byte == '\r' ? "\\r" : "\\n");
        } else if (byte >= ' ' && byte <= '~' && byte != '\\') {
            print_text({&byte, 1});
        } else {
            std::printf("\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
        }
    }
    print_text(bytes.size() > shown_bytes_max ? "\"...\n" : "\"\n");
}

}  // namespace rouse::sim
