"""What a browser does with a site: a page with its assets, and audio that is sought in."""

import json
import re

from browser import Browser, Message
from checks import Checks, require
from curl_checks import Site
from font import ADVANCE, UNITS
from site_tree import AUDIO_PATH, AUDIO_SECONDS, LISTED_FOLDER

PAGE_SECONDS_MAX = 20
FONT_PIXELS = 20
# Where the audio is sought: far behind what is read ahead.
SOUGHT_SECONDS = AUDIO_SECONDS - 10
PLAYED_SECONDS = 0.5

LOADED = f"""new Promise((resolve, reject) => {{
    const end = Date.now() + {PAGE_SECONDS_MAX * 1000};
    (function look() {{
        if (document.body && document.body.dataset.done) resolve({{...document.body.dataset}});
        else if (Date.now() > end) reject(new Error("not done: " + document.readyState));
        else setTimeout(look, 20);
    }})();
}})"""
# Each step waits for its event, and rejects when the element says that something is wrong.
SEEK = f"""(async () => {{
    const tone = document.getElementById("tone");
    const next = (name) => new Promise((resolve, reject) => {{
        tone.addEventListener(name, resolve, {{once: true}});
        tone.addEventListener("error", () => reject(new Error(tone.error.message)), {{once: true}});
        setTimeout(() => reject(new Error("no " + name)), {PAGE_SECONDS_MAX * 1000});
    }});
    if (tone.readyState < 1) await next("loadedmetadata");
    const seekable = tone.seekable.length ? tone.seekable.end(0) : 0;
    const sought = next("seeked");
    tone.currentTime = {SOUGHT_SECONDS};
    await sought;
    const at = tone.currentTime;
    await tone.play();
    while (tone.currentTime < at + {PLAYED_SECONDS}) await next("timeupdate");
    tone.pause();
    return {{duration: tone.duration, seekable, at, played: tone.currentTime - at}};
}})()"""


def open_page(browser: Browser, url: str) -> None:
    went = browser.call("Page.navigate", {"url": url})
    require("errorText" not in went, f"{url}: {went.get('errorText')}")


def page(browser: Browser, site: Site) -> str:
    open_page(browser, f"{site.base}/")
    told = browser.evaluate(LOADED)
    expected = {"name": "\u00fcber uns", "answer": "42", "images": "16,20",
                "colour": "rgb(1, 2, 3)", "font": str(ADVANCE * FONT_PIXELS // UNITS),
                "done": "yes"}
    require(told == expected, f"the page found {told}, and not {expected}")
    answers = [each["response"] for each in browser.of("Network.responseReceived")]
    bad = [f"{each['url']}: {each['status']}" for each in answers
           if each["status"] not in (200, 206, 304)]
    failed = [each["errorText"] for each in browser.of("Network.loadingFailed")
              if not each.get("canceled")]
    require(not bad and not failed, f"{bad} {failed}")
    require(not browser.complaints(), "; ".join(browser.complaints()))
    kinds = {each["type"] for each in browser.of("Network.responseReceived")}
    needed = {"Document", "Stylesheet", "Script", "Image", "Font", "Fetch", "Media"}
    require(needed <= kinds, f"not loaded: {needed - kinds}")
    return f"{len(answers)} answers: {', '.join(sorted(kinds))}"


def header(answer: Message, name: str) -> str:
    return next((str(value) for key, value in answer["headers"].items()
                 if key.lower() == name), "")


def audio(browser: Browser, site: Site) -> str:
    told = browser.evaluate(SEEK)
    require(abs(told["duration"] - AUDIO_SECONDS) < 0.1, f"it lasts {told['duration']} s")
    require(abs(told["at"] - SOUGHT_SECONDS) < 0.1, f"sought to {told['at']} s")
    require(told["played"] >= PLAYED_SECONDS, f"played {told['played']} s")
    size = len(site.files[AUDIO_PATH])
    answers = [each["response"] for each in browser.of("Network.responseReceived")
               if each["response"]["url"].endswith(AUDIO_PATH)]
    parts = [re.fullmatch(rf"bytes (\d+)-(\d+)/{size}", header(each, "content-range"))
             for each in answers if each["status"] == 206]
    starts = [int(part[1]) for part in parts if part]
    # A little earlier is as good: a decoder begins where it likes.
    require(any(start > size * (SOUGHT_SECONDS - 20) / AUDIO_SECONDS for start in starts),
            f"no range request near the end: {starts} of {size:,}, {len(answers)} answers")
    require(not browser.complaints(), "; ".join(browser.complaints()))
    return (f"played {told['played']:.1f} s from {told['at']:g} s; ranges from bytes "
            f"{', '.join(f'{start:,}' for start in starts)} of {size:,}")


def reload_from_cache(browser: Browser, site: Site) -> str:
    """A second visit asks with validators, and gets 304 for what it keeps."""
    seen = len(browser.of("Network.responseReceived"))
    browser.call("Page.reload")
    browser.evaluate(LOADED)
    # Chromium tells 304 only beside the answer that it made of it.
    told = browser.of("Network.responseReceivedExtraInfo")
    unchanged = sum(1 for each in told if each["statusCode"] == 304)
    require(unchanged > 0 and len(browser.of("Network.responseReceived")) > seen,
            "a reload has no 304")
    return f"{unchanged} answers 304"


def listing(browser: Browser, site: Site) -> str:
    open_page(browser, f"{site.base}/{LISTED_FOLDER}")
    links = browser.evaluate(
        "new Promise((done) => document.readyState === 'complete' ? done() : "
        "addEventListener('load', done)).then(() => [...document.links].map((each) => each.href))")
    of_files = [link for link in links if f"/{LISTED_FOLDER}" in link and "?" not in link
                and not link.endswith("/")]
    # From another page: what a listing may load can be forbidden by its Content-Security-Policy.
    open_page(browser, f"{site.base}/")
    browser.evaluate(LOADED)
    names = browser.evaluate("Promise.all(" + json.dumps(of_files)
                             + ".map(async (each) => (await fetch(each)).status))")
    expected = sum(1 for path in site.files if path.startswith(LISTED_FOLDER)
                   and path.count("/") == 1)
    require(names == [200] * expected, f"{names} for {expected} files")
    return f"{expected} links"


def check_browser(checks: Checks, site: Site) -> None:
    opened: list[Browser] = []

    def within(body: object) -> str:
        if not opened:
            opened.append(Browser())
        return body(opened[0], site)  # type: ignore[operator, no-any-return]

    try:
        for name, body in (("a page with its assets loads without a complaint", page),
                           ("an audio element seeks by a range request, and plays", audio),
                           ("a reload is answered with 304", reload_from_cache),
                           ("the links of a listing work", listing)):
            checks.check(f"chromium: {name}", lambda body=body: within(body))
    finally:
        for browser in opened:
            browser.close()
