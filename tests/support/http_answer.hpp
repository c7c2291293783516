#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/client.hpp"

namespace rouse::test {

/// One response of a server, taken apart.
struct http_answer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
    std::size_t chunks = 0;  ///< Of a chunked body, without the last one.

    /// The value of a header line by its name in lower case; none: "". Twice: fails the test.
    [[nodiscard]] std::string field(std::string_view name) const;
};

/// Whose answer it is: HEAD has none of the body that its header lines promise.
enum class answer_to { any, head };

/// Takes a whole response off the front of `bytes`, or says that more must come. Fails the test
/// when it is not what RFC 9112 calls a response, or when its body has no length.
[[nodiscard]] std::optional<http_answer> take_answer(std::string& bytes,
                                                     answer_to request = answer_to::any);

/// Waits for a whole response.
[[nodiscard]] http_answer next_answer(client& from, answer_to request = answer_to::any);

/// Sends this request and waits for its answer.
[[nodiscard]] http_answer ask(client& through, std::string_view request,
                              answer_to kind = answer_to::any);

/// "GET target HTTP/1.1" and a Host, with these header lines ("Name: value\r\n") beside.
[[nodiscard]] std::string get(std::string_view target, std::string_view fields = {});
/// "POST target HTTP/1.1" with a Host, a Content-Length and the body.
[[nodiscard]] std::string post(std::string_view target, std::string_view body,
                               std::string_view fields = {});
/// One chunk: its size, its data.
[[nodiscard]] std::string chunk(std::string_view data);

}  // namespace rouse::test
