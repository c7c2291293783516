#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "protocols/http/chunked_decoder.hpp"
#include "protocols/http/chunked_encoder.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::byte_reader;
using rouse::fuzz::require;

// In memory of just the promised size, so that ASan sees a byte written beyond it.
std::string chunk_head(std::uint64_t size) {
    const auto out = std::make_unique_for_overwrite<char[]>(chunk_head_bytes_max);
    char* const end = write_chunk_head(out.get(), size);
    require(end <= out.get() + chunk_head_bytes_max);
    return {out.get(), end};
}

void check_chunk_head(std::uint64_t size) {
    const std::string head = chunk_head(size);
    require(head.ends_with("\r\n"));
    const char* const line_end = head.data() + head.size() - 2;
    std::uint64_t read = 0;
    constexpr int hexadecimal = 16;
    const auto [stop, error] = std::from_chars(head.data(), line_end, read, hexadecimal);
    require(error == std::errc() && stop == line_end && read == size);
    chunked_decoder decoder;
    const std::string begun = head + 'x';
    const chunk_result decoded = decoder.decode(begun);
    require(size == 0 || (decoded.status == chunk_status::data && decoded.data == "x"));
}

std::string decode(std::string_view encoded, std::size_t step) {
    chunked_decoder decoder;
    std::string body;
    while (true) {
        const chunk_result decoded = decoder.decode(encoded.substr(0, step));
        require(decoded.status != chunk_status::bad);
        body += decoded.data;
        encoded.remove_prefix(decoded.consumed);
        if (decoded.status == chunk_status::done) {
            require(encoded.empty());
            return body;
        }
        require(!encoded.empty());
    }
}

}  // namespace

// What is sent in chunks of any sizes comes back as it was, and ends where it should.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader reader(data, size);
    check_chunk_head(reader.number<std::uint64_t>());
    std::string body;
    std::string encoded;
    while (!reader.empty()) {
        const std::string_view piece = reader.counted_text();
        if (piece.empty()) {
            continue;
        }
        body += piece;
        encoded += chunk_head(piece.size());
        encoded += piece;
        encoded += chunk_end;
    }
    encoded += last_chunk;
    require(decode(encoded, encoded.size()) == body);
    require(decode(encoded, 1) == body);
    return 0;
}
