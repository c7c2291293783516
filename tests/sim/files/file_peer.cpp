#include "tests/sim/files/file_peer.hpp"

#include <algorithm>
#include <utility>

namespace rouse::sim {
namespace {

constexpr std::uint64_t requests_max = 6;

struct known_file {
    std::string_view target;
    std::string_view path;
    std::uint64_t size_max;
};

constexpr known_file known_files[] = {
    {"/empty", "empty", 0},
    {"/small.txt", "small.txt", 300},
    {"/folder/page.html", "folder/page.html", 20'000},
    {"/folder/deep/a%20b", "folder/deep/a b", 5'000},
    {"/large.bin", "large.bin", 100'000},
};

// Paths that no file may answer, whoever serves them.
constexpr struct {
    std::string_view target;
    bool is_bad;
} other_targets[] = {
    {"/missing", false},
    {"/folder/missing/page.html", false},
    {"/small.txt/more", false},
    {"/pipe", false},
    {"/out", false},
    {"/inside", false},
    {"/out/small.txt", false},
    {"/folder/deep", false},
    {"/..", true},
    {"/../small.txt/..", true},
    {"/folder/../../small.txt", true},
    {"/%2e%2e/%2e%2e/etc/passwd", true},
    {"/folder/%2e%2e/..%2f..", true},
    {"/%00small.txt", true},
    {"/%zz", true},
};

constexpr fault missing_faults[] = {
    fault::file_missing,     fault::file_denied,      fault::file_deleted,   fault::file_error,
    fault::file_interrupted, fault::no_kernel_memory, fault::no_descriptors, fault::allocation};
constexpr fault cutting_faults[] = {fault::file_shrinks, fault::file_error, fault::file_interrupted,
                                    fault::no_kernel_memory, fault::allocation};

}  // namespace

void add_files(sim_files& files, random_source& draw) {
    for (const known_file& each : known_files) {
        files.add_file(each.path, draw.below(each.size_max + 1));
    }
    files.add_fifo("pipe");
    files.add_link("out", "../secret");
    files.add_link("inside", "small.txt");
}

file_peer::file_peer(simulation& owner, network& wires, const peer_terms& terms, unsigned number,
                     files_scene& scene)
    : stream_peer(owner, wires, terms, number), scene_(scene), pipelines_(draw_.coin()) {
    const std::uint64_t count = draw_.below(requests_max + 1);
    for (std::uint64_t i = 0; i < count; ++i) {
        requests_.push_back(draw_request());
    }
}

file_request file_peer::draw_request() {
    file_request made;
    made.is_head = draw_.below(6) == 0;
    if (draw_.below(5) == 0) {
        const auto& other = draw_.pick(other_targets);
        made.target = other.target;
        made.is_bad = other.is_bad;
    } else {
        const known_file& known = draw_.pick(known_files);
        made.target = known.target;
        made.path = known.path;
    }
    if (draw_.below(3) == 0) {
        made.first = draw_.below(draw_.coin() ? 200'000 : 200);
        if (draw_.coin()) {
            made.last = *made.first + draw_.below(draw_.coin() ? 100'000 : 10);
        }
    }
    made.is_conditional = draw_.below(3) == 0;
    return made;
}

void file_peer::write_next() {
    script_.clear();
    sent_ = 0;
    const std::uint64_t most = pipelines_ ? 1 + draw_.below(requests_max) : 1;
    for (std::uint64_t i = 0; i < most && asked_ < requests_.size(); ++i) {
        const file_request& next = requests_[asked_++];
        script_ +=
            std::string(next.is_head ? "HEAD " : "GET ") + next.target + " HTTP/1.1\r\nHost: a\r\n";
        if (next.first) {
            script_ += "Range: bytes=" + std::to_string(*next.first) + "-" +
                       (next.last == UINT64_MAX ? "" : std::to_string(next.last)) + "\r\n";
        }
        const std::string tag = next.is_conditional ? tags_[next.path] : std::string();
        if (!tag.empty()) {
            script_ += "If-None-Match: " + tag + "\r\n";
        }
        tags_sent_.push_back(tag);
        asked_at_.push_back(simulation_.now());
        script_ += "\r\n";
    }
}

std::string_view file_peer::outgoing() {
    if (closing_) {
        return {};
    }
    if (sent_ == script_.size() && answered_ == asked_ && asked_ < requests_.size()) {
        write_next();
    }
    return std::string_view(script_).substr(sent_);
}

void file_peer::sent(std::size_t bytes) {
    sent_ += bytes;
}

file_excuses file_peer::excuses() const {
    const auto struck = [&](fault each) { return simulation_.has_struck(each); };
    return {.may_miss = std::ranges::any_of(missing_faults, struck),
            .may_late = is_excused() || !terms().is_prompt,
            .may_cut = std::ranges::any_of(cutting_faults, struck),
            .may_close = is_excused() || simulation_.has_struck(fault::allocation)};
}

void file_peer::received(std::string_view bytes) {
    while (!bytes.empty()) {
        if (!answer_.is_inside()) {
            if (closing_ || answered_ == asked_) {
                fail("gets bytes that answer no request");
            }
            answer_.begin(requests_[answered_], scene_.files, tags_sent_[answered_],
                          asked_at_[answered_] - scene_.stale_max);
        }
        if (const auto wrong = answer_.take(bytes, excuses())) {
            fail("answer " + std::to_string(answered_) + ": " + *wrong);
        }
        if (!answer_.is_whole()) {
            continue;
        }
        const std::string& path = requests_[answered_].path;
        if (!answer_.tag().empty() && !path.empty()) {
            tags_[path] = answer_.tag();
        }
        closing_ = answer_.says_close();
        ++answered_;
        ++scene_.answered;
    }
}

void file_peer::ended(bool /*by_reset*/) {
    if (answer_.is_inside()) {
        require(excuses().may_cut, "gets a part of an answer, and no file has changed");
        return;
    }
    require(closing_ || answered_ == requests_.size() || excuses().may_cut || excuses().may_miss,
            "is left before it is answered");
}

}  // namespace rouse::sim
