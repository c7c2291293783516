#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "protocols/http/input.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/leased_buffers.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using rouse::buffer_lease;
using rouse::fuzz::byte_reader;
using rouse::fuzz::leased_buffers;
using rouse::fuzz::require;

// An input beside the plainest thing that could be one: a string from which bytes are taken.
class twins {
   public:
    void add(std::string_view bytes) {
        // What is put aside comes next, so nothing arrives before end_of_views.
        if (bytes.empty() || !aside_.empty()) {
            return;
        }
        end_view();
        tested_.add(buffers_.lease(bytes));
        expected_ += bytes;
    }

    void consume(std::size_t bytes) {
        const std::string_view all = tested_.view();
        const std::string_view dealt_with = all.substr(0, bytes);
        check_view();
        tested_.consume(dealt_with.size());
        view_ = dealt_with;
        seen_ = dealt_with;
        expected_.erase(0, dealt_with.size());
    }

    void keep() {
        end_view();
        tested_.keep();
        require(tested_.kept() == expected_);
        require(buffers_.leased() == 0);
    }

    // What follows in the buffer is put aside, as when a body ends in the middle of it.
    void take_lease(std::size_t bytes_used) {
        const std::size_t kept_bytes = tested_.kept().size();
        buffer_lease taken = tested_.take_lease();
        require(taken.text() == std::string_view(expected_).substr(kept_bytes));
        const std::size_t used = std::min(bytes_used, taken.size());
        tested_.set_aside(taken.text().substr(used));
        aside_ += taken.text().substr(used);
        expected_.erase(kept_bytes);
        end_view();
    }

    // What came some other way, while bytes may be in the buffer.
    void set_aside(std::string_view bytes) {
        tested_.set_aside(bytes);
        aside_ += bytes;
    }

    void end_of_views() {
        end_view();
        tested_.end_of_views();
        expected_ += std::exchange(aside_, {});
    }

    void clear() {
        end_view();
        tested_.clear();
        expected_.clear();
        aside_.clear();
        require(buffers_.leased() == 0);
    }

    void check() {
        check_view();
        require(expected_.starts_with(tested_.kept()));
        require(tested_.empty() == expected_.empty());
        require(tested_.view() == expected_);
        require(buffers_.leased() <= 1);
    }

   private:
    // The bytes that were consumed last are where they were, until something is said to end that.
    void check_view() const { require(view_ == seen_); }
    void end_view() {
        check_view();
        view_ = {};
        seen_.clear();
    }

    leased_buffers buffers_;
    rouse::http::input tested_;
    std::string expected_;
    std::string aside_;
    std::string_view view_;
    std::string seen_;
};

}  // namespace

// Whatever is done with it, in whatever order: an input says what a string would say, holds at most
// one buffer, and leaves the bytes that were consumed where they are as long as it promises.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader reader(data, size);
    twins both;
    while (!reader.empty()) {
        switch (reader.below(7)) {
            case 0:
                both.add(reader.counted_text());
                break;
            case 1:
                both.consume(reader.number<std::uint8_t>());
                break;
            case 2:
                both.keep();
                break;
            case 3:
                both.take_lease(reader.number<std::uint8_t>());
                break;
            case 4:
                both.end_of_views();
                break;
            case 5:
                both.set_aside(reader.counted_text());
                break;
            default:
                both.clear();
                break;
        }
        both.check();
    }
    both.clear();
    return 0;
}
