"""The server under test: started on a free port, asked about its memory, and stopped."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from checks import CheckFailed

START_SECONDS_MAX = 20.0
STOP_SECONDS_MAX = 15.0
SAMPLE_SECONDS = 0.02
SANITIZER_WORDS = ("Sanitizer", "runtime error:", "Assertion")

NGINX = """
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    include /etc/nginx/mime.types;
    types {{ font/ttf ttf; audio/wav wav; text/plain txt TXT; }}
    charset utf-8;
    gzip on;
    gzip_vary on;
    gzip_types text/plain text/css;
    disable_symlinks on;
    sendfile on;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        location ~ /\\. {{ return 404; }}
        location / {{ autoindex {listing}; {fallback} }}
    }}
}}
"""


@dataclass
class Program:
    """roused; or in its place nginx, to see that the checks are right, or the spoilt server, to see
    that they can fail."""

    name: str
    path: str

    def command(self, root: Path, directory: Path, listing: bool,
                fallback: str | None) -> tuple[list[str], int]:
        """The command, and the port if it is known before the start."""
        if self.name == "roused":
            return [self.path, "--http", "127.0.0.1:0", "--echo", "off", "--root", str(root),
                    *(["--listing"] if listing else []),
                    *(["--fallback", fallback] if fallback else [])], 0
        if self.name == "spoilt":
            return [sys.executable, self.path, str(root)], 0
        port = free_port()
        text = NGINX.format(directory=directory, port=port, root=root,
                            listing="on" if listing else "off",
                            fallback=f"try_files $uri {fallback};" if fallback else "")
        (directory / "nginx.conf").write_text(text)
        return [self.path, "-p", str(directory), "-c", str(directory / "nginx.conf"),
                "-e", "stderr"], port


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Served:
    """A server of one directory that runs."""

    def __init__(self, program: Program, root: Path, listing: bool = False,
                 fallback: str | None = None) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="rouse-tools-"))
        self.directory.chmod(0o755)
        command, self.port = program.command(root, self.directory, listing, fallback)
        self.log_path = self.directory / "log"
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        try:
            self._await_start()
        except BaseException:
            self.close()
            raise
        self.base = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _await_start(self) -> None:
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end and self.process.poll() is None:
            found = re.search(r" listening protocol=http transport=tcp address=\S+:(\d+)$",
                              self.log(), re.MULTILINE)
            self.port = int(found[1]) if found else self.port
            if self.port and is_listening(self.port):
                return
            time.sleep(0.01)
        raise CheckFailed(f"the server does not start; its log:\n{self.log()}")

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.directory)

    def end(self) -> None:
        """Ends it as an operator does; it says nothing bad on its way."""
        self.process.terminate()
        code = self.process.wait(STOP_SECONDS_MAX)
        bad = [line for line in self.log().splitlines()
               if re.match(r"\S+ error ", line) or any(word in line for word in SANITIZER_WORDS)]
        if code != 0 or bad:
            raise CheckFailed(f"ended with code {code}; its log:\n{self.log()[-2000:]}")

    def resident_kib(self) -> int:
        """Of the process and its children, as nginx's worker is one."""
        pids = [self.process.pid, *children(self.process.pid)]
        return sum(status_kib(pid, "VmRSS") for pid in pids)


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def status_kib(pid: int, key: str) -> int:
    found = re.search(rf"^{key}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    if found is None:
        raise CheckFailed(f"process {pid} has ended")
    return int(found[1])


class MemorySamples:
    """The most memory that a server had while this was open."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.before_kib = served.resident_kib()
        self.most_kib = self.before_kib
        self.count = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._sample)

    def __enter__(self) -> "MemorySamples":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join()

    def _sample(self) -> None:
        while not self.stopping.wait(SAMPLE_SECONDS):
            try:
                self.most_kib = max(self.most_kib, self.served.resident_kib())
            except (OSError, CheckFailed):
                return  # It has ended, which its clients notice.
            self.count += 1

    @property
    def growth_kib(self) -> int:
        return self.most_kib - self.before_kib


def is_sanitized(program: str) -> bool:
    with open(program, "rb") as file:
        return b"__asan_init" in file.read()


def find_program(name: str, given: Path | None) -> str | None:
    if name == "nginx":
        return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if name == "spoilt":
        return str(Path(__file__).with_name("spoilt_server.py"))
    return str(given.resolve()) if given and os.access(given, os.X_OK) else None
