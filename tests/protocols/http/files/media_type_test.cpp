#include "protocols/http/files/media_type.hpp"

#include <string>

#include <doctest/doctest.h>

#include "protocols/http/files/media_type_table.hpp"
#include "protocols/http/header_field.hpp"

using namespace rouse::http;

TEST_SUITE_BEGIN("protocols/http/files/media_type");

TEST_CASE("the extension is behind the last dot of the last segment") {
    CHECK(extension_of("a/b.html") == "html");
    CHECK(extension_of("b.tar.gz") == "gz");
    CHECK(extension_of("a.d/b") == "");
    CHECK(extension_of("b.") == "");
    CHECK(extension_of("") == "");
    CHECK(extension_of(".html") == "");
    CHECK(extension_of("a/.html") == "");
    CHECK(extension_of(".a.html") == "html");
    CHECK(extension_of("..html") == "html");
}

TEST_CASE("the types of the web are there") {
    const media_types types;
    CHECK(types.of("index.html") == "text/html; charset=utf-8");
    CHECK(types.of("a/b/main.JS") == "text/javascript; charset=utf-8");
    CHECK(types.of("main.mjs") == "text/javascript; charset=utf-8");
    CHECK(types.of("x.css") == "text/css; charset=utf-8");
    CHECK(types.of("x.wasm") == "application/wasm");
    CHECK(types.of("x.json") == "application/json");
    CHECK(types.of("x.js.map") == "application/json");
    CHECK(types.of("x.webmanifest") == "application/manifest+json");
    CHECK(types.of("x.avif") == "image/avif");
    CHECK(types.of("x.svg") == "image/svg+xml");
    CHECK(types.of("x.woff2") == "font/woff2");
    CHECK(types.of("x.mp4") == "video/mp4");
    CHECK(types.of("x.Mp3") == "audio/mpeg");
    CHECK(types.of("x.md") == "text/markdown; charset=utf-8");
    CHECK(types.of("x.csv") == "text/csv; charset=utf-8");
    CHECK(types.of("x.pdf") == "application/pdf");
    CHECK(types.of("x.zip") == "application/zip");
    CHECK(types.of("x.zst") == "application/zstd");
}

TEST_CASE("what nobody knows is bytes") {
    const media_types types;
    for (const char* path : {"", "Makefile", "x.", ".html", "x.unknown", "x.htmlx", "x.htm ",
                             "x.abcdefghijklmnopqrstuvwxyz", "x.html/", "x.\xc3\xa9"}) {
        CAPTURE(path);
        CHECK(types.of(path) == media_type_default);
    }
    CHECK(builtin_media_type("").empty());
    CHECK(builtin_media_type("unknown").empty());
    CHECK(builtin_media_type("HTML") == "text/html; charset=utf-8");
}

TEST_CASE("every row is found, stands safely in a header, and text says its charset") {
    CHECK(detail::media_type_table.size() >= 120);
    for (const detail::media_type_row& row : detail::media_type_table) {
        CAPTURE(row.extension);
        CHECK(builtin_media_type(row.extension) == row.media_type);
        CHECK(row.extension.size() <= extension_bytes_max);
        CHECK(is_valid({.name = "Content-Type", .value = row.media_type}));
        CHECK(row.media_type.starts_with("text/") == row.media_type.ends_with("; charset=utf-8"));
        media_types types;
        CHECK(types.add(row.extension, row.media_type));
    }
}

TEST_CASE("the configuration adds types and replaces them") {
    media_types types;
    CHECK(types.add("XYZ", "application/x-xyz"));
    CHECK(types.add("html", "text/html"));
    CHECK(types.add("aaa", "text/plain; charset=iso-8859-1"));
    CHECK(types.of("a.xyz") == "application/x-xyz");
    CHECK(types.of("a.Xyz") == "application/x-xyz");
    CHECK(types.of("a.html") == "text/html");
    CHECK(types.of("a.aaa") == "text/plain; charset=iso-8859-1");
    CHECK(types.of("a.css") == "text/css; charset=utf-8");
    CHECK(types.add("xyz", "application/x-other"));
    CHECK(types.of("a.xyz") == "application/x-other");
}

TEST_CASE("what is no extension or no type is not added") {
    media_types types;
    for (const char* extension : {"", ".html", "a b", "a/b", "a\r\n", "abcdefghijklmnopq"}) {
        CAPTURE(extension);
        CHECK_FALSE(types.add(extension, "text/plain"));
    }
    for (const char* type : {"", "text", "/", "text/", "/plain", "te xt/plain", "text/pl\xc3\xa9in",
                             "text/plain\r\nX: y", "text/plain;\x01", "text/ plain"}) {
        CAPTURE(type);
        CHECK_FALSE(types.add("x", type));
    }
    CHECK(types.of("a.x") == media_type_default);
}

TEST_CASE("the number of added types has a bound, replacing has none") {
    media_types types;
    for (std::size_t count = 0; count < media_types_added_max; ++count) {
        REQUIRE(types.add("e" + std::to_string(count), "text/plain"));
    }
    CHECK_FALSE(types.add("more", "text/plain"));
    CHECK(types.add("e7", "text/html"));
    CHECK(types.of("x.e7") == "text/html");
    CHECK(types.of("x.e1023") == "text/plain");
}

TEST_CASE("text is worth compressing, and what is compressed is not") {
    for (const char* type :
         {"text/html; charset=utf-8", "TEXT/PLAIN", "text/event-stream", "application/json",
          "application/ld+json", "application/Atom+XML", "image/svg+xml", "application/wasm",
          "application/xml;charset=utf-8", "font/ttf", "application/manifest+json", "image/bmp"}) {
        CAPTURE(type);
        CHECK(is_compressible(type));
    }
    for (const char* type :
         {"", "application/octet-stream", "image/png", "image/jpeg", "video/mp4", "font/woff2",
          "application/zip", "application/gzip", "application/pdf", "audio/mpeg",
          "model/vnd.usdz+zip", "x-text/html", "application/jsonp", "json", "xtext/"}) {
        CAPTURE(type);
        CHECK_FALSE(is_compressible(type));
    }
}

TEST_SUITE_END();
