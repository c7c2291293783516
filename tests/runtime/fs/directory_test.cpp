#include "runtime/fs/directory.hpp"

#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "tests/runtime/fs/file_tree.hpp"
#include "tests/support/reactor_drive.hpp"

using rouse::directory;
using rouse::errno_code;
using rouse::file_blocks;
using rouse::file_type;
using rouse::open_options;
using rouse::test::drive;
using rouse::test::file_tree;
using rouse::test::tested_reactor;

namespace {

constexpr open_options following{.follow_symlinks = true};

/// What opening came to, as an errno; 0 when it worked.
int open_error(rouse::reactor& io, const directory& root, std::string path, open_options how = {}) {
    const auto opened = drive(io, root.open_beneath(std::move(path), how));
    if (!opened) {
        CHECK(opened.error().category() == std::generic_category());
        return opened.error().value();
    }
    return 0;
}

/// The whole of a small file.
std::string content(rouse::reactor& io, const directory& root, std::string path,
                    open_options how = {}) {
    const auto blocks = file_blocks::make();
    auto opened = drive(io, root.open_beneath(std::move(path), how));
    REQUIRE(opened);
    const auto read = drive(io, opened->read(blocks->take(1), 0));
    REQUIRE(read);
    return std::string(rouse::test::text_of(*read));
}

/// No descriptor can be had while it lives.
class no_descriptors {
   public:
    no_descriptors() {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        const rouse::unique_fd lowest_free(::dup(0));
        const rlimit squeezed{.rlim_cur = static_cast<rlim_t>(lowest_free.get()),
                              .rlim_max = before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &squeezed) == 0);
    }
    no_descriptors(const no_descriptors&) = delete;
    no_descriptors& operator=(const no_descriptors&) = delete;
    ~no_descriptors() { (void)::setrlimit(RLIMIT_NOFILE, &before_); }

   private:
    rlimit before_{};
};

}  // namespace

TEST_SUITE("runtime/fs/directory") {
    TEST_CASE("a file beneath it opens, however deep, and through '..' that stays inside") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("a", "at the top");
        tree.write("b/c/d", "below");
        const directory root = tree.open(*io);
        CHECK(content(*io, root, "a") == "at the top");
        CHECK(content(*io, root, "b/c/d") == "below");
        CHECK(content(*io, root, "./b//c/../../a") == "at the top");
    }

    TEST_CASE("no path leads out: not '..', not from the middle, not a slash in front") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("outside", "secret");
        tree.write("root/inside", "public");
        const directory root = tree.open(*io, "root");
        for (const open_options how : {open_options{}, following}) {
            CHECK(open_error(*io, root, "../outside", how) == EXDEV);
            CHECK(open_error(*io, root, "..", how) == EXDEV);
            CHECK(open_error(*io, root, "./../root/inside", how) == EXDEV);
            CHECK(open_error(*io, root, tree.path("outside"), how) == EXDEV);
            CHECK(open_error(*io, root, "/", how) == EXDEV);
        }
    }

    TEST_CASE("a symbolic link is refused, unless links are followed, and then only inside") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("outside", "secret");
        tree.write("root/inside", "public");
        std::filesystem::create_symlink("inside", tree.path("root/good"));
        std::filesystem::create_symlink("../outside", tree.path("root/out"));
        std::filesystem::create_symlink(tree.path("root/inside"), tree.path("root/absolute"));
        std::filesystem::create_symlink("loop", tree.path("root/loop"));
        std::filesystem::create_directory_symlink(".", tree.path("root/here"));
        const directory root = tree.open(*io, "root");
        for (const char* name : {"good", "out", "absolute", "loop", "here/inside"}) {
            CHECK(open_error(*io, root, name) == ELOOP);
        }
        CHECK(content(*io, root, "good", following) == "public");
        CHECK(content(*io, root, "here/here/inside", following) == "public");
        CHECK(open_error(*io, root, "out", following) == EXDEV);
        CHECK(open_error(*io, root, "absolute", following) == EXDEV);
        CHECK(open_error(*io, root, "loop", following) == ELOOP);
    }

    TEST_CASE("what is at a trusted path now can be looked up, and be the directory") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("one/a", "of one");
        tree.write("two/a", "of two");
        std::filesystem::create_directory_symlink(tree.path("one"), tree.path("current"));
        directory root = tree.open(*io, "current");
        const auto inode_of = [&](const rouse::file& opened) {
            const auto status = drive(*io, opened.status());
            REQUIRE(status);
            CHECK(status->type == file_type::directory);
            return status->inode;
        };
        auto found = drive(*io, root.look_up(tree.path("current")));
        REQUIRE(found);
        CHECK(inode_of(*found) == inode_of(rouse::file(root.share_descriptor())));
        std::filesystem::remove(tree.path("current"));
        std::filesystem::create_directory_symlink("two", tree.path("current"));
        CHECK(content(*io, root, "a") == "of one");
        found = drive(*io, root.look_up(tree.path("current")));
        REQUIRE(found);
        CHECK(inode_of(*found) != inode_of(rouse::file(root.share_descriptor())));
        root = directory(found->share_descriptor());
        CHECK(content(*io, root, "a") == "of two");
        CHECK(open_error(*io, root, "../one/a") == EXDEV);
        const auto error_of = [&](std::string_view name) {
            return drive(*io, root.look_up(tree.path(name))).error();
        };
        CHECK(error_of("none") == errno_code(ENOENT));
        CHECK(error_of("two/a") == errno_code(ENOTDIR));
    }

    TEST_CASE("a magic link of /proc is refused, even when links are followed") {
        const auto io = tested_reactor();
        auto root = directory::open(*io, "/proc/self");
        REQUIRE(root);
        CHECK(open_error(*io, *root, "exe", following) == ELOOP);
        CHECK(open_error(*io, *root, "root/etc/passwd", following) == ELOOP);
        CHECK(open_error(*io, *root, "fd/0", following) == ELOOP);
    }

    TEST_CASE("an empty path and '.' are the directory itself, and its status says so") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("sub/a", "");
        const directory root = tree.open(*io);
        for (const char* name : {"", ".", "sub", "sub/"}) {
            auto opened = drive(*io, root.open_beneath(name));
            REQUIRE(opened);
            CHECK(drive(*io, opened->status())->type == file_type::directory);
        }
    }

    TEST_CASE("a FIFO that nobody writes to opens at once, and is no regular file") {
        const file_tree tree;
        const auto io = tested_reactor();
        REQUIRE(::mkfifo(tree.path("fifo").c_str(), 0600) == 0);
        // Linux tries an open at once and without waiting first; one through a link it leaves to a
        // thread, which waits if it is not told otherwise.
        std::filesystem::create_symlink("fifo", tree.path("link"));
        const directory root = tree.open(*io);
        for (const char* name : {"fifo", "link"}) {
            auto opened = drive(*io, root.open_beneath(name, following));
            REQUIRE(opened);
            CHECK(drive(*io, opened->status())->type == file_type::other);
        }
    }

    TEST_CASE("what is open is not O_NONBLOCK, of which kernels make different things") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("a", "");
        const directory root = tree.open(*io);
        const auto opened = drive(*io, root.open_beneath("a"));
        REQUIRE(opened);
        int found = 0;
        for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code gone;
            if (std::filesystem::read_symlink(each, gone) == tree.path("a")) {
                ++found;
                const int flags = ::fcntl(std::stoi(each.path().filename()), F_GETFL);
                CHECK((flags & O_NONBLOCK) == 0);
            }
        }
        CHECK(found == 1);
    }

    TEST_CASE("what is not there, or is no directory on the way, is told") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("a", "");
        const directory root = tree.open(*io);
        CHECK(open_error(*io, root, "b") == ENOENT);
        CHECK(open_error(*io, root, "b/c") == ENOENT);
        CHECK(open_error(*io, root, "a/c") == ENOTDIR);
        CHECK(open_error(*io, root, "a/") == ENOTDIR);
    }

    TEST_CASE("a name with a NUL byte is that of no file, not of the one that ends before it") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("a", "");
        const directory root = tree.open(*io);
        CHECK(open_error(*io, root, "a") == 0);
        CHECK(open_error(*io, root, std::string("a\0.html", 7)) == ENOENT);
        CHECK(open_error(*io, root, std::string("a\0", 2)) == ENOENT);
    }

    TEST_CASE("a path may have 4,095 bytes and a name 255, and no more") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("a", "far away");
        const directory root = tree.open(*io);
        std::string path;
        while (path.size() < 4'094) {
            path += "./";
        }
        CHECK(content(*io, root, path + "a") == "far away");
        CHECK(open_error(*io, root, path + "/a") == ENAMETOOLONG);
        tree.write(std::string(255, 'n'), "long");
        CHECK(content(*io, root, std::string(255, 'n')) == "long");
        CHECK(open_error(*io, root, std::string(256, 'n')) == ENAMETOOLONG);
    }

    TEST_CASE("a file that may not be read is EACCES") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("private", "");
        tree.write("locked/a", "");
        REQUIRE(::chmod(tree.path("private").c_str(), 0) == 0);
        REQUIRE(::chmod(tree.path("locked").c_str(), 0) == 0);
        const directory root = tree.open(*io);
        // Who is root may read everything, and so puts that aside, for this thread.
        const bool is_root = ::geteuid() == 0;
        if (is_root) {
            REQUIRE(::chmod(tree.path().c_str(), 0711) == 0);
            (void)::setfsuid(65'534);
        }
        CHECK(open_error(*io, root, "private") == EACCES);
        CHECK(open_error(*io, root, "locked/a") == EACCES);
        if (is_root) {
            (void)::setfsuid(0);
        }
        (void)::chmod(tree.path("locked").c_str(), 0700);
    }

    TEST_CASE("without a free descriptor it is EMFILE, and with one it opens again") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("a", "");
        const directory root = tree.open(*io);
        REQUIRE(open_error(*io, root, "a") == 0);
        REQUIRE(io->turn(rouse::duration::zero()));
        {
            const no_descriptors squeezed;
            CHECK(open_error(*io, root, "a") == EMFILE);
        }
        CHECK(open_error(*io, root, "a") == 0);
    }

    TEST_CASE("without a free record it is limit_exceeded, and so without one for the descriptor") {
        const file_tree tree;
        tree.write("a", "");
        auto options = rouse::test::small_ring();
        options.limits.operations_max = 1;
        options.limits.descriptors_max = 2;
        const auto io = tested_reactor(options);
        const directory root = tree.open(*io);
        auto first = root.open_beneath("a");
        const auto second = drive(*io, root.open_beneath("a"));
        REQUIRE_FALSE(second);
        CHECK(second.error() == rouse::errc::limit_exceeded);
        const auto opened = drive(*io, std::move(first));
        REQUIRE(opened);
        const auto third = drive(*io, root.open_beneath("a"));
        REQUIRE_FALSE(third);
        CHECK(third.error() == rouse::errc::limit_exceeded);
    }

    TEST_CASE("a root that is no directory, or not there, cannot be opened") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("a", "");
        CHECK(directory::open(*io, tree.path("a")).error() == errno_code(ENOTDIR));
        CHECK(directory::open(*io, tree.path("b")).error() == errno_code(ENOENT));
    }
}
