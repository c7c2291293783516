#!/usr/bin/env python3
"""Holds thousands of slow clients open, and shows that others do not notice and none stays.

A third sends request heads a byte a second, a third request bodies, a third reads its answer so.
wrk runs without them and beside them, in alternating rounds; then all must be closed in time.
Exit code: 0 done; 1 a client was not closed as it has to be, or something failed;
2 bad arguments; 3 wrk lost more beside them than it may.
"""

import argparse
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from loads import Asked, Tools, Window, wrk_window
from processes import BenchError, cpu_nanoseconds
from servers import Server, Start, find_program, start_server
from slow_load import ANSWER_BYTES, Kind, SlowClient, SlowClients

LOSS_MAX = 0.05
# Each deadline is passed by as much at most, and by less than nothing never.
LATE_SECONDS_MAX = 1.0
EARLY_SECONDS_MAX = 0.1
# For the connects, and for a machine that is busy, before the first deadline.
ROOM_SECONDS = 6.0
SMOKE_CLIENTS, SMOKE_SECONDS, SMOKE_ROOM_SECONDS = 300, 0.5, 2.0
# A peer that stalls is found out within an eighth more of http.write_timeout.
WRITE_LOOK = 1.125
SAMPLE_SECONDS = 0.1
# All connect at once: one that the kernel turns away would try again a second later.
BACKLOG = 4096
WRK_GONE_SECONDS = 2.0
# A server that uses less of its processor than this has come to rest.
SETTLED_SHARE, SETTLE_SECONDS, SETTLE_LOOKS_MAX = 0.1, 0.25, 80
DESCRIPTORS_SPARE = 200


@dataclass
class Plan:
    """What one run does."""

    program: str
    tools: Tools
    server_cpu: int
    # That of wrk where there are only two: then what the clients take of it is lost for wrk.
    clients_cpu: int
    clients: int
    rounds: int
    seconds: float
    timeout_seconds: float
    kinds: list[Kind]

    def arguments(self) -> tuple[str, ...]:
        each = f"{self.timeout_seconds * 1000:.0f}ms"
        # A body of a byte a second is slower than body_rate_min, 240 bytes a second by default.
        timeouts = [word for name in ("header-timeout", "body-grace", "write-timeout")
                    for word in (f"--http-{name}", each)]
        return ("--backlog", str(BACKLOG), *timeouts)

    def deadline(self, kind: Kind) -> float:
        return self.timeout_seconds * (WRITE_LOOK if kind is Kind.READ else 1.0)


@dataclass
class Found:
    """What the rounds have shown."""

    alone: list[Window] = field(default_factory=list)
    beside: list[Window] = field(default_factory=list)
    # The latest close of each kind, in seconds after the client's beginning.
    latest: dict[Kind, float] = field(default_factory=dict)
    closed: int = 0
    # Of wrk's processor, what the slow clients themselves took.
    taken: list[float] = field(default_factory=list)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", type=Path, required=True, help="searched for roused")
    parser.add_argument("--smoke", action="store_true",
                        help=f"{SMOKE_CLIENTS} clients once, and no figure is judged")
    parser.add_argument("--clients", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of one window of wrk")
    parser.add_argument("--kind", choices=[kind.value for kind in Kind],
                        help="all are slow at this, instead of a third each")
    return parser.parse_args()


def make_plan(arguments: argparse.Namespace) -> Plan:
    roused, wrk = find_program("roused", arguments.build_dir), find_program("wrk", Path())
    if roused is None or wrk is None:
        missing = "wrk (apt-get install wrk)" if roused else f"roused in {arguments.build_dir}"
        raise BenchError(f"missing: {missing}")
    cpus = sorted(os.sched_getaffinity(0))
    smoke = arguments.smoke
    seconds = SMOKE_SECONDS if smoke else arguments.seconds
    plan = Plan(program=roused, tools=Tools(wrk, None, None, cpus[min(1, len(cpus) - 1)]),
                server_cpu=cpus[0], clients_cpu=cpus[min(2, len(cpus) - 1)],
                clients=SMOKE_CLIENTS if smoke else arguments.clients,
                rounds=1 if smoke else arguments.rounds, seconds=seconds,
                timeout_seconds=seconds + (SMOKE_ROOM_SECONDS if smoke else ROOM_SECONDS),
                kinds=[Kind(arguments.kind)] if arguments.kind else list(Kind))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < plan.clients + DESCRIPTORS_SPARE:
        raise BenchError(f"{plan.clients} clients need more than {hard} descriptors: ulimit -Hn")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return plan


def descriptors(server: Server) -> int:
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def await_wrk_gone(server: Server, held: int) -> None:
    """Its connections close on their own, but not within its last second."""
    end = time.monotonic() + WRK_GONE_SECONDS
    while descriptors(server) > held and time.monotonic() < end:
        time.sleep(SAMPLE_SECONDS / 10)


def await_closes(plan: Plan, server: Server, clients: list[SlowClient], idle: int) -> None:
    """Until the server has closed all, by its descriptors; at no time are more open than clients
    whose deadlines have not passed."""
    deadlines = sorted(client.began + plan.deadline(client.kind) + LATE_SECONDS_MAX
                       for client in clients)
    while True:
        now = time.monotonic()
        held = descriptors(server) - idle
        allowed = sum(1 for deadline in deadlines if deadline > now)
        if held > allowed:
            raise BenchError(f"{held} slow clients are open, and the deadlines of {allowed} have "
                             "not passed")
        if held <= 0:
            return
        time.sleep(SAMPLE_SECONDS)


def check_client(client: SlowClient) -> float:
    """How long it was open, if it was closed as its kind is."""
    if client.kind is Kind.READ:
        got = client.drain()
        if got is None or got >= ANSWER_BYTES:
            raise BenchError(f"a slow reader got {got} bytes, and was to be cut short")
    elif not client.read.startswith(b"HTTP/1.1 408 "):
        raise BenchError(f"slow {client.kind.value}: not answered with 408, but "
                         f"{bytes(client.read[:80])!r}")
    assert client.ended is not None
    return client.ended - client.began


def check_closes(plan: Plan, found: Found, held: SlowClients, closed: float) -> None:
    last = max(client.began for client in held.clients)
    for client in held.clients:
        took = check_client(client)
        deadline = plan.deadline(client.kind)
        if client.kind is Kind.READ:
            # When it sees the end depends on when it reads, so the server's side counts, and that
            # of the last one: see await_closes().
            took = closed - last
        elif not deadline - EARLY_SECONDS_MAX <= took <= deadline + LATE_SECONDS_MAX:
            raise BenchError(f"slow {client.kind.value}: closed after {took:.2f} s, and the "
                             f"deadline is {deadline:.2f} s")
        found.latest[client.kind] = max(found.latest.get(client.kind, 0.0), took)
    found.closed += len(held.clients)


def settle(server: Server) -> None:
    """Waits until it has sent to slow readers what the kernel takes for them."""
    for _ in range(SETTLE_LOOKS_MAX):
        before = cpu_nanoseconds(server.process.pid)
        time.sleep(SETTLE_SECONDS)
        if cpu_nanoseconds(server.process.pid) - before < SETTLE_SECONDS * 1e9 * SETTLED_SHARE:
            return
    raise BenchError("the server does not come to rest with slow readers")


def connect_all(plan: Plan, server: Server, held: SlowClients) -> None:
    parts = len(plan.kinds)
    for part, kind in enumerate(plan.kinds):
        held.add(kind, plan.clients * (part + 1) // parts - plan.clients * part // parts)
        if kind is Kind.READ:
            settle(server)
            for client in held.clients:
                client.began = time.monotonic()  # From here on the server waits for it.
    held.start()


def run_beside(plan: Plan, found: Found, server: Server, idle: int) -> None:
    """One round; `idle` is how many descriptors the server has without any client."""
    await_wrk_gone(server, idle)
    held = SlowClients(server.port, plan.clients_cpu)
    try:
        connect_all(plan, server, held)
        began, cpu_before = time.monotonic(), held.cpu_seconds
        window = wrk_window(plan.tools, server, plan.seconds, Asked())
        found.taken.append((held.cpu_seconds - cpu_before) / (time.monotonic() - began))
        still_open = held.open_count()
        if still_open < plan.clients:
            raise BenchError(f"only {still_open} slow clients were open to the end of the window")
        found.beside.append(window)
        await_wrk_gone(server, idle + plan.clients)
        await_closes(plan, server, held.clients, idle)
        closed = time.monotonic()
        held.stop()
        check_closes(plan, found, held, closed)
    finally:
        held.close()


def run_rounds(plan: Plan) -> Found:
    found = Found()
    server = start_server(Start("roused", plan.program, "http", plan.server_cpu,
                                arguments=plan.arguments()))
    idle = descriptors(server)
    try:
        wrk_window(plan.tools, server, plan.seconds / 2, Asked())
        for number in range(plan.rounds):
            if number % 2 == 0:
                found.alone.append(wrk_window(plan.tools, server, plan.seconds, Asked()))
            run_beside(plan, found, server, idle)
            if number % 2 == 1:
                found.alone.append(wrk_window(plan.tools, server, plan.seconds, Asked()))
    finally:
        server.close()
    return found


def report(plan: Plan, found: Found) -> float:
    """Prints it all; answers the part of its requests that wrk lost."""
    pairs = list(zip(found.alone, found.beside))
    loss = 1 - median(beside.rate / alone.rate for alone, beside in pairs)
    taken = median(found.taken) if plan.clients_cpu == plan.tools.cpu else 0.0
    cost = median(beside.cpu_us / alone.cpu_us for alone, beside in pairs) - 1
    for name, windows in (("alone", found.alone), (f"beside {plan.clients}", found.beside)):
        print(f"  wrk {name.ljust(12)} {median(each.rate for each in windows):10,.0f} requests/s  "
              f"{median(each.cpu_us for each in windows):7.3f} CPU us/request")
    print(f"  beside them: {loss:+.1%} requests/s lost, {cost:+.1%} CPU time a request; medians of "
          f"the ratios within {len(pairs)} rounds of {plan.seconds:g} s")
    print(f"  the clients' own work took {taken:.1%} of wrk's processor: {loss - taken:+.1%} lost")
    for kind in plan.kinds:
        print(f"  slow {kind.value.ljust(8)} all closed, the last {found.latest[kind]:.2f} s after "
              f"its beginning; the deadline is {plan.deadline(kind):.2f} s")
    print(f"ok  {found.closed:,} slow clients closed within their deadlines")
    return loss


def main() -> int:
    arguments = parse_arguments()
    # Ends the run as Ctrl-C does, so that no server stays behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    plan = make_plan(arguments)
    print(f"slow: {plan.clients} clients of a byte a second, beside {plan.tools.wrk}", flush=True)
    loss = report(plan, run_rounds(plan))
    if arguments.smoke:
        return 0
    met = loss < LOSS_MAX
    print(f"{'pass' if met else 'miss'}  slow: {loss:.3f} of the requests lost, "
          f"goal less than {LOSS_MAX:g}")
    return 0 if met else 3


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        print(f"failed: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
