// The system calls of the code under test that the simulated kernel answers. The linker sends them
// here: -Wl,--wrap=close and so on, see ld(1).
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstring>
#include <ctime>

#include "tests/sim/allocations.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/sim_files.hpp"

namespace {

constexpr std::uint16_t client_port = 10'000;
// 10.0.0.0, and 2001:db8::/48 of RFC 3849.
constexpr std::uint32_t addresses_begin = 0x0a00'0000;
constexpr std::uint8_t network_begin[] = {0x20, 0x01, 0x0d, 0xb8};
constexpr std::size_t place_at = 7;  // The last byte of what tells an IPv6 client from others.
constexpr std::size_t number_at = 15;

template <class Sockaddr>
void put_address(const Sockaddr& from, sockaddr* into, socklen_t& size) noexcept {
    std::memcpy(into, &from, std::min<std::size_t>(size, sizeof from));
    size = sizeof from;
}

// Every other place is a network of IPv6, in which each connection has another address.
void put_address_of(const rouse::sim::connection& line, sockaddr* into, socklen_t& size) noexcept {
    const auto port = htons(static_cast<std::uint16_t>(client_port + line.number()));
    if (line.place() % 2 == 0) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = port;
        address.sin_addr.s_addr = htonl(addresses_begin + line.place() + 1);
        put_address(address, into, size);
        return;
    }
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = port;
    std::ranges::copy(network_begin, address.sin6_addr.s6_addr);
    address.sin6_addr.s6_addr[place_at] = static_cast<std::uint8_t>(line.place());
    address.sin6_addr.s6_addr[number_at] = static_cast<std::uint8_t>(line.number() + 1);
    put_address(address, into, size);
}

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names.
extern "C" {
int __real_close(int fd);
std::time_t __real_time(std::time_t* result);
int __real_open(const char* path, int flags, ...);
int __real_clock_gettime(clockid_t clock, timespec* result);
int __real_getpeername(int fd, sockaddr* address, socklen_t* size);
int __real_getsockopt(int fd, int level, int option, void* value, socklen_t* size);

int __wrap_close(int fd) {
    using rouse::sim::network;
    if (!network::is_ours(fd)) {
        return __real_close(fd);
    }
    const rouse::sim::simulated_part outside;
    network::current().close(fd);
    return 0;
}

std::time_t __wrap_time(std::time_t* result) {
    const auto* running = rouse::sim::simulation::current();
    if (running == nullptr) {
        return __real_time(result);
    }
    return running->wall_clock();
}

// Not std::chrono::system_clock::now(): libFuzzer times its inputs by that.
int __wrap_clock_gettime(clockid_t clock, timespec* result) {
    const auto* running = rouse::sim::simulation::current();
    if (running == nullptr || clock != CLOCK_REALTIME) {
        return __real_clock_gettime(clock, result);
    }
    constexpr std::int64_t second = 1'000'000'000;
    *result = {.tv_sec = running->wall_clock_nanoseconds() / second,
               .tv_nsec = running->wall_clock_nanoseconds() % second};
    return 0;
}

// Of a root, before the server runs; everything below it is opened through the reactor.
int __wrap_open(const char* path, int flags, ...) {
    using rouse::sim::network;
    if (std::strcmp(path, rouse::sim::sim_files::root_path) == 0) {
        const rouse::sim::simulated_part outside;
        return rouse::sim::sim_files::current().open_root(network::current());
    }
    std::va_list rest;
    va_start(rest, flags);
    const auto mode = (flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0U;
    va_end(rest);
    return __real_open(path, flags, mode);
}

int __wrap_getpeername(int fd, sockaddr* address, socklen_t* size) {
    using rouse::sim::network;
    if (!network::is_ours(fd)) {
        return __real_getpeername(fd, address, size);
    }
    const rouse::sim::connection& line = *network::current().at(fd).stream;
    if (line.is_broken()) {
        errno = ENOTCONN;
        return -1;
    }
    put_address_of(line, address, *size);
    return 0;
}

int __wrap_getsockopt(int fd, int level, int option, void* value, socklen_t* size) {
    using rouse::sim::network;
    if (!network::is_ours(fd)) {
        return __real_getsockopt(fd, level, option, value, size);
    }
    if (level != IPPROTO_TCP || option != TCP_INFO) {
        errno = ENOPROTOOPT;
        return -1;
    }
    tcp_info info{};
    info.tcpi_bytes_acked = network::current().at(fd).stream->bytes_taken();
    *size = static_cast<socklen_t>(std::min<std::size_t>(*size, sizeof info));
    std::memcpy(value, &info, *size);
    return 0;
}
}
// NOLINTEND(bugprone-reserved-identifier)
