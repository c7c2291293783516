// What the request parser costs on three realistic heads, for every scan path that runs here:
// nanoseconds, cycles a byte (of the time stamp counter, at the nominal frequency) and bytes a
// second, all of processor time. An allocation is an error.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <new>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include "protocols/http/request_parser.hpp"

namespace {

std::uint64_t allocations = 0;

using rouse::http::parse_status;
using rouse::http::request_parser;
using rouse::http::scan_path;

// As Chrome sends it for a page's image; about 600 bytes.
constexpr std::string_view request_of_a_browser =
    "GET /assets/img/banner-large.webp?v=20261118 HTTP/1.1\r\n"
    "Host: www.example.com\r\n"
    "Connection: keep-alive\r\n"
    "sec-ch-ua: \"Chromium\";v=\"130\", \"Not?A_Brand\";v=\"99\"\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Safari/537.36\r\n"
    "sec-ch-ua-platform: \"Linux\"\r\n"
    "Accept: image/avif,image/webp,image/apng,image/*,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: no-cors\r\n"
    "Sec-Fetch-Dest: image\r\n"
    "Referer: https://www.example.com/products/shoes\r\nPriority: u=1, i\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n\r\n";

// As it comes through two proxies and a gateway that add their own.
constexpr std::string_view request_of_30_fields =
    "POST /api/v2/orders/8f14e45f/items?expand=price,stock&page=3 HTTP/1.1\r\n"
    "Host: api.example.com\r\n"
    "User-Agent: okhttp/4.12.0\r\n"
    "Accept: application/json\r\n"
    "Accept-Encoding: gzip, br\r\n"
    "Accept-Language: de-DE,de;q=0.9,en;q=0.8\r\n"
    "Content-Type: application/json; charset=utf-8\r\n"
    "Content-Length: 512\r\n"
    "Connection: keep-alive\r\n"
    "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0."
    "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U\r\n"
    "Cookie: session=0a1b2c3d4e5f60718293a4b5c6d7e8f9; theme=dark; consent=necessary,statistics; "
    "_ga=GA1.2.1234567890.1700000000\r\n"
    "Cache-Control: no-cache\r\n"
    "Pragma: no-cache\r\n"
    "If-None-Match: W/\"5d8c72a5edda8d6a\"\r\n"
    "Origin: https://shop.example.com\r\n"
    "Referer: https://shop.example.com/cart\r\n"
    "DNT: 1\r\n"
    "X-Request-Id: 7b2f9d2e-1c1c-4a63-9a38-0f5e2b6f9b57\r\n"
    "X-Forwarded-For: 203.0.113.7, 198.51.100.23\r\n"
    "X-Forwarded-Proto: https\r\n"
    "X-Forwarded-Host: api.example.com\r\n"
    "X-Real-IP: 203.0.113.7\r\n"
    "Via: 1.1 edge-7, 1.1 gateway\r\n"
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
    "tracestate: vendor=t61rcWkgMzE\r\n"
    "X-B3-Sampled: 1\r\n"
    "X-Client-Version: 8.14.2\r\n"
    "X-Device-Id: 4c1d7e0e9a\r\n"
    "X-Api-Key: 2f7c1a9be0\r\n"
    "Sec-Fetch-Mode: cors\r\n"
    "Idempotency-Key: 5a9d3c1e\r\n\r\n";

// The processor time of this thread: what else runs on the machine is not counted.
double processor_seconds() noexcept {
    timespec now{};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// The rate of the time stamp counter, which is the nominal frequency of the processor; 0 where
// there is none.
double cycles_a_second() noexcept {
#if defined(__x86_64__)
    using std::chrono::steady_clock;
    constexpr std::chrono::milliseconds span(20);
    const auto begin = steady_clock::now();
    const std::uint64_t first = __rdtsc();
    auto now = begin;
    while (now - begin < span) {
        now = steady_clock::now();
    }
    const std::uint64_t last = __rdtsc();
    return static_cast<double>(last - first) / std::chrono::duration<double>(now - begin).count();
#else
    return 0;
#endif
}

// Requests of 40 bytes, as a load tester or a probe sends them.
std::vector<std::string> short_requests() {
    std::vector<std::string> made;
    for (std::size_t length = 1; length < 14; ++length) {
        made.push_back("GET /" + std::string(length, 'p') +
                       " HTTP/1.1\r\nHost: " + std::string(14 - length, 'h') + "\r\n\r\n");
    }
    return made;
}

// The same request with its header lines in another order and some values cut, again and again: a
// processor learns the bytes of a single request by heart, and then predicts every branch.
std::vector<std::string> varied(std::string_view text) {
    constexpr std::size_t count = 256;
    constexpr std::size_t cut_max = 8;
    std::mt19937 random(40);
    std::vector<std::string> lines;
    for (std::size_t end = text.find("\r\n"); end != 0; end = text.find("\r\n")) {
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end + 2);
    }
    std::vector<std::string> made;
    while (made.size() < count) {
        std::shuffle(lines.begin() + 1, lines.end(), random);
        std::string request = lines.front() + "\r\n";
        for (const std::string& line : std::span(lines).subspan(1)) {
            const bool is_long = line.size() - line.find(':') > 2 * cut_max;
            request.append(line, 0, line.size() - (is_long ? random() % cut_max : 0)) += "\r\n";
        }
        made.push_back(request + "\r\n");
    }
    return made;
}

void parse_all(benchmark::State& state, scan_path path, const std::vector<std::string>& requests) {
    request_parser parser({}, path);
    const std::uint64_t allocations_before = allocations;
    static const double rate = cycles_a_second();
    const double seconds_before = processor_seconds();
    std::size_t next = 0;
    std::size_t bytes = 0;
    bool good = true;
    for (auto _ : state) {
        const std::string& request = requests[next];
        next = next + 1 == requests.size() ? 0 : next + 1;
        bytes += request.size();
        parser.reset();
        good = parser.parse(request) == parse_status::done && good;
        benchmark::DoNotOptimize(parser.head());
    }
    const double cycles = (processor_seconds() - seconds_before) * rate;
    const std::uint64_t allocated = allocations - allocations_before;
    if (!good || allocated != 0) {
        state.SkipWithError(good ? "it allocated" : "it did not parse");
        return;
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
    state.counters["cycles/byte"] = cycles / static_cast<double>(bytes);
    state.counters["bytes"] = static_cast<double>(bytes) / static_cast<double>(state.iterations());
    state.counters["allocations"] = static_cast<double>(allocated);
}

void add_benchmarks() {
    static const std::vector<std::string> short_ones = short_requests();
    static const std::vector<std::string> browser_ones = varied(request_of_a_browser);
    static const std::vector<std::string> long_ones = varied(request_of_30_fields);
    for (const auto& [name, requests] :
         {std::pair("40 bytes", &short_ones), std::pair("browser", &browser_ones),
          std::pair("30 fields", &long_ones)}) {
        for (const scan_path path : rouse::http::scan_paths) {
            if (is_supported(path)) {
                const std::string full = std::string(name) + "/" + std::string(to_string(path));
                benchmark::RegisterBenchmark(full.c_str(), parse_all, path, std::cref(*requests));
            }
        }
    }
}

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size); memory != nullptr) {
        return memory;
    }
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}

int main(int count, char** arguments) {
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) {
        return 2;
    }
    add_benchmarks();
    const std::size_t run = benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return run > 0 ? 0 : 1;
}
