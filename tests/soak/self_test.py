"""Shows that the checks can fail: each is given what it has to find."""

import socket
from collections.abc import Callable

from daemon import Daemon, Setup, SoakError, check_log, wait_for
from floods import (GROWTH_KIB_MAX, GROWTH_KIB_MAX_SANITIZED, Sizes, check_counts, check_cuts,
                    check_growth)
from injections import Injection, inject
from loads import Load, Loads, Proxy, Result

CONNECTIONS = 240
# Not all: a client may have left before it reads the byte, and another second in the Date of an
# answer is as good as the right one.
FOUND_SHARE_MIN = 0.75
SPOILINGS = ("flip", "drop", "twice", "swap", "close", "hang")


def must_fail(name: str, check: Callable[[], object], words: str) -> str:
    try:
        check()
    except SoakError as found:
        if words not in str(found):
            raise SoakError(f"{name}: found something else: {found}") from found
        return f"{name}: found"
    raise SoakError(f"{name}: not found")


def spoil(daemon: Daemon, loads: Loads, protocol: str, how: str) -> str:
    """A network that breaks what TCP keeps."""
    with Proxy(loads, daemon.port(protocol), how) as proxy:
        load = Load(protocol, CONNECTIONS, 20, 8,
                    options=["--proxied", "yes", "--patience-ms", "1000"])
        result = loads.run(load, proxy.port)
        spoilt = proxy.end()["spoilt"]
    found = result.count["mismatches"] + result.count["connections_lost"]
    if result.code != 1 or spoilt == 0 or not FOUND_SHARE_MIN * spoilt <= found <= spoilt:
        raise SoakError(f"{protocol}, {how}: {spoilt:.0f} connections were spoilt, and {found:.0f} "
                        f"found; code {result.code}\n{result.faults}")
    return f"{protocol}, {how}: {found:.0f} of {spoilt:.0f} found"


def hold(daemon: Daemon, count: int, sent: bytes) -> list[socket.socket]:
    held = []
    for _ in range(count):
        held.append(socket.create_connection(("127.0.0.1", daemon.port("http")), 5.0))
        held[-1].sendall(sent)
    return held


def leaks(setup: Setup, loads: Loads) -> list[str]:
    """A held connection is a descriptor too many, memory that is not given back, and cut at the
    end."""
    lines = []
    held: list[socket.socket] = []
    with Daemon(Setup(setup.program, setup.backend, ["--shutdown-timeout", "200ms"])) as daemon:
        descriptors, memory_kib = daemon.descriptors(), daemon.resident_kib()
        bound = max(GROWTH_KIB_MAX, GROWTH_KIB_MAX_SANITIZED)
        held += hold(daemon, 1, b"GET /delay/60000 HTTP/1.1\r\nHost: soak\r\n\r\n")
        wait_for(lambda: daemon.descriptors() > descriptors or None, 5.0)
        lines.append(must_fail("a descriptor that stays",
                               lambda: daemon.check_descriptors(descriptors, 0.5), "descriptors"))
        lines.append(must_fail("memory that stays",
                               lambda: check_growth(daemon, memory_kib - 2 * bound), "grew from"))
        lines.append(must_fail("a connection that is cut", daemon.end, "ended with code 1"))
    for each in held:
        each.close()
    return lines


def counts(setup: Setup, loads: Loads) -> list[str]:
    """A connection or a request that the daemon counts, and no client has made."""
    load = Load("http", 100, 5)
    lines = []
    with Daemon(setup) as daemon:
        result = loads.run(load, daemon.port("http")).check("a small load")
        log = daemon.end()
    for name in ("connections", "requests"):
        fewer = dict(result.count)
        fewer[name] -= 1000
        wrong = [(load, Result(0, fewer, ""))]
        lines.append(must_fail(f"{name} that nobody made", lambda: check_counts(log, wrong),
                               "counted"))
    return lines


def self_test(setup: Setup, loads: Loads, sizes: Sizes) -> list[str]:
    lines = []
    with Daemon(setup) as daemon:
        for protocol in ("http", "echo"):
            lines += [spoil(daemon, loads, protocol, how) for how in SPOILINGS]
    lines += leaks(setup, loads)
    lines += counts(setup, loads)
    lines.append(must_fail("cuts that nobody made",
                           lambda: check_cuts(1, dict.fromkeys(
                               ("ends", "resets", "vanished", "half_closes"), 0.0)),
                           "taken for cut"))
    line = "2026-11-23T01:12:40.697Z {} worker=1\n"
    lines.append(must_fail("an error in the log",
                           lambda: check_log(line.format("error worker_failed")), "in the log"))
    lines.append(must_fail("a line that is not the log's", lambda: check_log("terminate called\n"),
                           "in the log"))
    lines.append(must_fail(
        "a row that expects the wrong end",
        lambda: inject(setup, loads, Injection("socket", "EMFILE", "1", 3)), "instead of 3"))
    lines.append(must_fail(
        "a row that injects nothing",
        lambda: inject(setup, loads, Injection("socket", "EMFILE", "99")), "nothing was injected"))
    return lines
