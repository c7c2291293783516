"""What each program of examples/ does, seen from outside. A check raises ExampleError."""

import contextlib
import http.client
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

PATIENCE_SECONDS = 30.0
JOB_POLLS_MAX = 2_000


class ExampleError(Exception):
    """An example did not do what it is for."""


def expect(what: str, wanted: object, found: object) -> None:
    if wanted != found:
        raise ExampleError(f"{what}: wanted {wanted!r}, found {found!r}")


@contextlib.contextmanager
def serving(command: list[str]) -> Iterator[int]:
    """Runs a server that says where it listens; gives its port."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        found = re.fullmatch(r"listening 127\.0\.0\.1:(\d+)\n", line)
        if not found:
            raise ExampleError(f"{command[-1]} did not start: it said {line!r}")
        yield int(found[1])
        expect("the server still runs", None, process.poll())
    finally:
        process.kill()
        process.communicate()


class Line:
    """One who chats."""

    def __init__(self, port: int, name: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self.file = self.socket.makefile("rw", encoding="utf-8", newline="\n")
        self.say(name)

    def say(self, text: str) -> None:
        self.file.write(text + "\n")
        self.file.flush()

    def hears(self, *lines: str) -> None:
        for line in lines:
            expect("a line of the chat", line + "\n", self.file.readline())

    def leave(self) -> None:
        self.file.close()
        self.socket.close()


def check_chat_server(command: list[str]) -> None:
    with serving(command) as port:
        ann = Line(port, "ann")
        ann.hears("* ann is here")
        bob = Line(port, "bob")
        bob.hears("* bob is here")
        ann.hears("* bob is here")
        # Two lines in one packet, and one in two.
        bob.say("hello\nwho is here?")
        ann.hears("bob: hello", "bob: who is here?")
        cleo = Line(port, "cl")
        cleo.hears("* cl is here")
        ann.hears("* cl is here")
        bob.hears("* cl is here")
        cleo.file.write("in ")
        cleo.file.flush()
        ann.say("me")
        bob.hears("ann: me")
        cleo.hears("ann: me")
        cleo.say("two")
        bob.hears("cl: in two")
        ann.hears("cl: in two")
        ann.leave()
        bob.hears("* ann has left")
        # A line without an end is not kept for ever.
        cleo.socket.sendall(b"x" * 4_096)
        bob.hears("* cl has left")
        cleo.leave()
        bob.leave()


def ask(port: int, method: str, path: str, body: str | None = None) -> tuple[int, str, str | None]:
    """Status, body and Location of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    connection.request(method, path, body)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode(), answer.getheader("Location")
    connection.close()
    return found


def check_http_service(command: list[str]) -> None:
    with serving(command) as port:
        expect("the timer's text", True,
               re.fullmatch(r"\d+ s\n", ask(port, "GET", "/uptime")[1]) is not None)
        expect("a job that nobody gave", 404, ask(port, "GET", "/jobs/1")[0])
        expect("a job is taken", (202, "202 Accepted\n", "/jobs/1"),
               ask(port, "POST", "/jobs", "four words to count"))
        expect("too much of a job", 413, ask(port, "POST", "/jobs", "x" * 65_537)[0])
        answers = (ask(port, "GET", "/jobs/1")[1] for _ in range(JOB_POLLS_MAX))
        expect("what the background task made of it", "4 words\n",
               next((each for each in answers if each != "not done\n"), None))


def check_custom_future(command: list[str]) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS,
                         check=False)
    expect("how it ended", (0, ""), (ran.returncode, ran.stderr))
    # Neither a poll that no wake asked for, nor a wake that was lost.
    expect("what it said", "42 after 3 polls\n", ran.stdout)


CHECKS: dict[str, Callable[[list[str]], None]] = {
    "chat_server": check_chat_server,
    "http_service": check_http_service,
    "custom_future": check_custom_future,
}


def check_example(name: str, folder: Path, before: list[str]) -> None:
    """Checks one of CHECKS; `before` stands before the program on its command line."""
    CHECKS[name]([*before, str(folder / name)])
