#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocols/http/byte_class.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/support/parsed_request.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::require;
using rouse::test::parse_in_pieces;
using rouse::test::parse_whole;
using rouse::test::parsed_request;

// Small enough for the fuzzer to reach every limit.
constexpr parser_limits limits{
    .header_bytes_max = 512, .target_bytes_max = 48, .header_count_max = 8};

void check_head(const parsed_request& head, std::string_view bytes) {
    require(head.head_bytes <= bytes.size() && head.head_bytes <= limits.header_bytes_max);
    require(bytes.substr(0, head.head_bytes).ends_with("\r\n\r\n"));
    require(all_in(head.method_name, byte_class::token) && !head.method_name.empty());
    require(all_in(head.target, byte_class::target) && !head.target.empty());
    require(head.target.size() <= limits.target_bytes_max);
    require(head.path.starts_with('/') || head.path == "*");
    require(head.headers.size() <= limits.header_count_max);
    for (const auto& [name, value] : head.headers) {
        require(is_valid({name, value}));
        require(!value.starts_with(' ') && !value.ends_with(' '));
    }
    require(head.framing != body_framing::chunked || head.content_length == 0);
}

}  // namespace

// Whatever the bytes, cutting them changes no answer; and what is accepted keeps the grammar.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::size_t cut = data[0];
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    const parsed_request whole = parse_whole(bytes, limits);
    for (const scan_path path : scan_paths) {
        require(!is_supported(path) || parse_whole(bytes, limits, path) == whole);
    }
    require(parse_in_pieces(bytes, cut, bytes.size() + 1, limits) == whole);
    require(parse_in_pieces(bytes, 0, cut % 16 + 1, limits) == whole);
    if (whole.status == parse_status::done) {
        check_head(whole, bytes);
        require(parse_whole(bytes.substr(0, whole.head_bytes), limits) == whole);
        require(parse_whole(bytes.substr(0, whole.head_bytes - 1), limits).status ==
                parse_status::need_more);
    }
    return 0;
}
