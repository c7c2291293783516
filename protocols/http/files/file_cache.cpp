#include "protocols/http/files/file_cache.hpp"

#include <utility>

namespace rouse::http {
namespace {

// What a file takes besides text and bytes: its place in the table, and the heap's own memory.
constexpr std::size_t bytes_beside = 128;

std::size_t bytes_of(const file_content& content) noexcept {
    std::size_t bytes = sizeof(content) + content.tag.capacity();
    if (content.headers) {
        bytes += content.headers->lines().size() +
                 content.headers->headers().capacity() * sizeof(response_header);
        for (const response_header& header : content.headers->headers()) {
            bytes += header.value.capacity();
        }
    }
    return bytes + (content.bytes ? content.bytes->bytes().size() : 0);
}

std::size_t bytes_of(const cached_file& file) noexcept {
    std::size_t bytes =
        sizeof(file) + 2 * file.key.capacity() + file.path.capacity() + bytes_beside;
    for (const auto& content : file.contents) {
        bytes += content ? bytes_of(*content) : 0;
    }
    return bytes;
}

}  // namespace

file_cache::~file_cache() {
    clear();
}

void file_cache::clear() noexcept {
    while (!files_.empty()) {
        erase(files_.begin());
    }
}

const std::shared_ptr<cached_file>* file_cache::find(std::string_view key) noexcept {
    const auto place = files_.find(key);
    if (place == files_.end()) {
        return nullptr;
    }
    cached_file& found = *place->second;
    found.unlink();
    by_age_.push_back(found);
    return &place->second;
}

void file_cache::insert(std::shared_ptr<cached_file> added) {
    erase(added->key);
    cached_file& file = *added;
    files_.emplace(file.key, std::move(added));
    by_age_.push_back(file);
    file.counted_bytes = bytes_of(file);
    bytes_ += file.counted_bytes;
    evict();
}

void file_cache::count_again(cached_file& changed) noexcept {
    if (changed.counted_bytes == 0) {
        return;
    }
    bytes_ -= changed.counted_bytes;
    changed.counted_bytes = bytes_of(changed);
    bytes_ += changed.counted_bytes;
    evict();
}

void file_cache::erase(std::string_view key) noexcept {
    if (const auto place = files_.find(key); place != files_.end()) {
        erase(place);
    }
}

void file_cache::erase(table::iterator place) noexcept {
    cached_file& gone = *place->second;
    gone.unlink();
    bytes_ -= std::exchange(gone.counted_bytes, 0);
    files_.erase(place);
}

void file_cache::evict() noexcept {
    while (bytes_ > bytes_max_) {
        erase(by_age_.front().key);
    }
}

}  // namespace rouse::http
