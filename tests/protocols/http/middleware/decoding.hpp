#pragma once

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "protocols/http/files/accept_encoding.hpp"

namespace rouse::test {

/// What a receiver has of a coded body so far, and whether its coding has ended. Decoded by the
/// libraries that browsers have; a body that they cannot read fails the test.
struct decoded_text {
    std::string text;
    bool is_ended = false;
};

namespace detail {

inline decoded_text decode_gzip(std::string_view coded) {
    z_stream stream{};
    REQUIRE(::inflateInit2(&stream, MAX_WBITS + 16) == Z_OK);
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(coded.data()));
    stream.avail_in = static_cast<uInt>(coded.size());
    decoded_text decoded;
    int answer = Z_OK;
    do {
        std::array<unsigned char, 65'536> room{};
        stream.next_out = room.data();
        stream.avail_out = room.size();
        answer = ::inflate(&stream, Z_NO_FLUSH);
        REQUIRE((answer == Z_OK || answer == Z_STREAM_END || answer == Z_BUF_ERROR));
        decoded.text.append(reinterpret_cast<const char*>(room.data()),
                            room.size() - stream.avail_out);
    } while (answer == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0));
    decoded.is_ended = answer == Z_STREAM_END;
    CHECK(stream.avail_in == 0);
    (void)::inflateEnd(&stream);
    return decoded;
}

inline decoded_text decode_brotli(std::string_view coded) {
    auto* state = ::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
    const auto* next = reinterpret_cast<const std::uint8_t*>(coded.data());
    std::size_t left = coded.size();
    decoded_text decoded;
    BrotliDecoderResult answer = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    while (answer == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
        std::size_t no_room = 0;
        answer = ::BrotliDecoderDecompressStream(state, &left, &next, &no_room, nullptr, nullptr);
        std::size_t size = 0;
        const auto* made = ::BrotliDecoderTakeOutput(state, &size);
        decoded.text.append(reinterpret_cast<const char*>(made), size);
    }
    REQUIRE(answer != BROTLI_DECODER_RESULT_ERROR);
    decoded.is_ended = answer == BROTLI_DECODER_RESULT_SUCCESS;
    CHECK(left == 0);
    ::BrotliDecoderDestroyInstance(state);
    return decoded;
}

inline decoded_text decode_zstd(std::string_view coded) {
    auto* state = ::ZSTD_createDCtx();
    ZSTD_inBuffer in{coded.data(), coded.size(), 0};
    decoded_text decoded;
    std::size_t left = 1;
    bool is_full = true;
    while (in.pos < in.size || is_full) {
        std::array<char, 65'536> room{};
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        left = ::ZSTD_decompressStream(state, &out, &in);
        REQUIRE(::ZSTD_isError(left) == 0);
        decoded.text.append(room.data(), out.pos);
        is_full = out.pos == out.size;
    }
    decoded.is_ended = left == 0;
    (void)::ZSTD_freeDCtx(state);
    return decoded;
}

}  // namespace detail

inline decoded_text decode(http::content_coding coding, std::string_view coded) {
    switch (coding) {
        case http::content_coding::gzip:
            return detail::decode_gzip(coded);
        case http::content_coding::br:
            return detail::decode_brotli(coded);
        case http::content_coding::zstd:
            return detail::decode_zstd(coded);
        case http::content_coding::identity:
            break;
    }
    return {.text = std::string(coded), .is_ended = true};
}

inline constexpr http::content_coding all_codings[] = {
    http::content_coding::gzip, http::content_coding::br, http::content_coding::zstd};

}  // namespace rouse::test
