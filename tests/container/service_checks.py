"""The container as a service: what it runs on, within which limits, how it is watched and ends."""

import errno
import json
import re
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from checks import CheckFailed, Checks, Skipped, require
from engine import (HARDENED, IMAGE, PROFILE, ULIMITS, UNCONFINED, Container, connect, get, podman,
                    read_to_end, run)
from profile_checks import without_io_uring

CONNECTIONS = 200
REQUESTS_EACH = 20
LARGE_BYTES = 20_000_000
MEMORY_MEBIBYTES = 64
# More than the drain waits for a request, less than it waits in all (server.shutdown_timeout).
SLOW_MILLISECONDS = 1500
STOP_SECONDS = 12
CAUSE_SHOWN = 120
MEMLOCK = ("--ulimit=memlock=65536:65536", *ULIMITS)


def has_backends() -> bool:
    return "--backend" in podman("run", "--rm", "--network=none", IMAGE, "--help")


def needs_fallback() -> None:
    if not has_backends():
        raise Skipped("this roused has no other backend than io_uring")


def runs_on(backend: str, *options: str, arguments: Sequence[str] = ()) -> str:
    """Serves with this backend, and says so; the warning, if it fell back."""
    with Container(*HARDENED, *options, arguments=arguments) as running:
        running.serves()
        running.await_log(rf" info backend name={backend} ")
        warned = re.search(r" warn backend_fallback .*", running.log())
        podman("stop", "--time", str(STOP_SECONDS), running.name)
        require(running.state()["ExitCode"] == 0, f"ended with {running.state()}")
        return warned[0] if warned else ""


def falls_back(cause: str, *options: str) -> str:
    """To epoll, with a warning that names the cause; its words."""
    needs_fallback()
    warning = runs_on("epoll", *options)
    require(cause in warning, f"the log does not name the cause: {warning!r}")
    return warning.split("cause=")[-1][:CAUSE_SHOWN]


def podmans_profile() -> str:
    return falls_back("seccomp")


def dockers_profile() -> str:
    """It answers EPERM, where podman's answers ENOSYS."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(without_io_uring(), file)
        file.flush()
        return falls_back("seccomp", f"--security-opt=seccomp={file.name}")


def little_memlock() -> str:
    return falls_back("memlock", PROFILE, *MEMLOCK)


def io_uring_chosen() -> None:
    """Told to, or without another backend, it ends with the cause and the cure."""
    chosen = ["--backend", "io_uring"] if has_backends() else []
    with Container(*HARDENED, arguments=chosen) as running:
        code = running.await_end()
        require(code == 3 and "seccomp" in running.log(), f"code {code}: {running.log()}")


def own_profile() -> None:
    require(not runs_on("io_uring", PROFILE), "it fell back")


def unconfined() -> None:
    require(not runs_on("io_uring", UNCONFINED), "it fell back")


def epoll_chosen() -> None:
    needs_fallback()
    require(not runs_on("epoll", PROFILE, arguments=["--backend", "epoll"]), "it warned")


def cgroup_memory(running: Container) -> tuple[int, int]:
    """The most that it had, and its limit, in bytes."""
    pid = running.state()["Pid"]
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for folder, most, limit in (
                (f"/sys/fs/cgroup/memory{path}", "memory.max_usage_in_bytes",
                 "memory.limit_in_bytes"),
                (f"/sys/fs/cgroup{path}", "memory.peak", "memory.max")):
            if controllers in ("", "memory") and Path(folder, most).exists():
                return (int(Path(folder, most).read_text()), int(Path(folder, limit).read_text()))
    raise Skipped("the memory of a container cannot be read here")


def little_memory() -> str:
    limit = f"--memory={MEMORY_MEBIBYTES}m"
    with Container(*HARDENED, PROFILE, limit, f"--memory-swap={MEMORY_MEBIBYTES}m") as running:
        running.serves()
        streams = [connect(8080) for _ in range(CONNECTIONS)]
        for _ in range(REQUESTS_EACH):
            for stream in streams:
                stream.sendall(b"GET /json HTTP/1.1\r\nHost: a\r\n\r\n")
            for stream in streams:
                answer = stream.recv(4096)
                require(answer.startswith(b"HTTP/1.1 200 "), f"answered {answer!r}")
        for stream in streams:
            stream.close()
        require(len(get(8080, f"/bytes/{LARGE_BYTES}")) > LARGE_BYTES, "the large answer is short")
        most, allowed = cgroup_memory(running)
        require(allowed == MEMORY_MEBIBYTES << 20, f"the limit is {allowed}")
        require(not running.state()["OOMKilled"], "the kernel killed it")
        return f"{most / (1 << 20):.1f} MiB at most"


def healthy() -> None:
    with Container(*HARDENED, PROFILE) as running:
        running.serves()
        podman("healthcheck", "run", running.name)
    # It listens elsewhere by its settings, which the check follows.
    with Container(*HARDENED, PROFILE, "--env=ROUSED_HTTP_LISTEN=127.0.0.1:9090") as running:
        running.serves(http=9090)
        podman("healthcheck", "run", running.name)


def unhealthy() -> str:
    with Container(*HARDENED, PROFILE) as running:
        running.serves()
        podman("pause", running.name)
        try:
            probe = ["--health-check", "http://127.0.0.1:8080/healthz"]
            done = run(["podman", "run", "--rm", "--network=host", *HARDENED, IMAGE, *probe])
        finally:
            podman("unpause", running.name)
        require(done.returncode == 1, f"a paused server: code {done.returncode}")
        require("no answer within 2s" in done.stderr, done.stderr)
    with Container(*HARDENED, PROFILE, "--env=ROUSED_HTTP_LISTEN=off") as running:
        running.await_log(" info started ")
        done = run(["podman", "healthcheck", "run", running.name])
        require(done.returncode != 0, "a server without HTTP is healthy")
    return "no answer within 2s"


def drains() -> None:
    """`podman stop` while a request is in flight: it is answered, and the container ends by
    itself."""
    with Container(*HARDENED, PROFILE) as running:
        running.serves()
        with connect(8080) as slow, connect(8080) as idle:
            slow.sendall(f"GET /delay/{SLOW_MILLISECONDS} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            idle.sendall(b"GET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n")
            require(idle.recv(4096).endswith(b"Hello, World!"), "the other one is not answered")
            stopping = threading.Thread(
                target=lambda: run(["podman", "stop", "--time", str(STOP_SECONDS), running.name]))
            stopping.start()
            try:
                require(read_to_end(idle) == b"", "an idle connection is told something")
                answer = read_to_end(slow)
            finally:
                stopping.join()
        require(answer.startswith(b"HTTP/1.1 200 ") and b"\r\nConnection: close\r\n" in answer,
                f"answered {answer!r}")
        require(running.state()["ExitCode"] == 0, f"{running.state()}")
        require(" connections_cut " not in running.log(), running.log())
        try:
            connect(8080).close()
        except OSError as error:
            require(error.errno == errno.ECONNREFUSED, str(error))
        else:
            raise CheckFailed("it still listens")


def is_first_process() -> None:
    """The kernel gives the first process of a namespace no signal that it does not handle."""
    for signal in ("TERM", "INT"):
        with Container(*HARDENED, PROFILE) as running:
            running.serves()
            status = Path(f"/proc/{running.state()['Pid']}/status").read_text()
            require(re.search(r"^NSpid:\s.*\s1$", status, re.MULTILINE), status)
            podman("kill", "--signal", signal, running.name)
            require(running.await_end() == 0, f"{signal}: {running.state()}")


def check_service(checks: Checks) -> None:
    for name, body in (
            ("podman's profile: it falls back to epoll, and says why", podmans_profile),
            ("Docker's profile: it falls back to epoll, and says why", dockers_profile),
            ("podman's profile, io_uring or nothing: it ends, and says why", io_uring_chosen),
            ("our profile: it runs on io_uring", own_profile),
            ("no profile: it runs on io_uring", unconfined),
            ("our profile, --backend epoll: it does as it is told", epoll_chosen),
            ("our profile, memlock of 64 KiB: it falls back to epoll, and says why",
             little_memlock),
            (f"our profile, {MEMORY_MEBIBYTES} MiB: it serves {CONNECTIONS} connections",
             little_memory),
            ("the image's health check holds, wherever it listens", healthy),
            ("a health check fails where no answer comes", unhealthy),
            ("a stop waits for the request in flight", drains),
            ("it is the first process, and ends by SIGTERM and SIGINT", is_first_process)):
        checks.check(name, body)
