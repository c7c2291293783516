#include "tests/sim/files/decoded_text.hpp"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace rouse::sim {
namespace {

std::optional<std::string> decode_gzip(std::string_view coded, std::string room) {
    z_stream stream{};
    if (::inflateInit2(&stream, MAX_WBITS + 16) != Z_OK) {
        return std::nullopt;
    }
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(coded.data()));
    stream.avail_in = static_cast<uInt>(coded.size());
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    const bool is_whole = ::inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0;
    room.resize(room.size() - stream.avail_out);
    (void)::inflateEnd(&stream);
    return is_whole ? std::optional(std::move(room)) : std::nullopt;
}

std::optional<std::string> decode_brotli(std::string_view coded, std::string room) {
    std::size_t size = room.size();
    const bool is_whole =
        ::BrotliDecoderDecompress(coded.size(), reinterpret_cast<const std::uint8_t*>(coded.data()),
                                  &size, reinterpret_cast<std::uint8_t*>(room.data())) ==
        BROTLI_DECODER_RESULT_SUCCESS;
    room.resize(size);
    return is_whole ? std::optional(std::move(room)) : std::nullopt;
}

std::optional<std::string> decode_zstd(std::string_view coded, std::string room) {
    const std::size_t size =
        ::ZSTD_decompress(room.data(), room.size(), coded.data(), coded.size());
    if (::ZSTD_isError(size) != 0) {
        return std::nullopt;
    }
    room.resize(size);
    return room;
}

}  // namespace

std::optional<std::string> decode(coding sent_as, std::string_view coded, std::size_t bytes_max) {
    std::string room(bytes_max, '\0');
    switch (sent_as) {
        case coding::gzip:
            return decode_gzip(coded, std::move(room));
        case coding::br:
            return decode_brotli(coded, std::move(room));
        case coding::zstd:
            return decode_zstd(coded, std::move(room));
        case coding::identity:
            break;
    }
    return std::string(coded);
}

}  // namespace rouse::sim
