#include "tests/sim/files/known_files.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "tests/sim/files/folder_model.hpp"

namespace rouse::sim {
namespace {

constexpr known_target files_there[] = {
    {"/empty", target_kind::file, "empty", 0},
    {"/small.txt", target_kind::file, "small.txt", 300},
    {"/folder/page.html", target_kind::file, "folder/page.html", 20'000},
    {"/folder/deep/a%20b", target_kind::file, "folder/deep/a b", 5'000},
    {"/large.bin", target_kind::file, "large.bin", 100'000},
    {"/style.css", target_kind::file, "style.css", 4'000, true},
    {"/app.js", target_kind::file, "app.js", 30'000, true},
    {"/folder/index.html", target_kind::file, "folder/index.html", 2'000, true},
    {"/app.html", target_kind::file, "app.html", 500},
};

// Files that may be there: beside those, and as a second index.
constexpr known_target files_beside[] = {
    {"/style.css.br", target_kind::file, "style.css.br", 1'000},
    {"/style.css.gz", target_kind::file, "style.css.gz", 1'200},
    {"/style.css.zst", target_kind::file, "style.css.zst", 1'100},
    {"/folder/page.html.br", target_kind::file, "folder/page.html.br", 9'000},
    {"/folder/page.html.gz", target_kind::file, "folder/page.html.gz", 9'000},
    {"/app.js.zst", target_kind::file, "app.js.zst", 60'000},
    {"/folder/index.htm", target_kind::file, "folder/index.htm", 900},
    {"/folder/deep/index.htm", target_kind::file, "folder/deep/index.htm", 700},
};

constexpr known_target other_targets[] = {
    {"/", target_kind::folder, ""},
    {"/folder/", target_kind::folder, "folder"},
    {"/folder/", target_kind::folder, "folder"},
    {"/folder/deep/", target_kind::folder, "folder/deep"},
    {"/folder/deep/", target_kind::folder, "folder/deep"},
    {"/folder/deep", target_kind::bare_folder, "folder/deep"},
    {"/folder", target_kind::bare_folder, "folder"},
    {"/inside", target_kind::link, "small.txt"},
    {"/out", target_kind::nothing},
    {"/missing", target_kind::nothing},
    {"/folder/missing/page.html", target_kind::nothing},
    {"/small.txt/more", target_kind::nothing},
    {"/pipe", target_kind::nothing},
    {"/out/small.txt", target_kind::nothing},
    {"/..", target_kind::bad},
    {"/../small.txt/..", target_kind::bad},
    {"/folder/../../small.txt", target_kind::bad},
    {"/%2e%2e/%2e%2e/etc/passwd", target_kind::bad},
    {"/folder/%2e%2e/..%2f..", target_kind::bad},
    {"/%00small.txt", target_kind::bad},
    {"/%zz", target_kind::bad},
};

void add(sim_files& files, const known_target& each, random_source& draw) {
    file_node& made = files.add_file(each.path, draw.below(each.size_max + 1));
    made.is_plain_text = each.is_text;
    // Most are old enough to be kept, and no file is older than the one that it stands beside.
    files.age(made, static_cast<std::int64_t>(draw.below(3) != 0 ? 5 : draw.below(10)));
}

constexpr int tries_max = 6;

class file_changer final : public peer {
   public:
    file_changer(simulation& owner, unsigned number, files_scene& scene)
        : peer(owner, number), scene_(scene), changes_left_(1 + draw_.below(12)) {}

    void act() override {
        if (scene_.files == nullptr || changes_left_ == 0) {
            finish();
            return;
        }
        --changes_left_;
        change(*scene_.files, draw_file());
        act_after(std::chrono::microseconds(draw_.below(draw_.coin() ? 2'000 : 200'000)));
    }

   private:
    // With a favourite mostly that one, or what is beside it.
    const known_target& draw_file() {
        for (int tries = 0;; ++tries) {
            const known_target& drawn =
                draw_.coin() ? draw_.pick(files_there) : draw_.pick(files_beside);
            if (scene_.favourite == nullptr || tries == tries_max ||
                drawn.path.starts_with(scene_.favourite->path)) {
                return drawn;
            }
        }
    }
    void change(sim_files& files, const known_target& at) {
        file_node* const there = files.find(at.path);
        const std::uint64_t size = draw_.below(at.size_max + 1);
        if (there == nullptr) {
            file_node& made = files.add_file(at.path, size);
            made.is_plain_text = at.is_text;
            return;
        }
        switch (draw_.below(5)) {
            case 0:
                files.remove(*there);
                break;
            case 1:
                (void)files.replace(*there, size);
                break;
            case 2:
                files.write_again(*there);
                break;
            default:
                // What is sent of it may end too soon.
                if (size < there->size) {
                    simulation_.count(fault::file_shrinks, there->inode);
                }
                files.resize(*there, size);
                break;
        }
    }

    files_scene& scene_;
    std::uint64_t changes_left_;
};

}  // namespace

void add_files(sim_files& files, random_source& draw) {
    for (const known_target& each : files_there) {
        add(files, each, draw);
    }
    for (const known_target& each : files_beside) {
        if (draw.coin()) {
            add(files, each, draw);
        }
    }
    (void)files.add_file(std::string("folder/deep/").append(odd_name), draw.below(1'000));
    (void)files.add_file("folder/deep/.hidden", draw.below(10));
    files.add_fifo("pipe");
    files.add_link("out", "../secret");
    files.add_link("inside", "small.txt");
}

const known_target& draw_target(random_source& draw) {
    const std::uint64_t sort = draw.below(10);
    if (sort < 2) {
        return draw.pick(other_targets);
    }
    return sort == 2 ? draw.pick(files_beside) : draw.pick(files_there);
}

const known_target* draw_favourite(random_source& draw) {
    // Those that most can happen to.
    constexpr std::string_view favourites[] = {"style.css", "style.css", "folder/page.html",
                                               "app.js", "large.bin"};
    const std::string_view path = draw.pick(favourites);
    return draw.coin() ? std::ranges::find(files_there, path, &known_target::path) : nullptr;
}

std::unique_ptr<peer> make_file_changer(simulation& owner, unsigned number, files_scene& scene) {
    return std::make_unique<file_changer>(owner, number, scene);
}

}  // namespace rouse::sim
