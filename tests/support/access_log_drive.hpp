#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "protocols/http/access.hpp"
#include "runtime/base/unique_fd.hpp"
#include "server/access_log.hpp"
#include "server/logging.hpp"
#include "tests/support/patience.hpp"

namespace rouse::test {

using http::access_record;
using http::request_head;
using server::access_log;
using server::access_log_writer;
using server::log_format;
using server::log_level;
using server::log_settings;
using server::logging;

inline constexpr std::size_t access_queue_bytes = 262'144;

[[nodiscard]] inline std::unique_ptr<access_log> open_log(const std::string& target,
                                                          std::size_t writers = 1,
                                                          bool health = false) {
    auto opened = access_log::open(
        {.target = target, .queue_bytes = access_queue_bytes, .health = health}, writers);
    REQUIRE(opened);
    return std::move(*opened);
}

/// One answer whose target says which it is.
inline void answer(access_log_writer& to, const std::string& target, bool is_quiet = false) {
    request_head head;
    head.method_name = "GET";
    head.target = target;
    access_record record;
    record.head = &head;
    record.status = 200;
    record.is_quiet = is_quiet;
    to.answered(record);
}

/// What a file holds, or a FIFO until nobody writes to it.
[[nodiscard]] inline std::string text_of(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The targets of whole lines; what is no whole line fails the test.
[[nodiscard]] inline std::vector<std::string> targets_of(const std::string& text) {
    std::vector<std::string> targets;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        const std::size_t begin = line.find("\"GET ");
        REQUIRE(line.starts_with("- - - ["));
        REQUIRE(begin != std::string::npos);
        REQUIRE(line.ends_with(" HTTP/1.1\" 200 0 \"-\" \"-\""));
        targets.push_back(line.substr(begin + 5, line.find(' ', begin + 5) - begin - 5));
    }
    CHECK((text.empty() || text.ends_with('\n')));
    return targets;
}

/// "PREFIX0", "PREFIX1" and so on.
[[nodiscard]] inline std::vector<std::string> numbered(const std::string& prefix, int count) {
    std::vector<std::string> targets;
    for (int at = 0; at < count; ++at) {
        targets.push_back(prefix + std::to_string(at));
    }
    return targets;
}

/// Until the condition holds, which a thread makes true.
template <class Condition>
void await(Condition holds) {
    const patience waiting;
    while (!holds()) {
        REQUIRE_FALSE(waiting.is_over());
        std::this_thread::yield();
    }
}

/// The daemon's log as a text.
class captured_log {
   public:
    captured_log() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
        read_.reset(ends[0]);
        write_.reset(ends[1]);
        log_.emplace(log_settings{log_level::info, log_format::text}, write_.get());
    }

    const std::string& text() {
        std::array<char, 4096> part{};
        for (ssize_t got = 0; (got = ::read(read_.get(), part.data(), part.size())) > 0;) {
            text_.append(part.data(), static_cast<std::size_t>(got));
        }
        return text_;
    }
    void await_text(const std::string& part) {
        await([this, &part] { return text().contains(part); });
    }
    [[nodiscard]] int count(const std::string& part) {
        int found = 0;
        for (auto at = text().find(part); at != std::string::npos; at = text_.find(part, at + 1)) {
            ++found;
        }
        return found;
    }

   private:
    unique_fd read_;
    unique_fd write_;
    std::string text_;
    std::optional<logging> log_;
};

}  // namespace rouse::test
