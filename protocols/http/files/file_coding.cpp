#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <string_view>
#include <utility>

#include "protocols/http/files/file_loader.hpp"
#include "protocols/http/middleware/content_encoder.hpp"
#include "runtime/task/yield_now.hpp"

// The part of file_loader that finds or makes the coding to send. RFC 9110, 8.4 and 12.5.3.
namespace rouse::http {
namespace {

// Two codings can be lost to each other's changes at once; more than a few is a fault.
constexpr int steps_max = 16;

// What is encoded before other tasks have their turn.
constexpr std::size_t encoded_at_once_max = 32'768;

// Owns its share of the bytes: while others have their turn, the content may get new ones.
task<result<std::string>> encode(shared_bytes plain, content_coding coding, encoder_levels levels) {
    const auto encoder = make_content_encoder(coding, levels);
    std::string out;
    std::span<const std::byte> left = plain.bytes();
    while (true) {
        const auto piece = left.first(std::min(left.size(), encoded_at_once_max));
        left = left.subspan(piece.size());
        const auto step = left.empty() ? encoder_step::end : encoder_step::more;
        if (const auto encoded = encoder->encode(piece, step, out); !encoded) {
            co_return failure(encoded.error());
        }
        if (left.empty()) {
            co_return std::move(out);
        }
        co_await yield_now();
    }
}

}  // namespace

coding_state file_loader::state_without_sibling(const cached_file& known) const noexcept {
    const std::uint64_t size = known.status.size;
    if (!options_.compress || !known.is_negotiated || known.is_incompressible ||
        size < options_.compress_bytes_min || size > options_.compress_bytes_max) {
        return coding_state::absent;
    }
    return is_cacheable(size) ? coding_state::possible : coding_state::streamed;
}

task<result<file_loader::settled_coding>> file_loader::settle_coding(
    std::shared_ptr<cached_file> known, accepted_codings accepted, const file& plain) {
    settled_coding chosen;
    content_coding opened_for = content_coding::identity;
    for (int step = 0; step < steps_max && known->is_negotiated; ++step) {
        chosen.coding = choose_coding(*known, accepted);
        if (chosen.coding == content_coding::identity) {
            break;
        }
        switch (known->state(chosen.coding)) {
            case coding_state::made:
                co_return settled_coding{.coding = chosen.coding, .opened = {}};
            case coding_state::sibling:
                if (known->content(chosen.coding)->bytes) {
                    co_return settled_coding{.coding = chosen.coding, .opened = {}};
                }
                if (chosen.opened && opened_for == chosen.coding) {
                    co_return std::move(chosen);
                }
                [[fallthrough]];
            case coding_state::unknown:
                chosen.opened = co_await look_for_sibling(known, chosen.coding);
                opened_for = chosen.coding;
                break;
            case coding_state::possible:
                if (const auto made = co_await make_coded(known, chosen.coding, plain); !made) {
                    co_return failure(made.error());
                }
                break;
            case coding_state::streamed:
                if (auto& content = known->content(chosen.coding); !content) {
                    content = make_content(*known, known->status, chosen.coding, wall_time(),
                                           options_.inode_in_tags);
                    cache_.count_again(*known);
                }
                co_return settled_coding{.coding = chosen.coding, .opened = {}};
            case coding_state::absent:
                break;  // It is never chosen.
        }
    }
    co_return settled_coding{};
}

// A file with the same name and a suffix, which is not older: else it is of an earlier state.
task<std::optional<file>> file_loader::look_for_sibling(std::shared_ptr<cached_file> known,
                                                        content_coding coding) {
    const file_time wall = wall_time();
    auto found = co_await open_regular(known->path + std::string(suffix_of(coding)));
    auto& content = known->content(coding);
    if (!found || found->status.modified < known->status.modified) {
        if (content && !content->is_made) {
            content.reset();
        }
        known->state(coding) = content ? coding_state::made : state_without_sibling(*known);
        co_return std::nullopt;
    }
    const bool is_same =
        content && !content->is_made && content->is_settled && content->source == found->status;
    if (!is_same) {
        content = make_content(*known, found->status, coding, wall, options_.inode_in_tags);
    }
    known->state(coding) = coding_state::sibling;
    cache_.count_again(*known);
    co_return std::move(found->opened);
}

task<result<>> file_loader::make_coded(std::shared_ptr<cached_file> known, content_coding coding,
                                       const file& plain) {
    const auto identity = known->content(content_coding::identity);
    if (!identity->bytes) {
        if (const auto read = co_await read_bytes(plain, known, identity); !read) {
            co_return failure(read.error());
        }
    }
    auto encoded = co_await encode(*identity->bytes, coding, options_.levels);
    if (!encoded) {
        co_return failure(encoded.error());
    }
    if (encoded->size() >= identity->size_bytes) {
        // It is no text, whatever its name says: the others would gain nothing either.
        known->is_incompressible = true;
        std::ranges::replace(known->states, coding_state::possible, coding_state::absent);
        co_return {};
    }
    auto made = make_content(*known, identity->source, coding, wall_time(), options_.inode_in_tags);
    made->is_made = true;
    made->size_bytes = encoded->size();
    made->bytes.emplace(std::move(*encoded));
    known->content(coding) = std::move(made);
    known->state(coding) = coding_state::made;
    cache_.count_again(*known);
    co_return {};
}

}  // namespace rouse::http
