#include <zlib.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <limits>
#include <new>

#include "protocols/http/middleware/content_encoder.hpp"

namespace rouse::http {
namespace {

// 16 more than the window makes zlib write a gzip wrapper (zlib.h, deflateInit2).
constexpr int gzip_window_bits = MAX_WBITS + 16;
constexpr int gzip_memory_level = 8;

int to_flush(encoder_step step) noexcept {
    return step == encoder_step::end     ? Z_FINISH
           : step == encoder_step::flush ? Z_SYNC_FLUSH
                                         : Z_NO_FLUSH;
}

class gzip_encoder final : public content_encoder {
   public:
    explicit gzip_encoder(int level) {
        if (::deflateInit2(&stream_, level, Z_DEFLATED, gzip_window_bits, gzip_memory_level,
                           Z_DEFAULT_STRATEGY) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    ~gzip_encoder() override { (void)::deflateEnd(&stream_); }

    result<> encode(std::span<const std::byte> piece, encoder_step step,
                    std::string& out) override {
        assert(piece.size() <= std::numeric_limits<uInt>::max());
        std::array<unsigned char, 16'384> room;
        // zlib only reads it; its structure has no const without ZLIB_CONST.
        stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(piece.data()));
        stream_.avail_in = static_cast<uInt>(piece.size());
        do {
            stream_.next_out = room.data();
            stream_.avail_out = room.size();
            const int answer = ::deflate(&stream_, to_flush(step));
            // Z_BUF_ERROR: there was nothing to do, which is no fault (zlib.h, deflate).
            if (answer != Z_OK && answer != Z_STREAM_END && answer != Z_BUF_ERROR) {
                return failure(errno_code(EIO));
            }
            out.append(reinterpret_cast<const char*>(room.data()), room.size() - stream_.avail_out);
        } while (stream_.avail_out == 0);
        return {};
    }

   private:
    z_stream stream_{};
};

}  // namespace

std::unique_ptr<content_encoder> make_gzip_encoder(int level) {
    return std::make_unique<gzip_encoder>(level);
}

}  // namespace rouse::http
