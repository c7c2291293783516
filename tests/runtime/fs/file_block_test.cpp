#include "runtime/fs/file_block.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using rouse::file_block;
using rouse::file_blocks;
using rouse::owned_bytes;

namespace {

void fill(file_block& block, std::string_view text) {
    std::memcpy(block.room().data(), text.data(), text.size());
    block.commit(text.size());
}

}  // namespace

TEST_SUITE("runtime/fs/file_block") {
    TEST_CASE("a block has the size that is asked for, or the larger one") {
        const auto blocks = file_blocks::make();
        CHECK(blocks->take(0).room().size() == file_blocks::small_bytes);
        CHECK(blocks->take(file_blocks::small_bytes).room().size() == file_blocks::small_bytes);
        CHECK(blocks->take(file_blocks::small_bytes + 1).room().size() == file_blocks::large_bytes);
        CHECK(blocks->take(SIZE_MAX).room().size() == file_blocks::large_bytes);
    }

    TEST_CASE("a block that comes back is used again") {
        const auto blocks = file_blocks::make();
        const std::byte* first = blocks->take(1).room().data();
        CHECK(blocks->bytes_outside() == 0);
        CHECK(blocks->bytes_kept() == file_blocks::small_bytes);
        const file_block second = blocks->take(1);
        CHECK(second.room().data() == first);
        CHECK(second.empty());
        CHECK(blocks->bytes_kept() == 0);
    }

    TEST_CASE("no more free blocks are kept than the bound says") {
        const auto blocks = file_blocks::make();
        std::vector<file_block> taken;
        for (std::size_t i = 0; i < file_blocks::small_kept_max + 5; ++i) {
            taken.push_back(blocks->take(1));
        }
        for (std::size_t i = 0; i < file_blocks::large_kept_max + 5; ++i) {
            taken.push_back(blocks->take(SIZE_MAX));
        }
        taken.clear();
        CHECK(blocks->bytes_outside() == 0);
        CHECK(blocks->bytes_kept() == file_blocks::small_kept_max * file_blocks::small_bytes +
                                          file_blocks::large_kept_max * file_blocks::large_bytes);
    }

    TEST_CASE("bytes are taken for a send without a copy, and give the block back when they end") {
        const auto blocks = file_blocks::make();
        file_block block = blocks->take(1);
        const std::byte* place = block.room().data();
        fill(block, "one");
        fill(block, "two");
        {
            const owned_bytes bytes = block.take_bytes();
            CHECK(bytes.data() == place);
            CHECK(bytes.size() == 6);
            CHECK(std::memcmp(bytes.data(), "onetwo", 6) == 0);
            CHECK_FALSE(block);
            CHECK(block.empty());
            CHECK(blocks->bytes_outside() == file_blocks::small_bytes);
        }
        CHECK(blocks->bytes_outside() == 0);
        CHECK(file_block().take_bytes().empty());
    }

    TEST_CASE("a block without bytes gives none, and stays what it is") {
        const auto blocks = file_blocks::make();
        file_block block = blocks->take(1);
        CHECK(block.take_bytes().empty());
        CHECK(block);
    }

    TEST_CASE("a block and its bytes may outlive the pool") {
        auto blocks = file_blocks::make();
        file_block block = blocks->take(1);
        file_block sent = blocks->take(SIZE_MAX);
        {
            const file_block kept = blocks->take(1);
        }
        fill(sent, "out");
        const owned_bytes bytes = sent.take_bytes();
        blocks.reset();
        fill(block, "in");
        CHECK(block.size() == 2);
        block.reset();
        CHECK(bytes.size() == 3);
    }

    TEST_CASE("a moved block leaves nothing behind, and the one that is replaced goes back") {
        const auto blocks = file_blocks::make();
        file_block first = blocks->take(1);
        file_block second = blocks->take(1);
        fill(first, "kept");
        second = std::move(first);
        CHECK(second.size() == 4);
        // NOLINTBEGIN(bugprone-use-after-move): what is left is the question.
        CHECK(first.bytes().empty());
        CHECK(first.room().empty());
        // NOLINTEND(bugprone-use-after-move)
        CHECK(blocks->bytes_outside() == file_blocks::small_bytes);
    }

    TEST_CASE("what the heap held before is not in a block") {
        const auto blocks = file_blocks::make();
        const file_block block = blocks->take(1);
        CHECK(
            std::ranges::all_of(block.room(), [](std::byte each) { return each == std::byte(); }));
    }
}
