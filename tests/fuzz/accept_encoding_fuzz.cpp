#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/http/files/accept_encoding.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/reference_text.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::byte_reader;
using rouse::fuzz::exact_copy;
using rouse::fuzz::lower;
using rouse::fuzz::require;
using rouse::fuzz::split;
using rouse::fuzz::trimmed;

// A weight for each of some texts; what is set later counts.
class weights {
   public:
    void set(std::string_view text, unsigned value) { entries_.emplace_back(text, value); }

    [[nodiscard]] std::optional<unsigned> find(std::string_view text) const {
        for (std::size_t index = entries_.size(); index-- > 0;) {
            if (entries_[index].first == text) {
                return entries_[index].second;
            }
        }
        return std::nullopt;
    }

   private:
    std::vector<std::pair<std::string, unsigned>> entries_;
};

// Every way to write a weight: RFC 9110, 12.4.2.
weights all_weights() {
    weights made;
    for (const char* text : {"1", "1.", "1.0", "1.00", "1.000"}) {
        made.set(text, 1'000);
    }
    made.set("0", 0);
    made.set("0.", 0);
    for (unsigned value = 0; value < 1'000; ++value) {
        const std::string digits = std::to_string(1'000 + value).substr(1);
        made.set("0." + digits, value);
        if (value % 10 == 0) {
            made.set("0." + digits.substr(0, 2), value);
        }
        if (value % 100 == 0) {
            made.set("0." + digits.substr(0, 1), value);
        }
    }
    return made;
}

// What each name weighs, whether known here or not.
weights read(const std::vector<std::string_view>& lines) {
    static const weights values = all_weights();
    weights made;
    for (const std::string_view line : lines) {
        for (const std::string_view member : split(line, ',')) {
            const std::vector<std::string_view> parts = split(trimmed(member), ';');
            if (parts.empty() || parts.size() > 2) {
                continue;
            }
            const std::string weight = parts.size() == 2 ? lower(trimmed(parts[1])) : "q=1";
            const auto value = values.find(weight.substr(std::min<std::size_t>(2, weight.size())));
            if (!weight.starts_with("q=") || !value) {
                continue;
            }
            const std::string name = lower(trimmed(parts[0]));
            made.set(name == "x-gzip" ? "gzip" : name, *value);
        }
    }
    return made;
}

unsigned weight_of(const weights& from, content_coding coding) {
    const std::optional<unsigned> own = from.find(to_string(coding));
    return own ? *own : from.find("*").value_or(0);
}

// Identity, named or not, is there in the end.
content_coding best_of(const weights& from, std::vector<content_coding> available) {
    available.push_back(content_coding::identity);
    for (unsigned wanted = 1'000; wanted > 0; --wanted) {
        for (const content_coding coding : available) {
            if (weight_of(from, coding) == wanted) {
                return coding;
            }
        }
    }
    return content_coding::identity;
}

}  // namespace

// Which codings there are, four of two bits, and how many; then the lines of the field.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader input(data, size);
    std::vector<content_coding> available(input.below(content_coding_count + 1));
    auto bits = input.number<std::uint8_t>();
    for (content_coding& coding : available) {
        coding = static_cast<content_coding>(bits & 3U);
        bits = static_cast<std::uint8_t>(bits >> 2U);
    }
    const std::string_view text = input.rest();
    const std::vector<std::string_view> lines = split(text, '\n');
    accepted_codings accepted;
    for (const std::string_view line : lines) {
        const exact_copy copy(line);
        accepted.add_line(copy.text());
    }
    const weights expected = read(lines);
    for (std::size_t index = 0; index < content_coding_count; ++index) {
        const auto coding = static_cast<content_coding>(index);
        require(accepted.weight(coding) == weight_of(expected, coding));
    }
    require(accepted.choose(available) == best_of(expected, available));
    return 0;
}
