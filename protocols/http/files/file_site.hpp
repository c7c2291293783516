#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "protocols/http/files/accept_memory.hpp"
#include "protocols/http/files/file_loader.hpp"
#include "protocols/http/files/file_site_options.hpp"
#include "protocols/http/handler.hpp"
#include "protocols/http/middleware/stream_permits.hpp"
#include "runtime/executor/blocking_pool.hpp"
#include "runtime/reactor/reactor.hpp"

namespace rouse::http {

/// Serves the files below a folder. GET and HEAD, with conditions and ranges (RFC 9110, 13 and 14);
/// the kernel refuses each path that leads out of the folder (see directory).
///
/// Small files are answered from memory, at once and without a system call, for cache_valid after
/// they were looked at; then their status is asked for again, and they are read again if it is
/// another. Others are streamed. Text and the like (see is_compressible) is sent in a coding that
/// the client accepts: from a file beside it with the suffix .br, .zst or .gz that is not older,
/// else compressed here once and kept, or each time while it is sent if it is too large to be kept.
///
/// Its answers have no X-Content-Type-Options: wrap it in make_security_headers, without which a
/// browser may take a file for another type than it is sent with.
///
/// Of one worker. It outlives the router that holds its handler, and its connections.
class file_site {
   public:
    /// Opens the root. Fails with what is wrong, and where. `pool`, which outlives the site, reads
    /// folders for listings, and is needed for nothing else.
    [[nodiscard]] static std::expected<std::unique_ptr<file_site>, std::string> make(
        reactor& io, file_site_options options, blocking_pool* pool = nullptr);
    file_site(const file_site&) = delete;
    file_site& operator=(const file_site&) = delete;

    [[nodiscard]] handler make_handler();

    /// Of the files in memory.
    [[nodiscard]] std::size_t cached_bytes() const noexcept { return loader_.cache().bytes(); }
    [[nodiscard]] std::size_t cached_files() const noexcept { return loader_.cache().size(); }
    /// Of blocks that are read into or sent now.
    [[nodiscard]] std::size_t streaming_bytes() const noexcept {
        return loader_.blocks().bytes_outside();
    }

   private:
    file_site(reactor& io, directory root, file_site_options options, site_path fallback)
        : options_(std::move(options)),
          fallback_(std::move(fallback)),
          loader_(io, std::move(root), options_) {}

    [[nodiscard]] std::optional<response> answer_at_once(const request& asked);
    [[nodiscard]] task<response> answer_later(const request& asked);
    [[nodiscard]] response answer_found(const request_head& head, loaded_file found);
    [[nodiscard]] const cached_file* find_known(const request& asked,
                                                std::optional<response>& refusal);
    [[nodiscard]] task<response> list(const request& asked, std::string folder);

    file_site_options options_;
    site_path fallback_;
    file_loader loader_;
    accept_memory accepts_;
    stream_permits streams_{options_.compress_streams_max};
    blocking_pool* pool_ = nullptr;
};

}  // namespace rouse::http
