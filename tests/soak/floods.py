"""Scenarios with clients that model what must come back: direct, through faults, during a drain."""

import time
from dataclasses import dataclass

from daemon import Daemon, Setup, SoakError, is_sanitized
from loads import Load, Loads, Proxy, Result

# The daemon may grow by this much between the end of the warm-up and the end of the flood: the
# allocator's slack. A leak of 8 bytes a connection would be 8 MB in the full run.
GROWTH_KIB_MAX = 4096
# Sanitizers keep shadow memory and freed blocks.
GROWTH_KIB_MAX_SANITIZED = 65_536
WARM_UP_CONNECTIONS = 2000
WARM_UP_REQUESTS = 40_000
# With fewer, chance may leave one out.
CONNECTIONS_FOR_EVERY_FAULT = 500
# With the fewest buffers and entries that the settings allow, and few places.
TINY = ["--uring-entries", "64", "--uring-buffers", "16", "--uring-buffers-max", "16",
        "--uring-buffer-bytes", "512", "--uring-receive-queue-bytes-max", "512",
        "--connections-max", "60"]


@dataclass
class Sizes:
    """How much one run does."""

    short_connections: int
    requests: int
    faulty_connections: int
    drain_seconds: float


def short(protocol: str, connections: int) -> Load:
    return Load(protocol, connections)


def long(protocol: str, requests: int) -> Load:
    """At least so many requests: one connection in fifty leaves without having made any."""
    each = min(1000, max(100, requests // 500))
    return Load(protocol, requests * 21 // 20 // each + 1, each, depth=16, at_once=128)


def loads_of(sizes: Sizes) -> list[Load]:
    return [short("http", sizes.short_connections * 7 // 10),
            short("echo", sizes.short_connections - sizes.short_connections * 7 // 10),
            long("http", sizes.requests * 7 // 10),
            long("echo", sizes.requests - sizes.requests * 7 // 10)]


def count_in(log: str, name: str) -> int:
    words = [word for word in log.split() if word.startswith(f"{name}=")]
    return int(words[-1].partition("=")[2])


def check_counts(log: str, results: list[tuple[Load, Result]]) -> None:
    """The daemon's own counts agree with the clients': none more, none fewer."""
    for protocol in ("http", "echo"):
        made = sum(int(result.count["connections"]) for load, result in results
                   if load.protocol == protocol)
        counted = count_in(log, f"{protocol}_connections")
        if counted != made:
            raise SoakError(f"{made} {protocol} connections were made, and {counted} counted")
    of_http = [result.count for load, result in results if load.protocol == "http"]
    answers = sum(int(count["answers"]) for count in of_http)
    requests = sum(int(count["requests"]) for count in of_http)
    counted = count_in(log, "http_requests")
    if not answers <= counted <= requests:
        raise SoakError(f"{counted} HTTP requests were counted; {requests} were made, "
                        f"{answers} answered")


def check_growth(daemon: Daemon, before_kib: int) -> str:
    bound = GROWTH_KIB_MAX_SANITIZED if is_sanitized(daemon.setup.program) else GROWTH_KIB_MAX
    after_kib = daemon.resident_kib()
    if after_kib > before_kib + bound:
        raise SoakError(f"grew from {before_kib:,} to {after_kib:,} KiB; the bound is "
                        f"{bound:,} more")
    return f"memory {before_kib:,} KiB after the warm-up, {after_kib:,} KiB at the end"


def flood(setup: Setup, loads: Loads, sizes: Sizes) -> list[str]:
    """Short connections, then pipelined requests, over loopback and nothing between."""
    lines = []
    results: list[tuple[Load, Result]] = []
    with Daemon(setup) as daemon:
        descriptors = daemon.descriptors()

        def run(load: Load) -> Result:
            result = loads.run(load, daemon.port(load.protocol)).check(load.protocol)
            results.append((load, result))
            return result

        for protocol in ("http", "echo"):
            run(short(protocol, max(WARM_UP_CONNECTIONS, sizes.short_connections // 20)))
            run(long(protocol, max(WARM_UP_REQUESTS, sizes.requests // 8)))
        daemon.check_descriptors(descriptors)
        warm_kib = daemon.resident_kib()
        warm_up = len(results)
        for load in loads_of(sizes):
            result = run(load)
            daemon.check_descriptors(descriptors)
            kind = "short" if load.requests == 1 else "pipelined"
            lines.append(f"{load.protocol}, {kind}: {result.words()} "
                         f"in {result.count['seconds']:.1f} s")
        lines.append(check_growth(daemon, warm_kib))
        log = daemon.end()
        check_counts(log, results)
        lines.append(f"ended {daemon.seconds_to_end:.2f} s after SIGTERM")
    connections = sum(int(result.count["connections"]) for load, result in results[warm_up:]
                      if load.requests == 1)
    answers = sum(int(result.count["answers"]) for _, result in results[warm_up:])
    lines.append(f"in all {connections:,} short connections and {answers:,} answers, all compared")
    if connections < sizes.short_connections or answers < sizes.requests:
        raise SoakError(f"less than was asked for: {lines[-1]}")
    return lines


def check_cuts(taken_for_cut: float, proxy: dict[str, float]) -> str:
    """The clients may call no more connections cut than the proxy has cut."""
    cuts = sum(proxy[name] for name in ("ends", "resets", "vanished", "half_closes"))
    if taken_for_cut > cuts:
        raise SoakError(f"{taken_for_cut:.0f} connections were taken for cut, and {cuts:.0f} were")
    faults = ("ends", "resets", "vanished", "half_closes", "stalls", "delays", "segments")
    if proxy["connections"] >= CONNECTIONS_FOR_EVERY_FAULT and not all(proxy[name] > 0
                                                                       for name in faults):
        raise SoakError(f"the proxy did not make every fault: {proxy}")
    return ", ".join(f"{proxy[name]:,.0f} {name}" for name in proxy
                     if name not in ("connections", "spoilt", "open"))


def faulty(setup: Setup, loads: Loads, sizes: Sizes) -> list[str]:
    """The same clients through the faulty proxy: what is not cut loses nothing, and what is cut
    gets a prefix."""
    lines = []
    with Daemon(setup) as daemon:
        descriptors = daemon.descriptors()
        for protocol in ("http", "echo"):
            with Proxy(loads, daemon.port(protocol)) as proxy:
                cut = 0.0
                for requests, depth in ((1, 1), (20, 8)):
                    load = Load(protocol, sizes.faulty_connections // 4, requests, depth,
                                options=["--proxied", "yes"])
                    result = loads.run(load, proxy.port).check(f"{protocol} through the proxy")
                    lines.append(f"{protocol}, {requests} each: {result.words()} "
                                 f"in {result.count['seconds']:.1f} s")
                    cut += result.count["connections_cut"]
                lines.append("  faults: " + check_cuts(cut, proxy.end()))
        daemon.check_descriptors(descriptors)
        daemon.end()
    return lines


def tiny(setup: Setup, loads: Loads, sizes: Sizes) -> list[str]:
    """Both again with so few entries, buffers and places that all of them are short."""
    less = Sizes(sizes.short_connections // 20, sizes.requests // 20,
                 sizes.faulty_connections // 4, 0)
    squeezed = Setup(setup.program, setup.backend, TINY)
    with Daemon(squeezed) as daemon:
        running = [loads.start(load, daemon.port(load.protocol)) for load in loads_of(less)]
        results = [each.result().check("all at once") for each in running]
        daemon.end()
    return [f"{result.words()} in {result.count['seconds']:.1f} s"
            for result in results] + faulty(squeezed, loads, less)


def drain(setup: Setup, loads: Loads, sizes: Sizes) -> list[str]:
    """SIGTERM under load: every answer that has begun is whole, and the end comes in time."""
    with Daemon(setup) as daemon:
        running = [loads.start(Load(protocol, 1_000_000, requests, depth, 64,
                                    ["--may-close", "yes"]), daemon.port(protocol))
                   for protocol, requests, depth in (("http", 1, 1), ("http", 100_000, 8),
                                                     ("echo", 100_000, 8))]
        time.sleep(sizes.drain_seconds)
        daemon.end()
        results = [each.result().check("during a drain") for each in running]
        if not any(result.count["connections_closed"] for result in results):
            raise SoakError("the drain met no connection")
        return [result.words() for result in results] + [
            f"ended {daemon.seconds_to_end:.2f} s after SIGTERM"]
