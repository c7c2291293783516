"""roused as a service: started with passed sockets and a socket for its notices."""

import os
import re
import shlex
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from collections.abc import Callable
from pathlib import Path

PATIENCE_SECONDS = 30.0
SANITIZER_WORDS = ("Sanitizer", "runtime error:", "Assertion")
LISTENING = re.compile(r"listening protocol=(\w+) transport=(\w+) address=(\S+)")

# Set by run.py.
roused = Path()


def until(what: str, holds: Callable[[], object]) -> None:
    """Asks again and again, and gives up in the end."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain until {what}")
        time.sleep(0.01)


class Notices:
    """What NOTIFY_SOCKET names: the service manager's end."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        # Anyone may notify, also who was root and is no more.
        self.path.chmod(0o777)

    def next(self, timeout: float = PATIENCE_SECONDS) -> dict[str, str]:
        """The next notice, NAME -> VALUE; TimeoutError when none comes."""
        self.socket.settimeout(timeout)
        text = self.socket.recv(4096).decode()
        return dict(line.split("=", 1) for line in text.split("\n"))

    def until(self, name: str, value: str) -> dict[str, str]:
        """The first notice with this in it; those before it are dropped."""
        end = time.monotonic() + PATIENCE_SECONDS
        seen = []
        while time.monotonic() < end:
            notice = self.next()
            if notice.get(name) == value:
                return notice
            seen.append(notice)
        raise AssertionError(f"no {name}={value} in {seen}")

    def drop_queued(self) -> None:
        self.socket.setblocking(False)
        try:
            while True:
                self.socket.recv(4096)
        except BlockingIOError:
            pass

    def close(self) -> None:
        self.socket.close()


class Process:
    """A command that becomes roused, and its log."""

    def __init__(self, command: list[str], environment: dict[str, str] | None = None,
                 descriptors: tuple[int, ...] = ()) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, text=True,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        pass_fds=descriptors, env=environment)
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)

    @property
    def log(self) -> str:
        return "".join(self.lines)

    @property
    def pid(self) -> int:
        return self.process.pid

    def await_log(self, text: str) -> None:
        until(f"the log has {text!r}", lambda: text in self.log or not self.reader.is_alive())
        if text not in self.log:
            raise AssertionError(f"ended without {text!r}: {self.log}")

    def addresses(self, protocol: str, transport: str) -> list[str]:
        return [address for spoken, over, address in LISTENING.findall(self.log)
                if (spoken, over) == (protocol, transport)]

    def port(self, protocol: str, transport: str = "tcp") -> int:
        return int(self.addresses(protocol, transport)[0].rsplit(":", 1)[1])

    def end(self) -> int:
        """Its exit code, once it has ended by itself."""
        code = self.process.wait(PATIENCE_SECONDS)
        self.reader.join(PATIENCE_SECONDS)
        for word in SANITIZER_WORDS:
            if word in self.log:
                raise AssertionError(self.log)
        return code

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.end()

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.reader.join(PATIENCE_SECONDS)
        assert self.process.stderr is not None
        self.process.stderr.close()


class ServiceTest(unittest.TestCase):
    """Starts what it is asked to, and leaves nothing behind."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="roused-systemd-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.folder.chmod(0o755)

    def notices(self) -> Notices:
        made = Notices(self.folder)
        self.addCleanup(made.close)
        return made

    def start(self, command: list[str], environment: dict[str, str],
              descriptors: tuple[int, ...] = ()) -> Process:
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("ROUSED_", "LISTEN_", "NOTIFY_", "WATCHDOG_"))}
        started = Process(command, kept | environment, descriptors)
        self.addCleanup(started.kill)
        return started

    def roused(self, *arguments: str, **environment: str) -> Process:
        """On ports that the kernel picks, unless the arguments say otherwise."""
        started = self.start([str(roused), "--http", "127.0.0.1:0", "--echo", "127.0.0.1:0",
                              *arguments], environment)
        return started

    def roused_with(self, sockets: list[socket.socket], names: str | None, *arguments: str,
                    receiver: str = "$$") -> Process:
        """With these sockets passed, as sd_listen_fds(3) has it."""
        at = [each.fileno() for each in sockets]
        # Those on the way to 3, 4 ... must not be written over before they are moved.
        aside = [f"{fd + 100}<&{fd} {fd}<&-" for fd in at]
        into = [f"{3 + index}<&{fd + 100} {fd + 100}<&-" for index, fd in enumerate(at)]
        named = "" if names is None else f"LISTEN_FDNAMES={shlex.quote(names)} "
        script = (f"exec {' '.join(aside + into)}; "
                  f"LISTEN_PID={receiver} LISTEN_FDS={len(at)} {named}exec \"$@\"")
        return self.start(["bash", "-c", script, "bash", str(roused), *arguments], {}, tuple(at))


def listening(kind: int = socket.SOCK_STREAM, backlog: int = 64) -> socket.socket:
    made = socket.socket(socket.AF_INET, kind)
    made.bind(("127.0.0.1", 0))
    if kind == socket.SOCK_STREAM:
        made.listen(backlog)
    return made


def port_of(made: socket.socket) -> int:
    return int(made.getsockname()[1])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return port_of(probe)


def connect(where: int | Path) -> socket.socket:
    """To a port of 127.0.0.1, or a unix path."""
    family, address = ((socket.AF_INET, ("127.0.0.1", where)) if isinstance(where, int)
                       else (socket.AF_UNIX, str(where)))
    made = socket.socket(family, socket.SOCK_STREAM)
    made.settimeout(PATIENCE_SECONDS)
    made.connect(address)
    return made


def get(where: int | Path | socket.socket, path: str = "/plaintext") -> str:
    """The answer to a request, head and body; the connection is closed by it."""
    with where if isinstance(where, socket.socket) else connect(where) as made:
        made.sendall(f"GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := made.recv(65536):
            answer += piece
    return answer.decode()


def is_served(where: int | Path | socket.socket) -> bool:
    answer = get(where)
    return answer.startswith("HTTP/1.1 200 ") and answer.endswith("Hello, World!")


def echoed(where: int | Path, text: bytes = b"over and over") -> bytes:
    with connect(where) as made:
        made.sendall(text)
        got = b""
        while len(got) < len(text) and (piece := made.recv(4096)):
            got += piece
    return got


def echoed_datagram(port: int, text: bytes = b"once") -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.settimeout(PATIENCE_SECONDS)
        made.connect(("127.0.0.1", port))
        made.send(text)
        return made.recv(4096)
