#include "runtime/reactor/asio/file_threads.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/reactor/operation_handle.hpp"
#include "tests/runtime/fs/file_tree.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/reactor_drive.hpp"

using rouse::operation_handle;
using rouse::test::file_tree;
using rouse::test::turn_until;
using rouse::test::turn_until_left;

namespace {

std::unique_ptr<rouse::reactor> epoll_reactor() {
    auto options = rouse::test::small_ring();
    options.wanted = rouse::backend::epoll;
    return rouse::test::tested_reactor(options);
}

/// An open that waits on a thread until somebody writes to the FIFO.
operation_handle open_fifo(rouse::reactor& io, const rouse::descriptor_handle& root,
                           std::string name) {
    auto record = io.make_one_shot(rouse::operation_kind::open_at, root.shared());
    REQUIRE(record);
    auto request = std::make_unique<rouse::open_request>();
    request->path = std::move(name);
    request->how.flags = O_RDONLY | O_CLOEXEC;
    (*record)->arguments = std::move(request);
    operation_handle opening(io, **record);
    opening.start();
    return opening;
}

rouse::descriptor_handle open_root(rouse::reactor& io, const file_tree& tree) {
    rouse::unique_fd root(::open(tree.path(".").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(root);
    return io.adopt(std::move(root)).value();
}

rouse::unique_fd write_to(const file_tree& tree, const std::string& name) {
    return rouse::unique_fd(::open(tree.path(name).c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
}

}  // namespace

TEST_SUITE("runtime/reactor/asio file threads") {
    TEST_CASE("an open that waits on a thread holds up no turn, and is answered by its thread") {
        const file_tree tree;
        REQUIRE(::mkfifo(tree.path("fifo").c_str(), 0600) == 0);
        const auto io = epoll_reactor();
        const auto root = open_root(*io, tree);
        const operation_handle opening = open_fifo(*io, root, "fifo");
        for (int i = 0; i < 5; ++i) {
            REQUIRE(io->turn(rouse::duration::zero()));
        }
        CHECK(io->counters().completions == 0);
        const auto writer = write_to(tree, "fifo");
        turn_until(*io, [&] { return io->counters().completions > 0; });
    }

    TEST_CASE("what is dropped while its thread waits is kept until then, and closed") {
        const file_tree tree;
        REQUIRE(::mkfifo(tree.path("fifo").c_str(), 0600) == 0);
        const std::size_t before = rouse::test::descriptor_count(::getpid());
        {
            const auto io = epoll_reactor();
            {
                auto root = open_root(*io, tree);
                const operation_handle dropped = open_fifo(*io, root, "fifo");
                REQUIRE(io->turn(rouse::duration::zero()));
            }
            CHECK(io->counters().orphans == 1);
            CHECK(io->operation_count() == 1);
            CHECK(io->descriptor_count() == 1);
            const auto writer = write_to(tree, "fifo");
            turn_until_left(*io, 0, 0);
        }
        CHECK(rouse::test::descriptor_count(::getpid()) == before);
    }

    TEST_CASE("the end of a reactor waits for its threads") {
        const file_tree tree;
        const std::size_t before = rouse::test::descriptor_count(::getpid());
        // More than there are threads, so that some wait for one.
        constexpr std::size_t count = rouse::epoll::file_threads_max + 2;
        std::vector<rouse::unique_fd> writers;
        {
            const auto io = epoll_reactor();
            const auto root = open_root(*io, tree);
            for (std::size_t i = 0; i < count; ++i) {
                REQUIRE(::mkfifo(tree.path(std::to_string(i)).c_str(), 0600) == 0);
                const operation_handle dropped = open_fifo(*io, root, std::to_string(i));
                REQUIRE(io->turn(rouse::duration::zero()));
            }
            CHECK(io->operation_count() == count);
            for (std::size_t i = 0; i < count; ++i) {
                writers.push_back(write_to(tree, std::to_string(i)));
            }
        }
        writers.clear();
        CHECK(rouse::test::descriptor_count(::getpid()) == before);
    }
}
