"""podman and buildah: found or set up, and the containers that the checks start."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from checks import CheckFailed

ROOT = Path(__file__).resolve().parents[2]
# Gives a development machine an engine and a local debian:trixie-slim; not part of the project.
SETUP = ROOT.parent / "shared" / "tools" / "podman-env.sh"
IMAGE = "localhost/roused:test"
PREFIX = f"roused-test-{os.getpid()}"
SETUP_SECONDS_MAX = 600.0
BUILD_SECONDS_MAX = 7200.0
COMMAND_SECONDS_MAX = 120.0
LOG_SECONDS_MAX = 20.0
CONNECT_SECONDS_MAX = 10.0
# What a careful operator adds: README.md, "Docker".
HARDENED = ("--read-only", "--cap-drop=ALL", "--user=65532",
            "--security-opt=no-new-privileges")
# Any --ulimit replaces the engine's list, which names limits that the machine can give.
ULIMITS = ("--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096")
PROFILE = f"--security-opt=seccomp={ROOT / 'configs/docker/seccomp.json'}"
UNCONFINED = "--security-opt=seccomp=unconfined"


class NoEngine(Exception):
    """There is none here; the text says what is missing."""


def set_up() -> None:
    """Makes `podman` and `buildah` work for this process and its children."""
    if SETUP.exists() and os.geteuid() == 0:
        # env -0 alone on standard output: what the script exports.
        script = 'eval "$("$0")" >&2 && env -0'
        done = subprocess.run(["bash", "-c", script, str(SETUP)], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=SETUP_SECONDS_MAX, check=False)
        if done.returncode != 0:
            raise NoEngine(f"{SETUP.name} failed: {done.stderr.decode(errors='replace')[-500:]}")
        for entry in done.stdout.decode().split("\0"):
            name, _, value = entry.partition("=")
            if name.startswith("CONTAINERS_"):
                os.environ[name] = value
    missing = [name for name in ("podman", "buildah", "unshare", "ip") if not shutil.which(name)]
    if missing:
        raise NoEngine(f"missing: {', '.join(missing)}")
    if os.geteuid() != 0:
        raise NoEngine("it takes root, for a network namespace of its own")


def run(command: Sequence[str],
        seconds: float = COMMAND_SECONDS_MAX) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace", timeout=seconds, check=False)


def podman(*arguments: str, seconds: float = COMMAND_SECONDS_MAX) -> str:
    """What it printed; it has to succeed."""
    done = run(["podman", *arguments], seconds)
    if done.returncode != 0:
        raise CheckFailed(f"podman {' '.join(arguments)} ended with code {done.returncode}: "
                          f"{done.stderr.strip()[-2000:]}")
    return done.stdout


def build(image: str, folder: Path) -> None:
    """From the Dockerfile of a folder. The base that set_up() made is of no registry."""
    base = run(["podman", "image", "exists", "debian:trixie-slim"]).returncode == 0
    done = run(["buildah", "bud", "--layers", *(["--pull-never"] if base else []), "--format",
                "docker", "--isolation", "chroot", "-t", image, str(folder)], BUILD_SECONDS_MAX)
    if done.returncode != 0:
        raise CheckFailed(f"{image} does not build:\n{(done.stdout + done.stderr)[-6000:]}")


class Container:
    """One that runs, or ran; removed at the end. It shares the network of this process, which is a
    namespace of its own: see run.py."""

    count = 0

    def __init__(self, *options: str, arguments: Sequence[str] = (), image: str = IMAGE) -> None:
        Container.count += 1
        self.name = f"{PREFIX}-{Container.count}"
        try:
            podman("run", "--detach", "--pull=never", "--network=host", "--name", self.name,
                   *options, image, *arguments)
        except CheckFailed:
            self.__exit__()
            raise

    def __enter__(self) -> "Container":
        return self

    def __exit__(self, *_: object) -> None:
        podman("rm", "--force", "--time=0", "--ignore", self.name)

    def log(self) -> str:
        done = run(["podman", "logs", self.name])
        return done.stdout + done.stderr

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(podman("inspect", self.name))[0]["State"]
        return found

    def has_ended(self) -> bool:
        return self.state()["Status"] in ("exited", "stopped")

    def await_log(self, pattern: str) -> "re.Match[str]":
        """The first match in its log; it has to come."""
        end = time.monotonic() + LOG_SECONDS_MAX
        while True:
            ended = self.has_ended() or time.monotonic() > end
            found = re.search(pattern, self.log(), re.MULTILINE)
            if found:
                return found
            if ended:
                raise CheckFailed(f"no {pattern!r} in the log:\n{self.log()}")
            time.sleep(0.05)

    def await_end(self) -> int:
        """Its exit code."""
        return int(podman("wait", self.name))

    def serves(self, http: int = 8080, echo: int = 7007) -> "Container":
        """Once it does: HTTP, and echo over TCP and UDP."""
        self.await_log(" info started ")
        answer = get(http, "/plaintext")
        if b" 200 " not in answer or not answer.endswith(b"Hello, World!"):
            raise CheckFailed(f"answered {answer!r}")
        with connect(echo) as stream:
            stream.sendall(b"over TCP")
            if stream.recv(100) != b"over TCP":
                raise CheckFailed("no echo over TCP")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.settimeout(CONNECT_SECONDS_MAX)
            datagrams.sendto(b"over UDP", ("127.0.0.1", echo))
            if datagrams.recv(100) != b"over UDP":
                raise CheckFailed("no echo over UDP")
        return self


def connect(port: int, host: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection((host, port), timeout=CONNECT_SECONDS_MAX)


def read_to_end(stream: socket.socket) -> bytes:
    pieces = []
    while piece := stream.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def get(port: int, target: str, host: str = "127.0.0.1") -> bytes:
    """The whole answer, head and body."""
    with connect(port, host) as stream:
        stream.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        return read_to_end(stream)
