"""Scenarios in which the system gives the daemon too little: descriptors and lockable memory."""

import itertools
import os
import resource
import socket
import time

from daemon import Daemon, Setup, SoakError, is_sanitized, wait_for
from floods import Sizes
from loads import Load, Loads

DESCRIPTORS = 64
# More clients at a time than descriptors: each has several requests and leaves.
CLIENTS = 200
STARTS_FROM = 4
STARTS_TO = 32
# While no descriptor is free the daemon may use this share of one processor.
IDLE_SHARE_MAX = 0.2
KIB = 1024
MEMLOCK_KIB = (0, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512, 1024, 8192)
# Root is not bound by the limit. It is one for all processes of a user, and the kernel takes rings
# apart some time after their process has ended: so every start is that of another user.
UNPRIVILEGED_IDS = itertools.count(20_000)
# Writable memory beyond what it has when it idles. Clients want several times as much.
MEMORY_KIB = (256, 4096)
EXIT_CODES_OF_A_FAILED_START = (1, 2, 3)


def serve_a_little(daemon: Daemon, loads: Loads) -> None:
    """A small load of each protocol, and a clean end."""
    descriptors = daemon.descriptors()
    for protocol in ("http", "echo"):
        load = Load(protocol, 20, 50, 8, at_once=5)
        loads.run(load, daemon.port(protocol)).check("a small load")
    daemon.check_descriptors(descriptors)


def check_refusal(daemon: Daemon, *words: str) -> int:
    """It ended by itself, with a documented code and one clear message. Answers the code."""
    code = daemon.wait_for_end()
    log = daemon.log()
    if code not in EXIT_CODES_OF_A_FAILED_START:
        raise SoakError(f"did not start, with code {code}:\n{log}")
    if not any(line.startswith("roused: ") and all(word in line for word in words)
               for line in log.splitlines()):
        raise SoakError(f"did not start (code {code}), and does not say {words}:\n{log}")
    return code


def fill(daemon: Daemon, protocols: tuple[str, ...]) -> list[socket.socket]:
    """Clients that connect and do nothing, until the daemon has no descriptor left."""
    held = []
    for number in range(2 * DESCRIPTORS):
        held.append(socket.create_connection(
            ("127.0.0.1", daemon.port(protocols[number % len(protocols)])), 5.0))
    if not wait_for(lambda: daemon.descriptors() == DESCRIPTORS or None, 5.0):
        raise SoakError(f"has {daemon.descriptors()} descriptors, with more clients than that")
    return held


def descriptors(setup: Setup, loads: Loads, sizes: Sizes) -> list[str]:
    """With 64 descriptors: serves on when clients leave, loses nothing, and does not spin."""
    squeezed = Setup(setup.program, setup.backend, ["--workers", "2"],
                     limits={resource.RLIMIT_NOFILE: DESCRIPTORS})
    with Daemon(squeezed) as daemon:
        before = daemon.descriptors()
        running = [loads.start(Load(protocol, CLIENTS * 2, 20, 4, CLIENTS), daemon.port(protocol))
                   for protocol in ("http", "echo")]
        results = [each.result().check("beyond the descriptors") for each in running]
        lines = [f"{2 * CLIENTS} clients at a time: {result.words()} in "
                 f"{result.count['seconds']:.1f} s" for result in results]
        daemon.check_descriptors(before)
        held = fill(daemon, ("http", "echo"))
        logged = daemon.log().count(" accept_failed ")
        used, began = daemon.cpu_seconds(), time.monotonic()
        time.sleep(1.0)
        share = (daemon.cpu_seconds() - used) / (time.monotonic() - began)
        logged = daemon.log().count(" accept_failed ") - logged
        for each in held:
            each.close()
        if share > IDLE_SHARE_MAX or logged > 4:
            raise SoakError(f"with no descriptor free it used {share:.0%} of a processor, and "
                            f"logged {logged} more lines")
        daemon.check_descriptors(before)
        serve_a_little(daemon, loads)
        daemon.end()
        lines.append(f"with none free: {share:.1%} of a processor, {logged} further log lines")
    return lines


def starts(setup: Setup, loads: Loads, sizes: Sizes) -> list[str]:
    """With ever more descriptors: does not start, with a clear message, or serves."""
    outcomes: dict[str, list[int]] = {}
    for count in range(STARTS_FROM, STARTS_TO):
        squeezed = Setup(setup.program, setup.backend, ["--workers", "2"],
                         limits={resource.RLIMIT_NOFILE: count})
        with Daemon(squeezed) as daemon:
            if daemon.has_ended and "error while loading shared libraries" in daemon.log():
                outcome = "the program cannot be loaded"
            elif daemon.has_ended:
                try:
                    outcome = f"code {check_refusal(daemon, 'Too many open files')}"
                except SoakError as fault:
                    raise SoakError(f"with {count} descriptors: {fault}") from fault
            else:
                daemon.end()
                outcome = "starts"
        outcomes.setdefault(outcome, []).append(count)
    if "starts" not in outcomes or len(outcomes) < 3:
        raise SoakError(f"the limits are not those that matter: {outcomes}")
    return [f"{outcome}: with {', '.join(map(str, counts))} descriptors"
            if outcome != "starts" else f"starts: with {counts[0]} and more"
            for outcome, counts in outcomes.items()]


def memlock_setup(setup: Setup, kib: int, arguments: list[str]) -> Setup:
    return Setup(setup.program, setup.backend, ["--workers", "1", *arguments],
                 limits={resource.RLIMIT_MEMLOCK: kib * KIB},
                 user_id=next(UNPRIVILEGED_IDS) if os.geteuid() == 0 else None)


def try_memlock(setup: Setup, loads: Loads, kib: int, arguments: list[str]) -> str:
    with Daemon(memlock_setup(setup, kib, arguments)) as daemon:
        if daemon.has_ended:
            code = check_refusal(daemon, "Cannot allocate memory", "raise the memlock limit")
            if code != 3:
                raise SoakError(f"with {kib} KiB it ends with code {code} instead of 3")
            return "code 3"
        serve_a_little(daemon, loads)
        log = daemon.end()
        return "with a smaller ring" if "memlock limit" in log else "serves"


def memlock(setup: Setup, loads: Loads, sizes: Sizes) -> list[str]:
    """With ever more lockable memory: ends with code 3, cause and cure, or serves; where a smaller
    ring fits, with that."""
    if is_sanitized(setup.program):
        return ["skipped: the limit is about the memory of the program as it is shipped"]
    few_buffers = ["--uring-buffers", "64", "--uring-buffers-max", "64"]
    lines = []
    for name, arguments in (("as it is", []), ("64 buffers", few_buffers)):
        outcomes: dict[str, list[int]] = {}
        for kib in MEMLOCK_KIB:
            outcomes.setdefault(try_memlock(setup, loads, kib, arguments), []).append(kib)
        lines += [f"{name}, {outcome}: with {', '.join(map(str, counts))} KiB"
                  for outcome, counts in outcomes.items()]
        if 0 in outcomes.get("serves", []):
            return lines + ["this kernel does not charge rings to the limit (5.12 to 6.13)"]
        if "serves" not in outcomes or "code 3" not in outcomes:
            raise SoakError(f"the limits are not those that matter: {outcomes}")
    if "with a smaller ring" not in outcomes:
        raise SoakError(f"a smaller ring was never tried: {outcomes}")
    return lines


def memory(setup: Setup, loads: Loads, sizes: Sizes) -> list[str]:
    """While allocations fail: connections may end and requests be answered with 500, but no byte is
    wrong, and nobody hangs. When memory is back: serves as before, and nothing has leaked."""
    if is_sanitized(setup.program):
        return ["skipped: a sanitizer ends the program when it gets no memory"]
    lines = []
    failures = 0.0
    for kib in MEMORY_KIB:
        with Daemon(setup) as daemon:
            before = daemon.descriptors()
            serve_a_little(daemon, loads)
            limit = daemon.data_kib() + kib
            resource.prlimit(daemon.process.pid, resource.RLIMIT_DATA,
                             (limit * KIB, resource.RLIM_INFINITY))
            for protocol in ("http", "echo"):
                load = Load(protocol, 3000, 20, 8, at_once=1000, options=["--may-fail", "yes"])
                result = loads.run(load, daemon.port(protocol)).check("without memory")
                lines.append(f"{kib:,} KiB: {result.words()}")
                failures += result.count["connections_closed"]
            resource.prlimit(daemon.process.pid, resource.RLIMIT_DATA,
                             (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            daemon.check_descriptors(before)
            serve_a_little(daemon, loads)
            daemon.end()
    if failures == 0:
        raise SoakError("memory was never short")
    return lines
