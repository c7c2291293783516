#pragma once

#include <string_view>

namespace rouse::server {

/// What a browser sees at `/`: what this is, and a link to everything else. No outside resources.
inline constexpr std::string_view index_html = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>roused</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; color: #222; background: #fff; }
code { font-size: .95em; background: #f2f2f2; padding: .1em .3em; border-radius: 3px; }
td { padding: .2rem 1.2rem .2rem 0; vertical-align: top; }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818; } code { background: #2a2a2a; } a { color: #8ab4f8; } }
</style>
</head>
<body>
<h1>roused</h1>
<p>An echo and HTTP server on io_uring: completions wake tasks, and a single-threaded executor polls only what was woken.</p>
<table>
<tr><td><a href="/plaintext"><code>/plaintext</code></a></td><td>Hello, World!</td></tr>
<tr><td><a href="/json"><code>/json</code></a></td><td>the same as JSON</td></tr>
<tr><td><a href="/anything?q=1"><code>/anything</code></a></td><td>your request back as JSON, any known method</td></tr>
<tr><td><a href="/status/418"><code>/status/{code}</code></a></td><td>a response with that status</td></tr>
<tr><td><a href="/delay/250"><code>/delay/{ms}</code></a></td><td>answers after so many milliseconds</td></tr>
<tr><td><a href="/bytes/1000"><code>/bytes/{n}</code></a></td><td>n bytes, streamed, up to 1 GiB</td></tr>
<tr><td><code>POST /echo</code></td><td>the body, streamed back as it comes</td></tr>
<tr><td><code>POST /upload</code></td><td>counts the bytes of the body</td></tr>
<tr><td><a href="/healthz"><code>/healthz</code></a></td><td>ok, while this serves</td></tr>
</table>
</body>
</html>
)";

}  // namespace rouse::server
