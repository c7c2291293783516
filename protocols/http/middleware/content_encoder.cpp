#include "protocols/http/middleware/content_encoder.hpp"

#include <cassert>

namespace rouse::http {

std::unique_ptr<content_encoder> make_content_encoder(content_coding coding,
                                                      const encoder_levels& levels) {
    assert(coding != content_coding::identity);
    switch (coding) {
        case content_coding::br:
            return make_brotli_encoder(levels.br);
        case content_coding::zstd:
            return make_zstd_encoder(levels.zstd);
        case content_coding::identity:
        case content_coding::gzip:
            break;
    }
    return make_gzip_encoder(levels.gzip);
}

}  // namespace rouse::http
