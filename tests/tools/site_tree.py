"""A site as people have them, made afresh: pages, assets, odd names, media, and what is hidden."""

import json
import os
import random
import struct
import zlib
from pathlib import Path
from urllib.parse import quote

import font

AUDIO_RATE = 48_000
# More than a browser reads ahead, so that a seek to its end needs a request of its own.
AUDIO_SECONDS = 120
AUDIO_PATH = "media/tone.wav"
LISTED_FOLDER = "listed/"
TEXT_PATH = "text/long.txt"
EMPTY_PATH = "text/empty.txt"
SECRET = b"not for anybody\n"
# Below the root, and not to be served.
HIDDEN_PATHS = (".hidden", ".git/config", "leads-out.txt", "leads-out/secret.txt")

# Types that browsers insist on, or that readers would notice; text with its charset.
TYPES = {
    ".html": ("text/html",), ".css": ("text/css",), ".js": ("text/javascript",
                                                            "application/javascript"),
    ".png": ("image/png",), ".svg": ("image/svg+xml",), ".ttf": ("font/ttf",),
    ".json": ("application/json",), ".wav": ("audio/wav", "audio/x-wav", "audio/wave"),
    ".txt": ("text/plain",), ".pdf": ("application/pdf",),
}

STYLE = """@font-face { font-family: "Made"; src: url("../fonts/made.ttf"); }
body { color: rgb(1, 2, 3); background: url("../images/dots%20and%20more.png"); }
#measure { font: 20px "Made"; white-space: nowrap; position: absolute; }
"""
MODULE = """import { answer } from "./deep/answer.js";

const own = document.body.dataset;
const loaded = await fetch("/data/%C3%BCber%20uns.json");
own.name = (await loaded.json()).name;
own.answer = String(answer);
await document.fonts.load('20px "Made"', "A");
await Promise.all([...document.images].map((each) => each.decode()));
own.images = [...document.images].map((each) => each.naturalWidth).join(",");
own.font = String(document.getElementById("measure").getBoundingClientRect().width);
own.colour = getComputedStyle(document.body).color;
own.done = "yes";
"""
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>A site</title>
<link rel="icon" href="/images/icon.png"><link rel="stylesheet" href="/styles/page.css">
<script type="module" src="/scripts/page.js"></script></head>
<body><h1>A site</h1><span id="measure">A</span>
<img src="images/icon.png" alt=""><img src="images/shape.svg" alt="">
<audio id="tone" preload="metadata" src="{audio}"></audio>
<ul>
{links}
</ul></body></html>
"""


def picture(side: int) -> bytes:
    """A PNG of one colour, RGB."""
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (struct.pack(">L", len(content)) + kind + content
                + struct.pack(">L", zlib.crc32(kind + content)))
    rows = (b"\0" + b"\x20\x60\xa0" * side) * side
    form = struct.pack(">LLBBBBB", side, side, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", form)
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def audio() -> bytes:
    """A WAV file, 16 bits and two channels: noise of one second, again and again."""
    second = random.Random("audio").randbytes(AUDIO_RATE * 4)
    samples = second * AUDIO_SECONDS
    form = struct.pack("<HHLLHH", 1, 2, AUDIO_RATE, AUDIO_RATE * 4, 4, 16)
    return (b"RIFF" + struct.pack("<L", 36 + len(samples)) + b"WAVEfmt "
            + struct.pack("<L", len(form)) + form + b"data" + struct.pack("<L", len(samples))
            + samples)


def contents() -> dict[str, bytes]:
    """Every file but the first page, by its path."""
    words = random.Random("text")
    text = "".join(words.choice(("waker ", "ring ", "task\n", "poll ")) for _ in range(20_000))
    below = "/".join(str(number) for number in range(12))
    page = "<!DOCTYPE html><meta charset=\"utf-8\"><title>{0}</title><p>{0}</p>\n"
    return {
        "styles/page.css": STYLE.encode(), "scripts/page.js": MODULE.encode(),
        "scripts/deep/answer.js": b"export const answer = 42;\n",
        "images/icon.png": picture(16), "images/dots and more.png": picture(3),
        "images/shape.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10">'
                            b'<rect width="20" height="10"/></svg>\n',
        "fonts/made.ttf": font.font(),
        "data/\u00fcber uns.json": json.dumps({"name": "\u00fcber uns"}).encode(),
        AUDIO_PATH: audio(), TEXT_PATH: text.encode(), EMPTY_PATH: b"",
        "text/one byte.txt": b"1", "docs/index.html": page.format("docs").encode(),
        f"docs/{below}/end.html": page.format("deep").encode(),
        "docs/paper.pdf": random.Random("paper").randbytes(300_001),
        f"{LISTED_FOLDER}first.txt": b"first\n", f"{LISTED_FOLDER}100% & more #1?.txt": b"odd\n",
        f"{LISTED_FOLDER}\u65e5\u672c\u8a9e.txt": "\u65e5\u672c\u8a9e\n".encode(),
        f"{LISTED_FOLDER}<b>\"quoted\" & 'single'.txt": b"quoted\n",
        f"{LISTED_FOLDER}inner/index.html": page.format("inner").encode(),
        "no-extension": b"plain\n", "text/pi\u00f1ata.TXT": b"letters\n",
    }


def make_site(root: Path, outside: Path) -> dict[str, bytes]:
    """Writes it all; answers what is to be served, by path."""
    files = contents()
    # What is in the listed folder is for its listing to link.
    linked = [path for path in files if not path.startswith(LISTED_FOLDER)]
    links = "\n".join(f'<li><a href="/{quote(path)}">{number}</a></li>'
                      for number, path in enumerate([*linked, LISTED_FOLDER]))
    files["index.html"] = PAGE.format(audio=AUDIO_PATH, links=links).encode()
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    (outside / "secret.txt").write_bytes(SECRET)
    (root / ".hidden").write_bytes(SECRET)
    (root / ".git").mkdir()
    (root / ".git/config").write_bytes(SECRET)
    (root / "leads-out.txt").symlink_to(outside / "secret.txt")
    (root / "leads-out").symlink_to(outside)
    for number, path in enumerate(files):
        # In the past, and each at its own time.
        os.utime(root / path, (1_700_000_000 + number * 61,) * 2)
    return files


def url_of(base: str, path: str) -> str:
    return f"{base}/{quote(path)}"


def type_fault(path: str, given: str) -> str:
    """Why this Content-Type is not the path's, or an empty text."""
    known = TYPES.get(os.path.splitext(path)[1].lower())
    plain = given.partition(";")[0].strip().lower()
    return f"{path}: Content-Type {given!r}" if known and plain not in known else ""
