// Gives every file of the folders that are named, and the empty input, to a fuzz target: what the
// fuzzer has once found stays found, with any compiler and sanitizer, and without libFuzzer.
// C's functions rather than streams, which MemorySanitizer cannot see through.

#include <dirent.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t input_bytes_max = 65'536;

// In memory of just its size, as libFuzzer does it, so that ASan sees a byte read too far.
void replay(const std::vector<std::uint8_t>& content) {
    const auto input = std::make_unique_for_overwrite<std::uint8_t[]>(content.size());
    std::ranges::copy(content, input.get());
    (void)LLVMFuzzerTestOneInput(input.get(), content.size());
}

// Sorted: the order of a folder is not the same everywhere.
std::vector<std::string> files_of(const std::string& folder) {
    dirent** entries = nullptr;
    const int count = ::scandir(folder.c_str(), &entries, nullptr, ::alphasort);
    std::vector<std::string> files;
    for (int index = 0; index < count; ++index) {
        if (entries[index]->d_name[0] != '.') {
            files.push_back(folder + '/' + &entries[index]->d_name[0]);
        }
        std::free(entries[index]);
    }
    std::free(static_cast<void*>(entries));
    return files;
}

bool replay_file(const std::string& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                               std::fclose);
    std::vector<std::uint8_t> content(input_bytes_max);
    content.resize(file ? std::fread(content.data(), 1, content.size(), file.get()) : 0);
    if (!file || std::ferror(file.get()) != 0 || content.size() == input_bytes_max) {
        (void)std::fprintf(stderr, "%s: cannot be read, or is no small input\n", path.c_str());
        return false;
    }
    // Before it runs: what ends the program is the input named last.
    (void)std::fprintf(stderr, "%s: %zu bytes\n", path.c_str(), content.size());
    replay(content);
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    replay({});
    std::size_t replayed = 0;
    for (int index = 1; index < argc; ++index) {
        for (const std::string& path : files_of(argv[index])) {
            if (!replay_file(path)) {
                return 1;
            }
            ++replayed;
        }
    }
    (void)std::fprintf(stderr, "%zu inputs replayed\n", replayed);
    return replayed > 0 ? 0 : 1;  // No input is no proof.
}
