"""What curl users do with a site."""

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import site_tree
from checks import Checks, Skipped, require, run
from site_tree import EMPTY_PATH, HIDDEN_PATHS, LISTED_FOLDER, SECRET, TEXT_PATH, url_of

PAPER_PATH = "docs/paper.pdf"
# Each would lead out of the root, or to what is hidden in it.
TRAVERSALS = ("/../secret.txt", "/docs/../../secret.txt", "/%2e%2e/secret.txt",
              "/docs/..%2f..%2fsecret.txt", "/docs/%2e%2e/%2e%2e/secret.txt", "//../secret.txt",
              "/docs/..%5c..%5csecret.txt", "/docs/....//....//secret.txt", "/%00/../secret.txt",
              "/..%c0%af..%c0%afsecret.txt")
LAST_STATUS = re.compile(rb"^HTTP/1\.[01] (\d+)[^\r]*\r\n")


@dataclass
class Answer:
    """The last answer that curl got: its status, its headers by lower-case name, its content."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """Where the files are served, and a folder for what curl writes."""

    base: str
    root: Path
    files: dict[str, bytes]
    scratch: Path


def curl(*arguments: str, code: int = 0) -> bytes:
    return run(["curl", "--silent", "--show-error", "--noproxy", "*", *arguments], code)


def ask(*arguments: str) -> Answer:
    """curl's answer with its head, as it came."""
    text = curl("--include", "--raw", *arguments)
    head, _, body = text.partition(b"\r\n\r\n")
    status = LAST_STATUS.match(head + b"\r\n")
    require(status, f"not an answer: {text[:200]!r}")
    assert status is not None
    lines = [line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:]]
    return Answer(int(status[1]), {name.lower(): value for name, _, value in lines}, body)


def get_all(site: Site) -> str:
    for path, content in site.files.items():
        answer = ask(url_of(site.base, path))
        require(answer.status == 200 and answer.body == content,
                f"{path}: status {answer.status}, {len(answer.body)} of {len(content)} bytes")
        require(answer.headers.get("content-length") == str(len(content)), f"{path}: its length")
        require(answer.headers.get("etag") and answer.headers.get("last-modified"),
                f"{path}: no validators")
        fault = site_tree.type_fault(path, answer.headers.get("content-type", ""))
        require(not fault, fault)
    return f"{len(site.files)} files"


def head_all(site: Site) -> str:
    for path, content in site.files.items():
        got, headed = ask(url_of(site.base, path)), ask("--head", url_of(site.base, path))
        for each in (got, headed):
            each.headers.pop("date", None)
        require(headed.status == 200 and headed.headers == got.headers,
                f"{path}: {headed.headers} and {got.headers}")
        require(not headed.body and headed.headers["content-length"] == str(len(content)),
                f"{path}: {len(headed.body)} bytes of content")
    return f"{len(site.files)} files"


def resume(site: Site) -> str:
    whole = site.files[PAPER_PATH]
    for have in (1, 1000, len(whole) - 1):
        part = site.scratch / "part"
        part.write_bytes(whole[:have])
        told = curl("--continue-at", "-", "--output", str(part), "--write-out",
                    "%{http_code} %{size_download}", url_of(site.base, PAPER_PATH)).decode()
        require(told == f"206 {len(whole) - have}", f"from {have}: {told}")
        require(part.read_bytes() == whole, f"from {have}: other content")
    return "from 3 places"


def etags(site: Site) -> None:
    tag, copy = site.scratch / "tag", site.scratch / "copy"
    url, path = url_of(site.base, "changes.txt"), site.root / "changes.txt"
    path.write_bytes(b"before\n")
    told = ["--output", str(copy), "--write-out", "%{http_code}", "--etag-compare", str(tag),
            "--etag-save", str(tag), url]
    tag.write_bytes(b"")
    try:
        require(curl(*told) == b"200" and copy.read_bytes() == b"before\n", "the first time")
        saved = tag.read_bytes()
        require(b'"' in saved, f"no tag but {saved!r}")
        require(curl(*told) == b"304", "not 304 with the tag of this very file")
        path.write_bytes(b"afterwards\n")
        run(["sleep", "1.1"])  # A server may trust what it knows of a file for a second.
        require(curl(*told) == b"200" and copy.read_bytes() == b"afterwards\n",
                "a changed file")
        require(tag.read_bytes() != saved, "the tag of a changed file is that of the old one")
    finally:
        path.unlink()


def modified(site: Site) -> None:
    url, path = url_of(site.base, TEXT_PATH), site.root / TEXT_PATH
    require(ask("--time-cond", str(path), url).status == 304, "not 304 with the file's own time")
    require(ask("--time-cond", "2001-01-01", url).status == 200, "not 200 with an earlier time")


def ranges(site: Site) -> str:
    whole, url = site.files[PAPER_PATH], url_of(site.base, PAPER_PATH)
    size = len(whole)
    wanted = {"0-0": (0, 1), "0-99": (0, 100), "100-": (100, size), "-100": (size - 100, size),
              f"{size - 1}-{size + 5}": (size - 1, size), f"-{size + 5}": (0, size)}
    for text, (first, end) in wanted.items():
        answer = ask("--range", text, url)
        require(answer.status == 206 and answer.body == whole[first:end],
                f"{text}: status {answer.status}, {len(answer.body)} bytes")
        require(answer.headers.get("content-range") == f"bytes {first}-{end - 1}/{size}",
                f"{text}: {answer.headers.get('content-range')}")
    beyond = ask("--range", f"{size}-", url)
    require(beyond.status == 416 and beyond.headers.get("content-range") == f"bytes */{size}",
            f"beyond the end: status {beyond.status}, {beyond.headers.get('content-range')}")
    tag = ask("--head", url).headers["etag"]
    same = ask("--range", "5-9", "--header", f"If-Range: {tag}", url)
    other = ask("--range", "5-9", "--header", 'If-Range: "other"', url)
    require((same.status, other.status) == (206, 200), f"If-Range: {same.status}, {other.status}")
    return f"{len(wanted)} ranges, one beyond the end, If-Range"


def several_ranges(site: Site) -> None:
    whole = site.files[PAPER_PATH]
    answer = ask("--range", "0-9,500-519,-7", url_of(site.base, PAPER_PATH))
    kind = re.fullmatch(r'multipart/byteranges; ?boundary="?([^"]+)"?',
                        answer.headers.get("content-type", ""))
    require(answer.status == 206 and kind, f"status {answer.status}, {answer.headers}")
    assert kind is not None
    parts = answer.body.split(b"--" + kind[1].encode())
    require(len(parts) == 5 and parts[4].strip() == b"--", f"{len(parts)} parts")
    for part, (first, end) in zip(parts[1:4], ((0, 10), (500, 520), (len(whole) - 7, len(whole)))):
        head, _, body = part.partition(b"\r\n\r\n")
        require(f"bytes {first}-{end - 1}/{len(whole)}".encode() in head, f"{head!r}")
        require(body == whole[first:end] + b"\r\n", f"bytes {first} to {end}: other content")


def compressed(site: Site) -> str:
    url, whole = url_of(site.base, TEXT_PATH), site.files[TEXT_PATH]
    told = []
    for coding in ("br", "zstd", "gzip"):
        answer = ask("--header", f"Accept-Encoding: {coding}", url)
        if answer.headers.get("content-encoding") != coding:
            continue
        require("accept-encoding" in answer.headers.get("vary", "").lower(), f"{coding}: no Vary")
        got = curl("--compressed", "--header", f"Accept-Encoding: {coding}", url)
        require(got == whole, f"{coding}: other content when it is decoded")
        told.append(f"{coding} {len(answer.body):,} bytes of {len(whole):,}")
    require(curl("--compressed", url) == whole, "what curl itself asks for")
    refused = ask("--header", "Accept-Encoding: br;q=0, zstd;q=0, gzip;q=0", url)
    require("content-encoding" not in refused.headers, "a coding that is refused")
    if not told:
        raise Skipped("this server offers no coding")
    return ", ".join(told)


def folders(site: Site) -> None:
    moved = ask(f"{site.base}/docs?a=b")
    where = moved.headers.get("location", "")
    require(moved.status in (301, 302, 307, 308) and re.search(r"/docs/(\?a=b)?$", where),
            f"a folder without its slash: status {moved.status} to {where!r}")
    require(curl("--location", f"{site.base}/docs") == site.files["docs/index.html"], "its index")
    require(ask(f"{site.base}/nothing.txt").status == 404, "what is not there")
    require(ask(f"{site.base}/index.html/more").status == 404, "a file taken for a folder")


def listing(site: Site) -> None:
    answer = ask(f"{site.base}/{LISTED_FOLDER}")
    require(answer.status == 200 and b"<html" in answer.body.lower(), f"status {answer.status}")
    require(b"<b>" not in answer.body, "a name is shown as markup")
    require(ask(f"{site.base}/docs/0/").body.count(b"<a ") >= 1, "a folder with one folder in it")


def refusals(site: Site) -> str:
    for path in TRAVERSALS:
        answer = ask("--path-as-is", site.base + path)
        require(answer.status >= 400 and SECRET not in answer.body, f"{path}: {answer.status}")
    for path in HIDDEN_PATHS:
        answer = ask(url_of(site.base, path))
        require(answer.status in (403, 404) and SECRET not in answer.body,
                f"{path}: {answer.status}")
    posted = ask("--data", "x", url_of(site.base, TEXT_PATH))
    require(posted.status == 405, f"POST to a file: {posted.status}")
    return f"{len(TRAVERSALS)} ways out, {len(HIDDEN_PATHS)} hidden names"


def old_and_reused(site: Site) -> None:
    url = url_of(site.base, TEXT_PATH)
    old = ask("--http1.0", url)
    require(old.status == 200 and old.body == site.files[TEXT_PATH], "HTTP/1.0")
    many = [url_of(site.base, EMPTY_PATH), url] * 5
    told = curl("--write-out", "%{stderr}%{num_connects} ", *many)
    require(told == site.files[TEXT_PATH] * 5, "ten files on one connection")


def check_fallback(checks: Checks, site: Site) -> None:
    """For a server that was started with a fallback."""
    def body() -> None:
        deep = ask(f"{site.base}/app/some/place")
        require(deep.status == 200 and deep.body == site.files["index.html"],
                f"a place of an application: {deep.status}")
        require(ask(url_of(site.base, TEXT_PATH)).body == site.files[TEXT_PATH], "a file")
    checks.check("curl: a place of a one-page application gets its page", body)


def check_curl(checks: Checks, site: Site) -> None:
    for name, body in (
            ("GET of every file, byte-exact, typed", get_all),
            ("HEAD of every file is its GET without content", head_all),
            ("-C - resumes", resume), ("--etag-compare and --etag-save", etags),
            ("--time-cond", modified), ("--range", ranges),
            ("--range with several ranges", several_ranges), ("--compressed", compressed),
            ("folders, indexes, what is not there", folders), ("a listing", listing),
            ("nothing outside or hidden is served", refusals),
            ("HTTP/1.0, and many files on one connection", old_and_reused)):
        checks.check(f"curl: {name}", partial(body, site))
