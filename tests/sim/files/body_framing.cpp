#include "tests/sim/files/body_framing.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace rouse::sim {
namespace {

constexpr std::size_t line_bytes_max = 18;

}  // namespace

void body_framing::expect(std::uint64_t bytes) noexcept {
    left_ = bytes;
    at_ = bytes == 0 ? state::whole : state::data;
}

void body_framing::expect_chunks() noexcept {
    is_chunked_ = true;
    at_ = state::size_line;
}

std::string_view body_framing::take(std::string_view& bytes) {
    while (!bytes.empty() && !is_whole() && !is_wrong()) {
        if (at_ == state::data) {
            const std::string_view data = bytes.substr(
                0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
            bytes.remove_prefix(data.size());
            taken_ += data.size();
            left_ -= data.size();
            if (left_ == 0) {
                at_ = is_chunked_ ? state::data_end : state::whole;
            }
            return data;
        }
        take_line(bytes.front());
        bytes.remove_prefix(1);
    }
    return {};
}

void body_framing::take_line(char byte) {
    line_ += byte;
    if (line_.ends_with("\r\n")) {
        at_ = after(std::string_view(line_).substr(0, line_.size() - 2));
        line_.clear();
    } else if (line_.size() > line_bytes_max) {
        at_ = state::wrong;
    }
}

body_framing::state body_framing::after(std::string_view line) {
    if (at_ != state::size_line) {
        const state next = at_ == state::data_end ? state::size_line : state::whole;
        return line.empty() ? next : state::wrong;
    }
    const auto read = std::from_chars(line.begin(), line.end(), left_, 16);
    if (line.empty() || read.ec != std::errc() || read.ptr != line.end()) {
        return state::wrong;
    }
    return left_ == 0 ? state::last_line : state::data;
}

}  // namespace rouse::sim
