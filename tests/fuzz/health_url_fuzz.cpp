#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/health_url.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using rouse::fuzz::require;
using rouse::server::health_question;
using rouse::server::parse_health_url;

// Nothing that would end a header line, or the request's.
bool is_one_word(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char each) { return each > ' ' && each < 0x7f; });
}

std::string url_of(const health_question& question) {
    const auto& first = question.places.front();
    return first.family() == AF_UNIX ? first.to_string() + ':' + question.target
                                     : "http://" + question.host + question.target;
}

}  // namespace

// What is taken has somewhere to ask and something to ask for, and its parts make a URL that says
// the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view url(reinterpret_cast<const char*>(data), size);
    const auto question = parse_health_url(url);
    if (!question) {
        require(!question.error().empty());
        return 0;
    }
    require(is_one_word(question->host) && is_one_word(question->target));
    require(question->target.starts_with('/') && !question->target.contains('#'));
    require(question->places.size() ==
            (question->host.starts_with("localhost") && url.starts_with("http://") ? 2 : 1));
    for (const rouse::address& place : question->places) {
        require((place.family() == AF_UNIX) == url.starts_with("unix:"));
        require(place.family() == AF_UNIX || place.port() != 0);
    }
    const auto again = parse_health_url(url_of(*question));
    require(again && again->places == question->places && again->host == question->host &&
            again->target == question->target);
    return 0;
}
