#!/usr/bin/env python3
"""Measures roused beside two floor programs and nginx, in alternating rounds, and prints tables.

The figure that counts is the server's CPU time for a request: requests a second depend on the load
program's processor too. See tests/bench/README.md for how to read the tables.
Exit code: 0 done; 1 a load or a server failed, or a program of this project is missing;
2 bad arguments; 3 a goal is missed (only with --check).
"""

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from files import SIZES, make_files, window_of
from loads import Asked, Tools, Window, echo_window, idle_bytes_per_connection, wrk_window
from processes import BenchError
from report import Idle, Scenario, as_json, check_goals, idle_table, scenario_table
from servers import OWN_SERVERS, PROTOCOLS, SERVERS, Server, Start, find_program, start_server

Measure = Callable[[Tools, Server, float], Window]
SCENARIOS: dict[str, tuple[str, Measure]] = {
    "keep-alive": ("http", lambda tools, server, s: wrk_window(tools, server, s, Asked())),
    "pipelined": ("http",
                  lambda tools, server, s: wrk_window(tools, server, s, Asked(pipelined=True))),
    "echo": ("echo", echo_window),
    **{name: ("files", window_of(name)) for name in SIZES},
}
FILES = "files"
FILE_SERVERS = ("roused", "nginx")
IDLE = "idle"
SMOKE_SECONDS = 0.3
SMOKE_CONNECTIONS = 200
WARM_UP_SECONDS = 1.0


@dataclass
class Plan:
    """What one run does, all defaults and limits of this machine applied."""

    build_dir: Path
    servers: list[str]
    scenarios: list[str]
    seconds: float
    rounds: int
    warm_up_seconds: float
    idle_connections: int
    server_cpu: int | None
    tools: Tools
    files: Path

    def find(self, server: str, protocol: str) -> tuple[str | None, str]:
        """The server's program, or None and the reason why this run goes on without it."""
        if protocol not in PROTOCOLS[server]:
            return None, f"has no {protocol}"
        program = find_program(server, self.build_dir)
        where = "PATH (apt-get install nginx)" if server == "nginx" else str(self.build_dir)
        return program, f"missing: no such program in {where}"


def list_of(choices: tuple[str, ...], groups: dict[str, list[str]]) -> Callable[[str], list[str]]:
    def parse(text: str) -> list[str]:
        names = [name for word in text.split(",") for name in groups.get(word, [word])]
        for name in names:
            if name not in choices:
                raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(choices)}")
        return names
    return parse


def positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = kind(text)
        if value <= 0:
            raise argparse.ArgumentTypeError("must be more than 0")
        return value
    return parse


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    scenarios = (*SCENARIOS, IDLE)
    parser.add_argument("group", nargs="?", choices=(FILES,),
                        help="as if --only files --servers roused,nginx were said")
    parser.add_argument("--build-dir", type=Path, required=True,
                        help="searched for roused, the floors and the load programs")
    parser.add_argument("--smoke", action="store_true",
                        help="very short windows: does it all work; figures mean nothing")
    parser.add_argument("--seconds", type=positive(float), default=2.0, help="of one window")
    parser.add_argument("--rounds", type=positive(int), default=7)
    parser.add_argument("--connections", type=positive(int), default=9000, help="idle ones")
    parser.add_argument("--only", type=list_of(scenarios, {FILES: list(SIZES)}),
                        help=f"scenarios: {','.join(scenarios)}; {FILES} is all of files")
    parser.add_argument("--servers", type=list_of(SERVERS, {}),
                        help=f"servers: {','.join(SERVERS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every figure there")
    parser.add_argument("--check", action="store_true", help="compare roused with its goals")
    arguments = parser.parse_args()
    of_files = arguments.group == FILES
    arguments.only = arguments.only or list(SIZES if of_files else scenarios)
    arguments.servers = arguments.servers or list(FILE_SERVERS if of_files else SERVERS)
    return arguments


def make_plan(arguments: argparse.Namespace, files: Path) -> Plan:
    if not arguments.build_dir.is_dir():
        raise BenchError(f"--build-dir: {arguments.build_dir} is not a directory; build first")
    build_dir = arguments.build_dir.resolve()
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) == 1:
        print("Only one processor: server and load share it, so requests/s and p99 are low.")
    found = {name: find_program(name, build_dir)
             for name in ("wrk", "echo_load", "idle_load")}
    smoke = bool(arguments.smoke)
    return Plan(
        build_dir=build_dir,
        servers=arguments.servers,
        scenarios=arguments.only,
        seconds=SMOKE_SECONDS if smoke else arguments.seconds,
        rounds=1 if smoke else int(arguments.rounds),
        warm_up_seconds=0.0 if smoke else WARM_UP_SECONDS,
        idle_connections=SMOKE_CONNECTIONS if smoke else int(arguments.connections),
        server_cpu=cpus[0],
        tools=Tools(**found, cpu=cpus[min(1, len(cpus) - 1)]),
        files=files,
    )


def need_tools(plan: Plan) -> None:
    """A missing load program leaves nothing to measure with."""
    if set(plan.scenarios) - {"echo", IDLE} and plan.tools.wrk is None:
        raise BenchError("wrk is missing: apt-get install wrk")
    for scenario, name in (("echo", "echo_load"), (IDLE, "idle_load")):
        if scenario in plan.scenarios and getattr(plan.tools, name) is None:
            raise BenchError(f"{name} is missing in {plan.build_dir}: build it first")


def run_scenario(plan: Plan, name: str) -> Scenario:
    protocol, measure = SCENARIOS[name]
    root = plan.files if protocol == FILES else None
    scenario = Scenario(name)
    with ExitStack() as stack:
        running: list[Server] = []
        for server_name in plan.servers:
            program, reason = plan.find(server_name, protocol)
            if program is None:
                scenario.missing[server_name] = reason
                continue
            running.append(start_server(
                Start(server_name, program, protocol, plan.server_cpu, root)))
            stack.callback(running[-1].close)
            scenario.windows[server_name] = []
        if plan.warm_up_seconds > 0:
            for server in running:
                measure(plan.tools, server, plan.warm_up_seconds)
        for _ in range(plan.rounds):
            for server in running:
                scenario.windows[server.name].append(measure(plan.tools, server, plan.seconds))
    return scenario


def run_idle(plan: Plan) -> Idle:
    idle = Idle(plan.idle_connections)
    for name in plan.servers:
        program, reason = plan.find(name, "http")
        if program is None:
            idle.missing[name] = reason
            continue
        server = start_server(Start(name, program, "http", plan.server_cpu))
        try:
            idle.bytes_each[name] = idle_bytes_per_connection(plan.tools, server,
                                                              plan.idle_connections)
        finally:
            server.close()
    return idle


def main() -> int:
    arguments = parse_arguments()
    # Ends the run as Ctrl-C does, so that no server stays behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="rouse-bench-files-") as directory:
        make_files(Path(directory))
        return compare(arguments, make_plan(arguments, Path(directory)))


def compare(arguments: argparse.Namespace, plan: Plan) -> int:
    need_tools(plan)
    scenarios: list[Scenario] = []
    idle: Idle | None = None
    for name in plan.scenarios:
        if name == IDLE:
            idle = run_idle(plan)
            print(idle_table(idle), end="\n\n", flush=True)
        else:
            scenarios.append(run_scenario(plan, name))
            print(scenario_table(scenarios[-1]), end="\n\n", flush=True)
    print(f"Medians of {plan.rounds} alternating rounds of {plan.seconds:g} s; ratios are of CPU "
          "time, medians of the ratios within each round.")
    if arguments.json:
        arguments.json.write_text(json.dumps(as_json(scenarios, idle), indent=2) + "\n")
    met = True
    if arguments.check:
        lines, met = check_goals(scenarios, idle)
        print("\n".join(lines))
    absent = [name for name in OWN_SERVERS if name in plan.servers
              and find_program(name, plan.build_dir) is None]
    if absent:
        print(f"failed: not built in {plan.build_dir}: {', '.join(absent)}", file=sys.stderr)
        return 1
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
