#include <string>

#include "tests/server/site_problem.hpp"

using namespace rouse::server;

TEST_SUITE_BEGIN("server/site_rules");

TEST_CASE("a wrong rule is named with its place") {
    for (const wrong_keys& each : {
             wrong_keys{
                 "cache_control = [ { match = \"a\", value = \"no-cache\" } ]",
                 "3:19: site.cache_control: \"a\" is no pattern: want one such as "
                 "\"/assets/*\", \"*.css\" or \"/index.html\", with at most one *, and up to 256 "
                 "bytes of pattern and of value"},
             wrong_keys{
                 "cache_control = [ { match = \"*\", value = \"no cache\" } ]",
                 "3:19: site.cache_control: \"no cache\" is no Cache-Control: want directives "
                 "such as \"public, max-age=3600\""},
             wrong_keys{"cache_control = [ { match = \"*\" } ]",
                        "3:19: site.cache_control: has no value"},
             wrong_keys{"cache_control = [ { mtch = \"*\", value = \"no-cache\" } ]",
                        "3:21: unknown key \"mtch\" in site.cache_control (did you mean match?)\n"
                        "3:19: site.cache_control: has no match"},
             wrong_keys{"cache_control = [ 1 ]",
                        "3:19: site.cache_control: 1 is a value of the wrong type (integer): want "
                        "{ match, value }"},
             wrong_keys{
                 "types = { \"a.b\" = \"text/plain\" }",
                 "3:19: site.types: \"a.b\" = \"text/plain\": want an extension of up to 16 "
                 "letters and digits and a media type such as \"text/x-log; charset=utf-8\""},
             wrong_keys{
                 "types = { log = \"plain\" }",
                 "3:17: site.types: \"log\" = \"plain\": want an extension of up to 16 letters "
                 "and digits and a media type such as \"text/x-log; charset=utf-8\""},
             wrong_keys{"types = { log = \"a/b\", \".LOG\" = \"a/b\" }",
                        "3:33: site.types: \".LOG\" is there twice"},
             wrong_keys{
                 "redirects = [ { from = \"a\", to = \"/b\" } ]",
                 "3:15: site.redirects: rule a -> /b: not a route pattern: want /literal, /{name} "
                 "or a last /{name...}"},
             wrong_keys{
                 "redirects = [ { from = \"/a\", to = \"/{b}\" } ]",
                 "3:15: site.redirects: rule /a -> /{b}: {b} is no parameter of the pattern"},
             wrong_keys{"redirects = [ { from = \"/a\", to = \"/b\", status = 305 } ]",
                        "3:15: site.redirects: rule /a: status 305: 301, 302, 303, 307 or 308"},
             wrong_keys{
                 "redirects = [ { from = \"/a\", to = \"/b\", status = 200 } ]",
                 "3:50: site.redirects.status: 200 is out of range: want a whole number from 301 "
                 "to 308"},
             wrong_keys{
                 "rewrites = [ { from = \"/a\", to = \"https://b/\" } ]",
                 "3:14: site.rewrites: rule /a -> https://b/: a target is a path, or http:// or "
                 "https:// with a host and no parameter in it"},
             wrong_keys{"rewrites = [ { from = \"/a\" } ]", "3:14: site.rewrites: has no to"},
             wrong_keys{"redirect_to_host = { scheme = \"https\" }",
                        "3:20: site.redirect_to_host: has no host"},
             wrong_keys{"redirect_to_host = { host = \"a/b\" }",
                        "3:20: site.redirect_to_host: \"a/b\" is no host"},
             wrong_keys{"redirect_to_host = { host = \"a\", scheme = \"ftp\" }",
                        "3:20: site.redirect_to_host: the scheme is http or https"},
             wrong_keys{"redirect_to_host = { host = \"a\", status = 305 }",
                        "3:20: site.redirect_to_host: status 305: 301, 302, 303, 307 or 308"},
             wrong_keys{"redirect_to_host = { host = \"a\", except_paths = [\"b\"] }",
                        "3:20: site.redirect_to_host: \"b\" is no path"},
             wrong_keys{"redirect_to_host = \"a\"",
                        "3:20: site.redirect_to_host: 'a' is a value of the wrong type (string): "
                        "want a table such as { host = \"example.org\" }"},
             wrong_keys{"trailing_slash = \"ad\"",
                        "3:18: site.trailing_slash: \"ad\" is none of \"off\", \"add\" and "
                        "\"remove\""},
             wrong_keys{"error_pages = { 399 = \"a\" }",
                        "3:23: site.error_pages: \"399\" is no status: want one from 400 to 599, "
                        "\"4xx\" or \"5xx\""},
             wrong_keys{"error_pages = { 404 = \"\" }",
                        "3:23: site.error_pages.404: \"\" is empty: want a file below the root"},
         }) {
        CAPTURE(each.keys);
        CHECK(problem_of(each.keys) == each.problem);
    }
}

TEST_CASE("a wrong part of the middleware is named with its place") {
    for (const wrong_keys& each : {
             wrong_keys{"security_headers = { frame_option = \"DENY\" }",
                        "3:22: unknown key \"frame_option\" in site.security_headers (did you mean "
                        "frame_options?)"},
             wrong_keys{"security_headers = { strict_transport_security = \"on\" }",
                        "3:50: site.security_headers.strict_transport_security: "
                        "Strict-Transport-Security: needs max-age=SECONDS"},
             wrong_keys{
                 "security_headers = 1",
                 "3:20: site.security_headers: 1 is a value of the wrong type (integer): want "
                 "true, false or a table of headers"},
             wrong_keys{"cors = { }", "3:8: site.cors: has no origins"},
             wrong_keys{"cors = { origins = [\"app.example\"] }",
                        "3:8: site.cors: origin \"app.example\": write it as https://host or "
                        "https://host:port"},
             wrong_keys{"cors = { origins = [\"*\"], credentials = true }",
                        "3:8: site.cors: origins: \"*\" does not go with credentials; name them"},
             wrong_keys{
                 "cors = { origins = [\"*\"], max_age = \"25h\" }",
                 "3:37: site.cors.max_age: \"25h\" is out of range: want a duration from 0s to "
                 "24h in ms, s, m or h"},
             wrong_keys{"rate_limit = { burst = 1 }",
                        "3:14: site.rate_limit: has no requests_per_second"},
             wrong_keys{
                 "rate_limit = { requests_per_second = 0 }",
                 "3:38: site.rate_limit.requests_per_second: 0 is out of range: want a whole "
                 "number from 1 to 1000000000"},
             wrong_keys{
                 "rate_limit = 10",
                 "3:14: site.rate_limit: 10 is a value of the wrong type (integer): want a table "
                 "such as { requests_per_second = 10, burst = 20 }"},
             wrong_keys{"basic_auth = { realm = \"a\" }",
                        "3:14: site.basic_auth: has neither users nor a users_file"},
             wrong_keys{"basic_auth = { users = { ann = \"open sesame\" } }",
                        "3:32: site.basic_auth.users: \"ann\": not a hash, or one of the old DES "
                        "formats: use htpasswd -B or mkpasswd"},
             wrong_keys{"basic_auth = { users = { ann = \"(hidden)\" } }",
                        "3:32: site.basic_auth.users: \"ann\": (hidden) stands for a hash that "
                        "--print-config does not show: write the hash itself, or use users_file"},
             wrong_keys{"basic_auth = { paths = [\"a\"], users = { ann = "
                        "\"$2y$05$iACVkgp/fIPT6rJEOfMXceOwW1Y724Y7ixpepcRn9vg84M/wZ2iES\" } }",
                        "3:14: site.basic_auth: path \"a\": begins with no slash"},
         }) {
        CAPTURE(each.keys);
        CHECK(problem_of(each.keys) == each.problem);
    }
}

TEST_CASE("no message shows what may be a password") {
    CHECK_FALSE(problem_of("basic_auth = { users = { ann = \"sesame\" } }").contains("sesame"));
    CHECK_FALSE(problem_of("basic_auth = { users = { ann = 31415 } }").contains("31415"));
}

TEST_SUITE_END();
