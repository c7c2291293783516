"""The daemon under test: how it is started, what the kernel knows of it, and how it has to end."""

import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

START_PATIENCE_SECONDS = 20.0
LEAK_PATIENCE_SECONDS = 10.0
# The drain: connections that answer nothing any more end at once, so most of it is room for a busy
# machine. The daemon's own bound, server.shutdown_timeout, is 10 s.
END_PATIENCE_SECONDS = 15.0
# What each backend is started with. The tables of injections.py have the same names.
BACKENDS: dict[str, list[str]] = {"io_uring": ["--backend", "io_uring"],
                                  "epoll": ["--backend", "epoll"]}
LOG_LINES_SHOWN = 12
SANITIZER_WORDS = ("Sanitizer", "runtime error:", "Assertion")

Value = TypeVar("Value")


class SoakError(Exception):
    """Something that must not happen has happened; the text says what."""


@dataclass
class Setup:
    """How a daemon is started."""

    program: Path
    backend: str = "io_uring"
    arguments: list[str] = field(default_factory=list)
    # What runs it, as strace and nsenter do; its process becomes the daemon's.
    prefix: list[str] = field(default_factory=list)
    # Of setrlimit(2): soft and hard alike.
    limits: dict[int, int] = field(default_factory=dict)
    # Whom root runs it as.
    user_id: int | None = None


def is_sanitized(program: Path) -> bool:
    return b"__asan_init" in program.read_bytes()


def environment(traced: bool) -> dict[str, str]:
    """Without settings of the daemon's; sanitizers hold back little of what is freed. Leaks cannot
    be looked for in a process that is traced."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROUSED_")}
    kept["ASAN_OPTIONS"] = (kept.get("ASAN_OPTIONS", "") +
                            ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
                            f":detect_leaks={0 if traced else 1}")
    return kept


def wait_for(what: Callable[[], Value | None], seconds: float) -> Value | None:
    """The first answer that is not None, asked for again and again."""
    deadline = time.monotonic() + seconds
    while True:
        answer = what()
        if answer is not None or time.monotonic() > deadline:
            return answer
        time.sleep(0.005)


class Daemon:
    """A daemon that was started: it serves, or has ended by itself (has_ended)."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.directory = tempfile.TemporaryDirectory(prefix="rouse-soak-")
        os.chmod(self.directory.name, 0o711)
        self.log_path = Path(self.directory.name) / "log"
        self.process = self._start()
        try:
            wait_for(self._starting, START_PATIENCE_SECONDS)
            if self.process.poll() is None and not self.is_started():
                raise SoakError(f"neither serves nor ends; its log:\n{self.log()}")
        except BaseException:
            self.close()
            raise
        self.has_ended = not self.is_started()

    def __enter__(self) -> "Daemon":
        return self

    def __exit__(self, _: object, error: BaseException | None, *__: object) -> None:
        if isinstance(error, SoakError):
            lines = self.log().splitlines()[-LOG_LINES_SHOWN:]
            state = self.process.poll()
            error.args = (f"{error}\nthe daemon {'runs' if state is None else f'ended: {state}'}, "
                          "and its log ends:\n" + "\n".join(lines),)
        self.close()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.directory.cleanup()

    def _start(self) -> subprocess.Popen[bytes]:
        program, user_id = self.setup.program, self.setup.user_id
        if user_id is not None:
            # Where that user may run it.
            program = Path(shutil.copy(program, self.directory.name))
        command = [*self.setup.prefix, str(program), "--http", "127.0.0.1:0",
                   "--echo", "127.0.0.1:0", *BACKENDS[self.setup.backend], *self.setup.arguments]
        with self.log_path.open("wb") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment("strace" in self.setup.prefix), user=user_id, group=user_id,
                extra_groups=None if user_id is None else [], preexec_fn=self._limit)

    def _limit(self) -> None:
        for which, value in self.setup.limits.items():
            resource.setrlimit(which, (value, value))

    def _starting(self) -> bool | None:
        return self.is_started() or self.process.poll() is not None or None

    def is_started(self) -> bool:
        return " info started " in self.log()

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def port(self, protocol: str) -> int:
        found = re.search(rf" listening protocol={protocol} transport=tcp address=\S+:(\d+)$",
                          self.log(), re.MULTILINE)
        if not found:
            raise SoakError(f"does not listen for {protocol}")
        return int(found[1])

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident_kib(self) -> int:
        return self._kib("smaps_rollup", "Rss")

    def data_kib(self) -> int:
        """What RLIMIT_DATA limits."""
        return self._kib("status", "VmData")

    def _kib(self, name: str, key: str) -> int:
        text = Path(f"/proc/{self.process.pid}/{name}").read_text()
        found = re.search(rf"^{key}:\s+(\d+) kB", text, re.MULTILINE)
        assert found is not None
        return int(found[1])

    def cpu_seconds(self) -> float:
        # The name in parentheses may hold spaces: the fields are counted from its end.
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def check_descriptors(self, count: int, patience: float = LEAK_PATIENCE_SECONDS) -> None:
        """Waits for the last connections to close; what is left then is a leak."""
        wait_for(lambda: self.descriptors() <= count or None, patience)
        if self.descriptors() > count:
            raise SoakError(f"{self.descriptors()} descriptors are open, and {count} were before")

    def end(self, expected: int = 0) -> str:
        """Drains it, and checks how it ends: the code, the time, and the log. Answers the log."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.wait_for_end()
        log = self.log()
        if code != expected:
            raise SoakError(f"ended with code {code} instead of {expected}")
        if expected == 0:
            check_log(log)
        self.seconds_to_end = time.monotonic() - began
        return log

    def wait_for_end(self) -> int:
        try:
            code = self.process.wait(END_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired as late:
            raise SoakError("does not end") from late
        log = self.log()
        for word in SANITIZER_WORDS:
            if word in log:
                raise SoakError(f"{word}:\n{log}")
        return code


def check_log(log: str) -> None:
    """Nothing in the log of a run that ends with code 0 says that something broke."""
    for line in log.splitlines():
        if re.match(r"\S+ error ", line) or " connections_cut " in line or not re.match(
                r"\d{4}-\S+ (info|warn|debug|error) ", line):
            raise SoakError(f"in the log: {line}")
