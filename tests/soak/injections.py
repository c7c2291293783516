"""System calls of the daemon that fail, by strace: it serves on and loses nothing, or ends with the
documented code and says why."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from daemon import Daemon, Setup, SoakError, is_sanitized, wait_for
from floods import Sizes
from limits import serve_a_little
from loads import Load, Loads

FAILURE_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Injection:
    """One row: which calls of each thread fail, and how (see -e inject in strace(1))."""

    syscall: str
    error: str
    when: str
    # 0: serves, and loses nothing. Otherwise it ends with this code.
    code: int = 0
    # What the log says then, or about what it does without.
    words: str = ""
    # Whether a sanitizer's own run-time, or the assertions that come with it, stand it too.
    sanitized: bool = True

    def name(self) -> str:
        return f"{self.syscall} {self.error}, call {self.when}"


ANY_BACKEND = [
    Injection("socket", "EMFILE", "1", 2, "cannot be bound: Too many open files"),
    Injection("socket", "EMFILE", "3", 2, "cannot be bound: Too many open files"),
    Injection("setsockopt", "ENOMEM", "2", 2, "cannot be bound: Cannot allocate memory"),
    Injection("bind", "EADDRINUSE", "2", 2, "cannot be bound: Address already in use"),
    Injection("listen", "EADDRINUSE", "1", 2, "cannot be bound: Address already in use"),
    Injection("signalfd4", "EMFILE", "1", 1, "roused: signalfd: Too many open files"),
    Injection("eventfd2", "EMFILE", "1", 1, "roused: eventfd: Too many open files"),
    Injection("clone3", "EAGAIN", "1", 1, "Resource temporarily unavailable"),
    Injection("clone3", "EAGAIN", "2", 1, "Resource temporarily unavailable"),
    Injection("prlimit64", "EPERM", "1+", sanitized=False),
    Injection("poll", "EINTR", "1+2"),
    Injection("poll", "ENOMEM", "1", 1, "wait_failed"),
]
# What fails for each backend of daemon.BACKENDS, besides what fails for all.
INJECTIONS = {
    "io_uring": [
        Injection("io_uring_setup", "EPERM", "1+", 3, "seccomp profile"),
        Injection("io_uring_setup", "ENOSYS", "1+", 3, "has no io_uring, or a seccomp profile"),
        Injection("io_uring_setup", "ENOMEM", "1+", 3, "raise the memlock limit"),
        Injection("io_uring_setup", "EMFILE", "1+", 3, "raise the nofile limit"),
        Injection("io_uring_setup", "EINVAL", "1+", 3, "Invalid argument"),
        Injection("io_uring_setup", "ENOMEM", "1", words="1024 entries: memlock limit"),
        Injection("io_uring_setup", "EINVAL", "1..3", words="coop_taskrun: unknown to kernel"),
        Injection("io_uring_register", "ENOMEM", "2", words="registered_ring: Cannot allocate"),
        Injection("io_uring_register", "ENOMEM", "3", 3, "raise the memlock limit"),
        Injection("io_uring_register", "EINVAL", "3", 3, "io_uring_register_buf_ring"),
        Injection("io_uring_enter", "EINTR", "3+2"),
        Injection("io_uring_enter", "EAGAIN", "3+2"),
        Injection("io_uring_enter", "EBUSY", "3+2"),
        Injection("io_uring_enter", "EINTR", "10..200"),
        Injection("io_uring_enter", "EAGAIN", "10..200"),
        Injection("io_uring_enter", "EBUSY", "10..200"),
        Injection("io_uring_enter", "ENOMEM", "60", 1, "worker_failed"),
        Injection("io_uring_enter", "EBADF", "60+", 1, "worker_failed", sanitized=False),
        Injection("madvise", "ENOMEM", "1+"),
    ],
    "epoll": [
        Injection("epoll_create1", "EMFILE", "1", 3, "raise the nofile limit"),
        Injection("timerfd_create", "EMFILE", "1+"),
        Injection("epoll_wait", "EINTR", "10..200"),
        Injection("recvfrom", "EINTR", "3..90+2"),
        Injection("sendto", "EINTR", "3..90+2"),
        Injection("accept4", "ECONNABORTED", "2..20+3"),
        Injection("accept4", "EMFILE", "2..20+3"),
    ],
}


def expect_end(daemon: Daemon, loads: Loads, row: Injection) -> None:
    """It ends by itself: at its start, or under a load that may lose what the log owns up to."""
    if not daemon.has_ended:
        load = Load("http", 40, 50, 8, at_once=10, options=["--may-close", "yes"])
        result = loads.run(load, daemon.port("http"))
        if result.count.get("mismatches", 1) > 0:
            result.check(row.name())
    if wait_for(daemon.process.poll, FAILURE_PATIENCE_SECONDS) is None:
        raise SoakError("does not end")
    code = daemon.wait_for_end()
    if code != row.code or row.words not in daemon.log():
        raise SoakError(f"ended with code {code} instead of {row.code}, or does not say "
                        f"{row.words!r}:\n{daemon.log()}")


def expect_service(daemon: Daemon, loads: Loads, row: Injection) -> None:
    if daemon.has_ended:
        raise SoakError(f"did not start:\n{daemon.log()}")
    serve_a_little(daemon, loads)
    log = daemon.end()
    if row.words not in log:
        raise SoakError(f"does not say {row.words!r}:\n{log}")


def inject(setup: Setup, loads: Loads, row: Injection) -> int:
    """Answers how many calls have failed."""
    with TemporaryDirectory(prefix="rouse-soak-") as directory:
        record = Path(directory) / "strace"
        prefix = ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-o", str(record),
                  "-e", f"trace={row.syscall}",
                  "-e", f"inject={row.syscall}:error={row.error}:when={row.when}", "--"]
        # One worker: the calls of its thread are counted from its first.
        traced = Setup(setup.program, setup.backend, ["--workers", "1"], prefix)
        with Daemon(traced) as daemon:
            if row.code == 0:
                expect_service(daemon, loads, row)
            else:
                expect_end(daemon, loads, row)
            # The tracer writes a moment later.
            wait_for(lambda: "(INJECTED)" in record.read_text() or None, 2.0)
        count = record.read_text().count("(INJECTED)")
        if count == 0:
            raise SoakError("nothing was injected: the row no longer fits the program")
        return count


def injections(setup: Setup, loads: Loads, sizes: Sizes) -> list[str]:
    if shutil.which("strace") is None:
        raise SoakError("strace is missing: apt-get install strace")
    failed = []
    calls = 0
    rows = [row for row in ANY_BACKEND + INJECTIONS[setup.backend]
            if row.sanitized or not is_sanitized(setup.program)]
    for row in rows:
        try:
            calls += inject(setup, loads, row)
        except SoakError as fault:
            failed.append(f"{row.name()}: {fault}")
    if failed:
        raise SoakError("\n".join(failed))
    served = sum(row.code == 0 for row in rows)
    return [f"{len(rows)} rows, {calls:,} calls that failed: served on in {served}, ended as "
            f"documented in {len(rows) - served}"]
