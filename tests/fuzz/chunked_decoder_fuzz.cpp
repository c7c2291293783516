#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "protocols/http/chunked_decoder.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::require;

struct decoded {
    chunk_status status = chunk_status::need_more;
    parse_error reason = parse_error::none;
    std::size_t consumed = 0;
    std::string body;

    bool operator==(const decoded&) const = default;
};

// Each piece has memory of its own, of just its size, so that ASan sees a byte read too far.
decoded decode(std::string_view bytes, std::size_t first, std::size_t step) {
    chunked_decoder decoder;
    decoded all;
    for (std::size_t at = 0, size = first; at < bytes.size(); at += size, size = step) {
        const std::string_view part = bytes.substr(at, size);
        const auto copy = std::make_unique_for_overwrite<char[]>(part.size());
        part.copy(copy.get(), part.size());
        std::string_view piece(copy.get(), part.size());
        do {
            const chunk_result result = decoder.decode(piece);
            require(result.consumed <= piece.size() && result.data.size() <= result.consumed);
            require((result.status == chunk_status::data) == !result.data.empty());
            all.status = result.status;
            all.consumed += result.consumed;
            all.body += result.data;
            piece.remove_prefix(result.consumed);
        } while (all.status == chunk_status::data);
        if (all.status != chunk_status::need_more) {
            break;
        }
        require(piece.empty());
    }
    all.reason = decoder.failure().reason;
    require((all.status == chunk_status::bad) == (all.reason != parse_error::none));
    return all;
}

}  // namespace

// Whatever the bytes, cutting them changes no answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::size_t cut = std::max<std::size_t>(data[0], 1);
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    const decoded whole = decode(bytes, bytes.size(), bytes.size());
    require(decode(bytes, cut, bytes.size()) == whole);
    require(decode(bytes, 1, cut % 16 + 1) == whole);
    if (whole.status == chunk_status::done) {
        require(bytes.substr(0, whole.consumed).ends_with("\r\n"));
        require(decode(bytes.substr(0, whole.consumed - 1), 1, 64).status ==
                chunk_status::need_more);
    }
    return 0;
}
