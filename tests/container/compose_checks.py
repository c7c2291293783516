"""configs/compose: what docker-compose and HAProxy of Debian 13 make of it."""

import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from checks import CheckFailed, Checks, Skipped, require
from engine import IMAGE, PREFIX, ROOT, build, get, podman, run

FOLDER = ROOT / "configs" / "compose"
TOOLS = "localhost/roused-test-tools"
TOOLS_FILE = """FROM debian:trixie-slim
RUN apt-get update && apt-get install -y --no-install-recommends docker-compose haproxy
"""
START_SECONDS_MAX = 60.0
LOAD_SECONDS_BEFORE, LOAD_SECONDS_AFTER = 1.0, 3.0
LOAD_THREADS = 4
# podman takes a profile by its path only, and compose hands its text over; which profile lets
# io_uring work is for the other checks. Debian's HAProxy in place of the one of the file.
OVERRIDE = """
services:
  roused:
    security_opt: !override
      - no-new-privileges
      - seccomp=unconfined
  balancer:
    command: [haproxy, -W, -db, -f, /usr/local/etc/haproxy/haproxy.cfg]
    user: "65532:65532"
"""


def make_tools() -> None:
    with tempfile.TemporaryDirectory(prefix="roused-tools-") as folder:
        Path(folder, "Dockerfile").write_text(TOOLS_FILE)
        try:
            build(TOOLS, Path(folder))
        except CheckFailed as why:
            raise Skipped(f"docker-compose and haproxy cannot be had: {str(why)[-300:]}") from why


def tool(*command: str, volumes: tuple[str, ...] = (), variables: tuple[str, ...] = ()) -> str:
    return podman("run", "--rm", "--pull=never", "--network=none",
                  f"--volume={FOLDER.parent}:{FOLDER.parent}:ro",
                  *[f"--volume={each}" for each in volumes],
                  *[f"--env={each}" for each in variables], TOOLS, *command)


def compose_file() -> None:
    make_tools()
    text = tool("docker-compose", "--file", str(FOLDER / "compose.yaml"), "config")
    for part in ("replicas: 2", "read_only: true", "condition: service_healthy",
                 "seccomp=../docker/seccomp.json"):
        require(part in text, f"{part!r} is not in:\n{text}")


def balancer_file() -> None:
    make_tools()
    tool("haproxy", "-c", "-f", str(FOLDER / "haproxy.cfg"))


class Project:
    """compose.yaml, up: by docker-compose, of an engine that speaks Docker's protocol."""

    def __init__(self, folder: Path) -> None:
        if run(["podman", "image", "exists", TOOLS]).returncode != 0:
            raise Skipped("there is no docker-compose here")
        self.socket = folder / "podman.sock"
        self.override = folder / "override.yaml"
        self.override.write_text(OVERRIDE)
        self.service = subprocess.Popen(
            ["podman", "system", "service", "--time=0", f"unix://{self.socket}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.ended = threading.Event()
        self.asking = threading.Thread(target=self._ask)

    def __enter__(self) -> "Project":
        self.asking.start()
        try:
            end = time.monotonic() + START_SECONDS_MAX
            while not self.socket.exists() and time.monotonic() < end:
                time.sleep(0.05)
            self.compose("up", "--detach", "--no-build")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.compose("down", "--timeout=5")
        finally:
            self.ended.set()
            self.asking.join()
            self.service.terminate()
            self.service.wait()

    def _ask(self) -> None:
        """Docker asks for itself; podman leaves that to systemd, which need not be there."""
        while not self.ended.wait(0.5):
            for number in (1, 2):
                run(["podman", "healthcheck", "run", self.container("roused", number)])

    def container(self, service: str, number: int = 1) -> str:
        return f"{PREFIX}-{service}-{number}"

    def compose(self, *arguments: str) -> str:
        return tool("docker-compose", "--file", str(FOLDER / "compose.yaml"), "--file",
                    str(self.override), *arguments,
                    volumes=(f"{self.socket.parent}:{self.socket.parent}",),
                    variables=(f"DOCKER_HOST=unix://{self.socket}", f"ROUSED_IMAGE={IMAGE}",
                               f"HAPROXY_IMAGE={TOOLS}", f"COMPOSE_PROJECT_NAME={PREFIX}"))

    def replicas_in_log(self) -> set[str]:
        done = run(["podman", "logs", self.container("balancer")])
        return set(re.findall(r" replicas/(replica\d+) .* 200 ", done.stdout + done.stderr))


class Load:
    """Threads that ask again and again; whatever is not answered well is a failure."""

    def __init__(self) -> None:
        self.answered = 0
        self.failures: list[str] = []
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self._ask) for _ in range(LOAD_THREADS)]

    def __enter__(self) -> "Load":
        for each in self.threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        for each in self.threads:
            each.join()

    def _ask(self) -> None:
        while not self.ended.is_set():
            try:
                answer = get(8080, "/delay/5")
            except OSError as error:
                self.failures.append(str(error))
                continue
            if answer.startswith(b"HTTP/1.1 200 "):
                self.answered += 1
            else:
                self.failures.append(answer[:100].decode(errors="replace"))


def await_both(project: Project) -> None:
    end = time.monotonic() + START_SECONDS_MAX
    while len(project.replicas_in_log()) < 2:
        if time.monotonic() > end:
            raise CheckFailed(f"answers came from {project.replicas_in_log() or 'nobody'}")
        try:
            get(8080, "/plaintext")
        except OSError:
            time.sleep(0.1)


def runs() -> str:
    with tempfile.TemporaryDirectory(prefix="roused-compose-") as folder, \
            Project(Path(folder)) as project:
        await_both(project)
        with Load() as load:
            time.sleep(LOAD_SECONDS_BEFORE)
            podman("stop", "--time=15", project.container("roused", 2))
            time.sleep(LOAD_SECONDS_AFTER)
        require(not load.failures, f"{len(load.failures)} requests failed: {load.failures[:3]}")
        require(load.answered > 0, "nothing was asked")
        code = podman("inspect", "--format={{.State.ExitCode}}", project.container("roused", 2))
        require(code.strip() == "0", f"the replica ended with code {code}")
        return f"{load.answered} requests"


def check_compose_files(checks: Checks) -> None:
    checks.check("compose.yaml is one for docker-compose", compose_file)
    checks.check("haproxy.cfg is one for HAProxy", balancer_file)


def check_compose(checks: Checks) -> None:
    checks.check("compose.yaml: both replicas answer behind HAProxy, and one that stops loses no "
                 "request", runs)
