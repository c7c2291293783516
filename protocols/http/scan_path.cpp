#include "protocols/http/scan_path.hpp"

namespace rouse::http {

bool is_supported(scan_path path) noexcept {
#if defined(__SSE2__)
    return path != scan_path::avx2 || __builtin_cpu_supports("avx2") != 0;
#else
    return path == scan_path::portable;
#endif
}

scan_path best_scan_path() noexcept {
    static const scan_path best = [] {
        scan_path found = scan_path::portable;
        for (const scan_path path : scan_paths) {
            found = is_supported(path) ? path : found;
        }
        return found;
    }();
    return best;
}

std::string_view to_string(scan_path path) noexcept {
    switch (path) {
        case scan_path::portable:
            return "portable";
        case scan_path::sse2:
            return "sse2";
        case scan_path::avx2:
            return "avx2";
    }
    return "unknown";
}

}  // namespace rouse::http
