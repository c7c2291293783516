#include "server/bounded_read.hpp"

#include <unistd.h>

#include <cerrno>

namespace rouse::server {

result<std::string> read_bounded(const unique_fd& file, std::size_t bytes_max) {
    std::string text(bytes_max + 1, '\0');
    std::size_t filled = 0;
    while (filled < text.size()) {
        const ssize_t got = ::read(file.get(), text.data() + filled, text.size() - filled);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return failure(errno_code(errno));
        }
        if (got == 0) {
            break;
        }
        filled += static_cast<std::size_t>(got);
    }
    text.resize(filled);
    return text;
}

}  // namespace rouse::server
