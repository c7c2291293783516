#include <brotli/encode.h>

#include <cerrno>
#include <cstdint>
#include <new>

#include "protocols/http/middleware/content_encoder.hpp"

namespace rouse::http {
namespace {

// 256 KiB: what a web page profits from. Brotli's own 4 MiB would be kept for each response.
constexpr std::uint32_t brotli_window_bits = 18;

BrotliEncoderOperation to_operation(encoder_step step) noexcept {
    return step == encoder_step::end     ? BROTLI_OPERATION_FINISH
           : step == encoder_step::flush ? BROTLI_OPERATION_FLUSH
                                         : BROTLI_OPERATION_PROCESS;
}

struct brotli_deleter {
    void operator()(BrotliEncoderState* state) const noexcept {
        ::BrotliEncoderDestroyInstance(state);
    }
};

class brotli_encoder final : public content_encoder {
   public:
    explicit brotli_encoder(int level)
        : state_(::BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
        if (!state_) {
            throw std::bad_alloc();
        }
        (void)::BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_QUALITY,
                                          static_cast<std::uint32_t>(level));
        (void)::BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_LGWIN, brotli_window_bits);
    }

    result<> encode(std::span<const std::byte> piece, encoder_step step,
                    std::string& out) override {
        const auto* next = reinterpret_cast<const std::uint8_t*>(piece.data());
        std::size_t left = piece.size();
        do {
            std::size_t no_room = 0;
            if (::BrotliEncoderCompressStream(state_.get(), to_operation(step), &left, &next,
                                              &no_room, nullptr, nullptr) == BROTLI_FALSE) {
                return failure(errno_code(EIO));
            }
            std::size_t size = 0;  // As much as there is.
            const auto* made = ::BrotliEncoderTakeOutput(state_.get(), &size);
            out.append(reinterpret_cast<const char*>(made), size);
        } while (left > 0 || ::BrotliEncoderHasMoreOutput(state_.get()) == BROTLI_TRUE);
        return {};
    }

   private:
    std::unique_ptr<BrotliEncoderState, brotli_deleter> state_;
};

}  // namespace

std::unique_ptr<content_encoder> make_brotli_encoder(int level) {
    return std::make_unique<brotli_encoder>(level);
}

}  // namespace rouse::http
