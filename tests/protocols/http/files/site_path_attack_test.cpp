#include <filesystem>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/protocols/http/files/site_drive.hpp"

using rouse::test::site_drive;

namespace {

constexpr std::string_view secret = "nobody may see this";

// A site in "site", with a secret beside it and ways to it.
struct guarded_site : site_drive {
    guarded_site() {
        files.write("secret.txt", secret);
        files.write("site/secret.txt.html", "public");
        files.write("site/folder/index.html", "index");
        files.write("site/.hidden/a.txt", secret);
        files.write("site/.env", secret);
        files.write("site/folder/.git/config", secret);
        namespace fs = std::filesystem;
        const std::string inside = files.path("site/");
        fs::create_symlink("../secret.txt", inside + "out.txt");
        fs::create_symlink(files.path("secret.txt"), inside + "absolute.txt");
        fs::create_directory_symlink("..", inside + "up");
        fs::create_directory_symlink("/proc/self/cwd", inside + "cwd");
        fs::create_directory_symlink("/proc/self/root", inside + "folder/root");
        fs::create_symlink("out.txt", inside + "twice.txt");
        fs::create_symlink("loop.txt", inside + "loop.txt");
        fs::create_symlink("folder/index.html", inside + "within.html");
        fs::create_directory_symlink("folder", inside + "within");
        fs::create_symlink("../../secret.txt", inside + "folder/index.txt");
        fs::create_symlink("../../../../../../etc/passwd", inside + "passwd");
        options().root = inside;
        REQUIRE_MESSAGE(fs::exists(files.path("secret.txt")), "or nothing could be found");
    }

    [[nodiscard]] rouse::test::site_reply attack(std::string_view target) {
        if (!site_) {
            auto made = rouse::http::file_site::make(*io, options());
            REQUIRE(made);
            site_ = *std::move(made);
        }
        rouse::test::request_text text("GET", target, {});
        auto asked = text.asked();
        const auto handler = site_->make_handler();
        auto made = rouse::http::call_at_once(handler, asked);
        if (!made) {
            made.emplace(rouse::test::drive(*io, rouse::http::call_later(handler, asked)));
        }
        return rouse::test::reply_of(*io, std::move(*made), false);
    }

   private:
    std::unique_ptr<rouse::http::file_site> site_;
};

constexpr std::string_view attacks[] = {
    "/../secret.txt",
    "/..",
    "/../",
    "/folder/../../secret.txt",
    "/folder/../../../../../../etc/passwd",
    "/./../secret.txt",
    "//../secret.txt",
    "/..//secret.txt",
    "/%2e%2e/secret.txt",
    "/%2E%2E/secret.txt",
    "/.%2e/secret.txt",
    "/%2e./secret.txt",
    "/%2e%2e%2fsecret.txt",
    "/..%2fsecret.txt",
    "/..%2Fsecret.txt",
    "/%2f..%2fsecret.txt",
    "/..%5csecret.txt",
    "/..\\secret.txt",
    "/%252e%252e/secret.txt",
    "/%c0%ae%c0%ae/secret.txt",
    "/%c0%af..%c0%afsecret.txt",
    "/folder%2f..%2f..%2fsecret.txt",
    "/secret.txt%00.html",
    "/%00/../secret.txt",
    "/folder/%00",
    "/..%00/secret.txt",
    "/.../secret.txt",
    "/..;/secret.txt",
    "/..%20/secret.txt",
    "/%/secret.txt",
    "/%2/secret.txt",
    "/%zz/secret.txt",
    "/.env",
    "/%2eenv",
    "/.hidden/a.txt",
    "/.hidden/",
    "/folder/.git/config",
    "/folder/%2egit/config",
    "/folder/..%2f.env",
    "/.well-known/../.env",
    "/.well-known/../../secret.txt",
    "/folder//.git//config",
    "/out.txt",
    "/absolute.txt",
    "/up/secret.txt",
    "/up/",
    "/up",
    "/cwd/",
    "/cwd",
    "/folder/root/etc/passwd",
    "/twice.txt",
    "/loop.txt",
    "/folder/index.txt",
    "/passwd",
    "/proc/self/environ",
    "/etc/passwd",
    "//etc/passwd",
    "///etc///passwd",
};

}  // namespace

TEST_SUITE("protocols/http/files/site_path_attack") {
    TEST_CASE("no way leads out of the root or to a hidden file, with and without links") {
        for (const bool symlinks : {false, true}) {
            guarded_site site;
            site.options().symlinks = symlinks;
            for (const std::string_view target : attacks) {
                for (int round = 0; round < 2; ++round) {
                    CAPTURE(target);
                    const auto reply = site.attack(target);
                    CHECK((reply.status == 400 || reply.status == 404));
                    CHECK(!reply.body.contains(secret));
                    CHECK(!reply.body.contains("root:"));
                }
            }
        }
    }

    TEST_CASE("with dotfiles they are served, and still nothing above the root") {
        guarded_site site;
        site.options().dotfiles = true;
        CHECK(site.attack("/.env").status == 200);
        CHECK(site.attack("/folder/.git/config").status == 200);
        CHECK(site.attack("/../secret.txt").status == 400);
    }

    TEST_CASE("links within the root are followed when they may be, and else are not there") {
        for (const bool symlinks : {false, true}) {
            guarded_site site;
            site.options().symlinks = symlinks;
            const int expected = symlinks ? 200 : 404;
            CHECK(site.attack("/within.html").status == expected);
            CHECK(site.attack("/within/").status == expected);
            CHECK(site.attack("/within/index.html").status == expected);
        }
    }

    TEST_CASE("a path that is written in another way finds the same file") {
        guarded_site site;
        for (const std::string_view target :
             {"/folder/", "//folder/", "/./folder/", "/x/../folder/", "/%66older/", "/folder/.",
              "/folder/x/..", "/folder//index.html", "/folder/index%2ehtml"}) {
            CAPTURE(target);
            CHECK(site.attack(target).body == "index");
            CHECK(site.attack(target).body == "index");
        }
    }

    TEST_CASE("an escape in a path is not taken for a name that has a percent sign") {
        guarded_site site;
        site.files.write("site/a%62.txt", "percent");
        site.files.write("site/ab.txt", "plain");
        for (int round = 0; round < 2; ++round) {
            CHECK(site.attack("/a%2562.txt").body == "percent");
            CHECK(site.attack("/a%62.txt").body == "plain");
        }
    }

    TEST_CASE("what is in memory is hidden as what is not") {
        guarded_site site;
        CHECK(site.attack("/folder/index.html").status == 200);
        CHECK(site.attack("/folder/index.html/").status == 404);
        CHECK(site.attack("/../folder/index.html").status == 400);
        CHECK(site.attack("/folder%2findex.html").status == 404);
    }
}
