"""Chromium without a window, driven by its DevTools protocol over two pipes."""

import fcntl
import json
import os
import selectors
import shutil
import subprocess
import tempfile
import time
from typing import Any

from checks import CheckFailed, Skipped

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ANSWER_SECONDS_MAX = 60.0
# Above those that the shell and the browser take for themselves.
FIRST_DESCRIPTOR = 20
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
           "--no-first-run", "--disable-background-networking", "--disable-component-update",
           "--disable-sync", "--disable-extensions", "--no-proxy-server", "--mute-audio",
           "--autoplay-policy=no-user-gesture-required", "--remote-debugging-pipe", "about:blank")

Message = dict[str, Any]


def find_browser() -> str:
    for name in PROGRAMS:
        if path := shutil.which(name):
            return path
    raise Skipped("no Chromium here: apt-get install chromium")


class Browser:
    """One page of a browser of its own; every event that it tells is kept."""

    def __init__(self) -> None:
        program = find_browser()
        self.directory = tempfile.TemporaryDirectory(prefix="rouse-browser-",
                                                     ignore_cleanup_errors=True)
        to_browser, self.output = pipe_above()
        self.input, from_browser = pipe_above()
        # The protocol is spoken on descriptors 3 and 4.
        script = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        with open(os.path.join(self.directory.name, "log"), "wb") as log:
            self.process = subprocess.Popen(
                ["bash", "-c", script, "browser", program, f"--user-data-dir={self.directory.name}",
                 *OPTIONS],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=(to_browser, from_browser))
        os.close(to_browser)
        os.close(from_browser)
        self.buffered = b""
        self.last_number = 0
        self.session: str | None = None
        self.events: list[Message] = []
        try:
            target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
            self.session = self.call("Target.attachToTarget",
                                     {"targetId": target, "flatten": True})["sessionId"]
            for domain in ("Page", "Runtime", "Network", "Log"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        os.close(self.output)
        os.close(self.input)
        try:
            self.process.wait(5.0)  # It ends when its pipe does.
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.directory.cleanup()

    def call(self, method: str, parameters: Message | None = None) -> Message:
        """The result of one command; what comes before it is kept as events."""
        self.last_number += 1
        message: Message = {"id": self.last_number, "method": method, "params": parameters or {}}
        if self.session is not None:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + ANSWER_SECONDS_MAX
        while True:
            answer = self._next(end, method)
            if answer.get("id") != self.last_number:
                self.events.append(answer)
            elif "error" in answer:
                raise CheckFailed(f"the browser refuses {method}: {answer['error']}")
            else:
                return dict(answer["result"])

    def _next(self, end: float, method: str) -> Message:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.input, selectors.EVENT_READ)
            while b"\0" not in self.buffered:
                ready = waiting.select(max(0.0, end - time.monotonic()))
                got = os.read(self.input, 65_536) if ready else b""
                if not got:
                    why = "has ended" if ready else "does not answer"
                    raise CheckFailed(f"the browser {why}, during {method}")
                self.buffered += got
        message, _, self.buffered = self.buffered.partition(b"\0")
        return dict(json.loads(message))

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, awaited if it is a promise."""
        answer = self.call("Runtime.evaluate", {"expression": expression, "awaitPromise": True,
                                                "returnByValue": True, "userGesture": True})
        if "exceptionDetails" in answer:
            raise CheckFailed(f"in the page: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def of(self, method: str) -> list[Message]:
        """The parameters of all events of that name, of all pages so far."""
        return [event["params"] for event in self.events if event.get("method") == method]

    def complaints(self) -> list[str]:
        """What a developer would see in red."""
        said = [f"console: {call['args']}" for call in self.of("Runtime.consoleAPICalled")
                if call["type"] in ("error", "assert")]
        said += [f"exception: {each['exceptionDetails']}"
                 for each in self.of("Runtime.exceptionThrown")]
        said += [f"log: {each['entry']['text']} {each['entry'].get('url', '')}"
                 for each in self.of("Log.entryAdded") if each["entry"]["level"] == "error"]
        return said


def pipe_above() -> tuple[int, int]:
    """A pipe whose descriptors leave room below them."""
    low = os.pipe()
    high = tuple(fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR) for each in low)
    for each in low:
        os.close(each)
    return high[0], high[1]
