"""A server of files that does nothing right, so that every check has something to find."""

import html
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(sys.argv[1])
# Types without which a page does not even begin; all else is plain text.
TYPES = {".html": "text/html", ".js": "text/javascript", ".wav": "audio/wav"}
# From here on content has a wrong byte.
SPOILT_FROM_BYTES = 1000


class Spoilt(BaseHTTPRequestHandler):
    """Knows no range, no condition and no bound: neither of its root nor of its memory."""

    protocol_version = "HTTP/1.1"
    kept: list[bytes] = []

    def do_GET(self) -> None:
        path = Path(f"{ROOT}/{urllib.parse.unquote(self.path.partition('?')[0])}")
        if path.is_dir() and (path / "index.html").exists():
            path = path / "index.html"
        if path.is_dir():
            names = "".join(f'<a href="{html.escape(urllib.parse.quote(each.name))}">{each.name}'
                            "</a>\n" for each in path.iterdir())
            self.answer(200, "text/html", f"<html>{names}</html>".encode())
        elif path.exists():
            content = bytearray(path.read_bytes())
            if len(content) >= SPOILT_FROM_BYTES:
                content[-1] ^= 1
            self.answer(200, TYPES.get(path.suffix, "text/plain"), bytes(content))
        else:
            self.answer(404, "text/plain", b"nothing\n")

    do_HEAD = do_POST = do_GET

    def answer(self, status: int, kind: str, content: bytes) -> None:
        self.kept.append(content)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if self.headers.get("Accept-Encoding") == "gzip":
            self.send_header("Content-Encoding", "gzip")
        if self.command == "HEAD":
            content = b""
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Server(ThreadingHTTPServer):
    """Does not tell of clients that leave."""

    def handle_error(self, request: object, client_address: object) -> None:
        del request, client_address


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Spoilt)
    print(f"spoilt listening protocol=http transport=tcp address=127.0.0.1:{server.server_port}",
          flush=True)
    server.serve_forever()
