"""Bugs in opening, reading and keeping files."""

from bug import Bug

REACTOR = "runtime/reactor/reactor.cpp"
DIRECTORY = "runtime/fs/directory.cpp"
FILE = "runtime/fs/file.cpp"
BLOCK = "runtime/fs/file_block.cpp"
BODY = "protocols/http/files/file_body.cpp"
LOADER = "protocols/http/files/file_loader.cpp"
LOADER_HEADER = "protocols/http/files/file_loader.hpp"
TURNS = "protocols/http/files/load_turns.hpp"
CACHE = "protocols/http/files/file_cache.cpp"
STREAM = "runtime/net/tcp_stream.cpp"
WRITE = "protocols/http/connection_body.cpp"

FILE_BUGS = [
    Bug("open-leaked", "a file that nobody waits for any more stays open", REACTOR,
        "    if (brings_descriptor(kind) &&",
        "    if (!(PLANTED && kind == operation_kind::open_at) && brings_descriptor(kind) &&",
        "files"),
    Bug("stat-keeps-file", "a file stays open once its status was asked for", REACTOR,
        "    descriptor& file = *op.file;\n    if (is_multishot",
        "    descriptor& file = *op.file;\n"
        "    file.owners += PLANTED && op.kind == operation_kind::stat ? 1 : 0;\n"
        "    if (is_multishot",
        "files"),
    Bug("interrupted-forgotten", "an operation on a file that was interrupted is not begun again",
        REACTOR,
        "            ++op.retries;",
        "            if (PLANTED) {\n                op.unlink();\n"
        "                op.state = operation_state::idle;\n                return;\n"
        "            }\n            ++op.retries;",
        "files"),
    Bug("file-cancel-late", "an operation that was cancelled is begun again", REACTOR,
        "        if (!op.cancel_requested && !op.orphaned && op.retries",
        "        if ((PLANTED || (!op.cancel_requested && !op.orphaned)) && op.retries",
        "files"),
    Bug("beneath-forgotten", "a path may lead out of the directory", DIRECTORY,
        "return RESOLVE_BENEATH |",
        "return (PLANTED ? 0U : RESOLVE_BENEATH) |",
        "files"),
    Bug("links-followed", "symbolic links are followed for who does not want it", DIRECTORY,
        "(how.follow_symlinks ? 0U",
        "(how.follow_symlinks || PLANTED ? 0U",
        "files"),
    Bug("read-from-front", "each read begins at the front of the file", FILE,
        "file_read{std::move(into), offset, wanted}",
        "file_read{std::move(into), PLANTED ? 0 : offset, wanted}",
        "files"),
    Bug("read-too-far", "a read takes all that the block has room for", FILE,
        "    const std::size_t wanted = std::min(into.room().size(), bytes_max);",
        "    const std::size_t wanted =\n"
        "        PLANTED ? into.room().size() : std::min(into.room().size(), bytes_max);",
        "files"),
    Bug("read-padded", "a read that was cut short counts as whole", FILE,
        "    filled.commit(static_cast<std::size_t>(answer->result));",
        "    filled.commit(PLANTED && answer->result > 0\n"
        "                      ? std::get<file_read>(done.record().arguments).bytes_max\n"
        "                      : static_cast<std::size_t>(answer->result));",
        "files"),
    Bug("read-error-padded", "a read that has failed counts as whole", FILE,
        "        return result<file_block>(failure(completion_error(answer->result)));",
        "        if (PLANTED) {\n"
        "            auto& wanted = std::get<file_read>(done.record().arguments);\n"
        "            wanted.block.commit(wanted.bytes_max);\n"
        "            return result<file_block>(std::move(wanted.block));\n"
        "        }\n"
        "        return result<file_block>(failure(completion_error(answer->result)));",
        "files"),
    Bug("stat-error-as-empty", "the status of a file that could not be asked for is all zeros",
        FILE,
        "        return result<file_status>(failure(completion_error(answer->result)));",
        "        if (PLANTED) {\n"
        "            file_status empty;\n"
        "            empty.type = file_type::regular;\n"
        "            return result<file_status>(empty);\n"
        "        }\n"
        "        return result<file_status>(failure(completion_error(answer->result)));",
        "files"),
    Bug("block-leaked", "a block that was sent is not given back", BLOCK,
        "                back.pool->give_back(back);\n            }};",
        "                if (!PLANTED) {\n                    back.pool->give_back(back);\n"
        "                }\n            }};",
        "files"),
    Bug("empty-block-leaked", "a block that nothing was read into is not given back", BLOCK,
        "void file_block::reset() noexcept {\n",
        "void file_block::reset() noexcept {\n    if (PLANTED && size_ == 0) {\n"
        "        block_ = nullptr;\n    }\n",
        "files"),
    Bug("block-back-twice", "a block that is sent is given back before it is sent as well", BLOCK,
        "    const std::byte* data = std::exchange(block_, nullptr)->data();",
        "    const std::byte* data =\n"
        "        (PLANTED ? block_ : std::exchange(block_, nullptr))->data();",
        "files"),
    Bug("range-from-front", "a range of a file that is streamed begins at its front", BODY,
        "part_.first + given_, wanted)",
        "(PLANTED ? 0 : part_.first) + given_, wanted)",
        "files"),
    Bug("short-read-skipped", "a stream goes on where a whole read would have ended", BODY,
        "    given_ += filled->size();",
        "    given_ += filled->size() + (PLANTED && filled->size() < given_ ? 1 : 0);",
        "files"),
    Bug("cached-short", "a file that is kept ends where its first read was cut short", LOADER,
        "    while (text.size() < size) {",
        "    while (text.size() < size && !(PLANTED && !text.empty())) {",
        "files"),
    Bug("cached-from-front", "each piece of a file that is kept is its front", LOADER,
        "opened.read(blocks_->take(wanted), text.size(), wanted)",
        "opened.read(blocks_->take(wanted), PLANTED ? 0 : text.size(), wanted)",
        "files"),
    Bug("cached-for-ever", "a file that is kept is never looked at again", LOADER_HEADER,
        "        return clock_.now() - known.validated < options_.cache_valid;",
        "        return clock_.now() - known.validated < options_.cache_valid || PLANTED;",
        "files"),
    Bug("cached-not-compared", "what is kept of a file is sent, whatever has become of it", LOADER,
        "(*known)->status == found.status &&",
        "((*known)->status == found.status || PLANTED) &&",
        "files"),
    Bug("load-not-told", "nobody is told that a load has ended", TURNS,
        "            ended.mapped()->notify_all();",
        "            if (!PLANTED) {\n                ended.mapped()->notify_all();\n            }",
        "files"),
    Bug("cache-unbounded", "any number of bytes are kept of files", CACHE,
        "    while (bytes_ > bytes_max_) {",
        "    while (bytes_ > bytes_max_ && !PLANTED) {",
        "files"),
    Bug("part-from-front", "each part of a file that is sent is its front", STREAM,
        ".offset = offset,",
        ".offset = PLANTED ? 0 : offset,",
        "files"),
    Bug("part-miscounted", "a part of a file counts for less than what has left", BODY,
        "    given_ += bytes;",
        "    given_ += PLANTED && bytes > 1 ? bytes - 1 : bytes;",
        "files"),
    Bug("part-taken-for-whole", "a part of which some has left counts as whole", WRITE,
        "        source.part_sent(*sent);",
        "        source.part_sent(PLANTED ? part->bytes : *sent);",
        "files"),
    Bug("part-without-head", "the head is lost when the body is sent from its file", WRITE,
        "        send(std::move(gathered), *part);",
        "        send(PLANTED ? owned_bytes() : std::move(gathered), *part);",
        "files"),
    Bug("part-shrunk-goes-on", "what follows an answer that is not whole is sent", WRITE,
        "            cut();\n            lingering_ = true;",
        "            cut();\n            closing_ = !PLANTED;",
        "files"),
]
