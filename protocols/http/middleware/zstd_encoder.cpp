#include <zstd.h>

#include <array>
#include <cerrno>
#include <new>

#include "protocols/http/middleware/content_encoder.hpp"

namespace rouse::http {
namespace {

// 256 KiB: what a web page profits from, and far below the 8 MiB that every receiver must have
// (RFC 9659, 3).
constexpr int zstd_window_bits = 18;

ZSTD_EndDirective to_directive(encoder_step step) noexcept {
    return step == encoder_step::end     ? ZSTD_e_end
           : step == encoder_step::flush ? ZSTD_e_flush
                                         : ZSTD_e_continue;
}

struct zstd_deleter {
    void operator()(ZSTD_CCtx* state) const noexcept { (void)::ZSTD_freeCCtx(state); }
};

class zstd_encoder final : public content_encoder {
   public:
    explicit zstd_encoder(int level) : state_(::ZSTD_createCCtx()) {
        if (!state_) {
            throw std::bad_alloc();
        }
        (void)::ZSTD_CCtx_setParameter(state_.get(), ZSTD_c_compressionLevel, level);
        (void)::ZSTD_CCtx_setParameter(state_.get(), ZSTD_c_windowLog, zstd_window_bits);
    }

    result<> encode(std::span<const std::byte> piece, encoder_step step,
                    std::string& out) override {
        std::array<char, 16'384> room;
        ZSTD_inBuffer in{piece.data(), piece.size(), 0};
        bool is_done = false;
        while (!is_done) {
            ZSTD_outBuffer made{room.data(), room.size(), 0};
            const std::size_t left =
                ::ZSTD_compressStream2(state_.get(), &made, &in, to_directive(step));
            if (::ZSTD_isError(left) != 0) {
                return failure(errno_code(EIO));
            }
            out.append(room.data(), made.pos);
            is_done = step == encoder_step::more ? in.pos == in.size : left == 0;
        }
        return {};
    }

   private:
    std::unique_ptr<ZSTD_CCtx, zstd_deleter> state_;
};

}  // namespace

std::unique_ptr<content_encoder> make_zstd_encoder(int level) {
    return std::make_unique<zstd_encoder>(level);
}

}  // namespace rouse::http
