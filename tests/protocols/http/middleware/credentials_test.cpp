#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "protocols/http/middleware/basic_credentials.hpp"
#include "protocols/http/middleware/credential_cache.hpp"
#include "protocols/http/middleware/keyed_hash.hpp"
#include "protocols/http/middleware/password_hash.hpp"
#include "tests/protocols/http/middleware/known_hashes.hpp"

namespace rouse::test {
namespace {

using namespace std::chrono_literals;

std::string parsed(std::string_view value) {
    const auto credentials = http::parse_basic_credentials(value);
    return credentials ? "[" + credentials->user + "][" + credentials->password + "]" : "none";
}

std::string fault_of(std::string_view text) {
    const auto hash = http::password_hash::parse(text);
    return hash ? "" : hash.error();
}

}  // namespace

TEST_SUITE("protocols/http/middleware/credentials") {
    TEST_CASE("the credentials of RFC 7617, 2 and 2.1, are read") {
        CHECK(parsed("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==") == "[Aladdin][open sesame]");
        CHECK(parsed("Basic dGVzdDoxMjPCow==") == "[test][123£]");
        CHECK(parsed("bASIC   QWxhZGRpbjpvcGVuIHNlc2FtZQ==") == "[Aladdin][open sesame]");
        CHECK(parsed("Basic YTpiOmM=") == "[a][b:c]");
        CHECK(parsed("Basic Og==") == "[][]");
    }

    TEST_CASE("what is not exactly that is nobody's") {
        for (const auto* wrong : {"",
                                  "Basic",
                                  "Basic ",
                                  "BasicQTpi",
                                  "Bearer QTpi",
                                  "Basic\tQTpi",
                                  "Basic QTpi QTpi",
                                  "Basic QTpi ",
                                  "Basic QTp",
                                  "Basic QTo",
                                  "Basic Og",
                                  "Basic Og=",
                                  "Basic Oh==",
                                  "Basic YTpiOmN=",
                                  "Basic Og==Og==",
                                  "Basic =g==",
                                  "Basic ====",
                                  "Basic QTp-",
                                  "Basic QUI=",
                                  "Basic AQE6",
                                  "Basic YTpiAA==",
                                  "Basic YTp/",
                                  "Basic QTpi,QTpi"}) {
            CAPTURE(wrong);
            CHECK(parsed(wrong) == "none");
        }
    }

    TEST_CASE("credentials are as long as their bound, and no longer") {
        std::string text = "Basic QTpi";
        while (text.size() + 4 <= http::basic_credentials_bytes_max) {
            text += "YWFh";
        }
        CHECK(parsed(text) != "none");
        CHECK(parsed(text + "YWFh") == "none");
    }

    TEST_CASE("the formats of htpasswd and mkpasswd are understood") {
        for (const std::string_view text : open_sesame_hashes) {
            CAPTURE(text);
            const auto hash = http::password_hash::parse(text);
            REQUIRE(hash.has_value());
            CHECK(hash->matches("open sesame"));
            CHECK_FALSE(hash->matches("open sesame!"));
            CHECK_FALSE(hash->matches(""));
            CHECK_FALSE(hash->matches(std::string(2'000, 'a')));
        }
    }

    TEST_CASE("plain text and weak formats are refused, and the text is not repeated") {
        for (const std::string_view text : refused_hashes) {
            CAPTURE(text);
            const std::string fault = fault_of(text);
            CHECK_FALSE(fault.empty());
            CHECK((text.empty() || !fault.contains(text)));
        }
        for (const std::string_view text : open_sesame_hashes) {
            CHECK(fault_of(text.substr(0, text.size() - 1)) == "the hash is not whole");
            CHECK(fault_of(std::string(text) + "a") == "the hash is not whole");
        }
    }

    TEST_CASE("the keyed hash is SipHash-2-4-128: its authors' test vectors") {
        // vectors_sip128 of github.com/veorq/SipHash: the key is 00 01 ... 0f, the text 00 01 ...
        const http::hash_key key{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};
        std::string text;
        CHECK(http::keyed_hash(key, text) ==
              http::hash_value{0xe6a825ba047f81a3U, 0x930255c71472f66dU});
        text += '\0';
        CHECK(http::keyed_hash(key, text) ==
              http::hash_value{0x44af996bd8c187daU, 0x45fc229b11597634U});
        for (char byte = 1; byte < 15; ++byte) {
            text += byte;
        }
        CHECK(http::keyed_hash(key, text) ==
              http::hash_value{0x11a8b03399e99354U, 0xd9c3cf970fec087eU});
    }

    TEST_CASE("two keys of a process differ") {
        CHECK(http::make_hash_key() != http::make_hash_key());
    }

    TEST_CASE("a cache keeps what is in its bounds of number and time") {
        const time_point now{1'000h};
        http::credential_cache cache(32, 60s);
        const http::basic_credentials first{.user = "a", .password = "bc"};
        CHECK_FALSE(cache.contains(first, now));
        cache.add(first, now);
        CHECK(cache.contains(first, now + 59s));
        CHECK_FALSE(cache.contains({.user = "ab", .password = "c"}, now));
        CHECK_FALSE(cache.contains({.user = "a", .password = "b"}, now));
        CHECK_FALSE(cache.contains(first, now + 60s));
        CHECK(cache.size() == 0);
        for (int number = 0; number < 1'000; ++number) {
            cache.add({.user = std::to_string(number), .password = "x"}, now);
            cache.add({.user = std::to_string(number), .password = "x"}, now);
        }
        CHECK(cache.size() == 32);
        CHECK(cache.contains({.user = "999", .password = "x"}, now));
    }
}

}  // namespace rouse::test
