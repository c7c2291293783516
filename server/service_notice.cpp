#include "server/service_notice.hpp"

#include <string_view>

namespace rouse::server {
namespace {

std::string counted(std::uint64_t count, std::string_view word) {
    return std::to_string(count) + ' ' + std::string(word) + (count == 1 ? "" : "s");
}

std::string serving(std::size_t listeners, std::uint64_t connections) {
    return "STATUS=serving on " + counted(listeners, "listener") + "; " +
           counted(connections, "connection");
}

}  // namespace

std::string ready_notice(std::size_t listeners, std::uint64_t connections) {
    return "READY=1\n" + serving(listeners, connections);
}

std::string reloading_notice(std::chrono::microseconds since) {
    return "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(since.count()) +
           "\nSTATUS=opening the access log anew";
}

std::string alive_notice(std::size_t listeners, std::uint64_t connections) {
    return "WATCHDOG=1\n" + serving(listeners, connections);
}

std::string draining_notice(std::uint64_t connections) {
    return "WATCHDOG=1\nSTATUS=draining; " + counted(connections, "connection") + " left";
}

std::string stopping_notice(std::chrono::milliseconds shutdown_timeout) {
    const std::chrono::microseconds longest = shutdown_timeout + stop_margin;
    return "STOPPING=1\nSTATUS=draining; what is left is cut in " +
           std::to_string(std::chrono::ceil<std::chrono::seconds>(shutdown_timeout).count()) +
           " s\nEXTEND_TIMEOUT_USEC=" + std::to_string(longest.count());
}

}  // namespace rouse::server
