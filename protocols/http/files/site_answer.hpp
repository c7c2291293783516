#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "protocols/http/files/byte_range.hpp"
#include "protocols/http/files/cached_file.hpp"
#include "protocols/http/files/file_body.hpp"
#include "protocols/http/request_head.hpp"
#include "protocols/http/response.hpp"
#include "runtime/fs/file.hpp"
#include "runtime/fs/file_block.hpp"

namespace rouse::http {

/// The answer to a GET or HEAD for a representation: what its conditions and ranges come to, and
/// then the response. `head` and `content` outlive it; the content type outlives the response.
class site_answer {
   public:
    /// `now` in seconds since 1970.
    site_answer(const request_head& head, const file_content& content,
                std::string_view content_type, std::int64_t now) noexcept;

    /// Whether bytes of the representation leave with the response.
    [[nodiscard]] bool needs_bytes() const noexcept { return needs_bytes_; }

    /// The response where no bytes are needed, or the content has them.
    [[nodiscard]] response make() const;
    /// The same from the open file of the content; for one that is streamed its source, not yet
    /// compressed. `blocks` outlives the response.
    [[nodiscard]] response make(file opened, file_blocks& blocks, file_delivery how) const;

   private:
    [[nodiscard]] response with_headers(int status) const;
    [[nodiscard]] response not_modified() const;
    [[nodiscard]] response resumed() const;
    [[nodiscard]] response partial(std::shared_ptr<const file> opened, file_blocks* blocks,
                                   file_delivery how) const;

    const file_content& content_;
    std::string_view content_type_;
    int status_ = 200;
    byte_ranges ranges_;
    bool is_resumed_ = false;  // A part for who has the rest: by If-Range.
    bool needs_bytes_ = false;
};

}  // namespace rouse::http
