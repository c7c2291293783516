#!/usr/bin/env python3
"""Runs roused under floods, a faulty network, squeezed limits and failing system calls; checks that
nothing is lost, nothing is leaked, and every end is the documented one.

See tests/soak/README.md for what each scenario shows.
Exit code: 0 all good; 1 a scenario failed, or a program of this project is missing; 2 bad
arguments.
"""

import argparse
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import limits
from daemon import BACKENDS, Setup, SoakError
from floods import Sizes, drain, faulty, flood, tiny
from injections import injections
from loads import Loads
from netem import netem
from self_test import self_test

Scenario = Callable[[Setup, Loads, Sizes], list[str]]
SCENARIOS: dict[str, Scenario] = {
    "flood": flood,
    "faulty": faulty,
    "netem": netem,
    "tiny": tiny,
    "drain": drain,
    "descriptors": limits.descriptors,
    "starts": limits.starts,
    "memlock": limits.memlock,
    "memory": limits.memory,
    "injections": injections,
}
SMOKE = Sizes(short_connections=5_000, requests=100_000, faulty_connections=1_200,
              drain_seconds=0.3)
USUAL = Sizes(short_connections=50_000, requests=1_000_000, faulty_connections=10_000,
              drain_seconds=1.0)
FULL = Sizes(short_connections=1_000_000, requests=10_000_000, faulty_connections=100_000,
             drain_seconds=2.0)


def list_of(choices: dict[str, object]) -> Callable[[str], list[str]]:
    def parse(text: str) -> list[str]:
        for name in text.split(","):
            if name not in choices:
                raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(choices)}")
        return text.split(",")
    return parse


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", type=Path, required=True,
                        help="searched for roused, soak_load and faulty_proxy")
    parser.add_argument("--roused", type=Path, help="this one, built elsewhere")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--smoke", action="store_true", help="a little of everything, for CI")
    size.add_argument("--full", action="store_true",
                      help="1,000,000 short connections and 10,000,000 requests")
    parser.add_argument("--seed", type=int, help="of clients and faults; drawn if not given")
    parser.add_argument("--only", type=list_of(dict(SCENARIOS)), default=list(SCENARIOS),
                        help=f"scenarios: {','.join(SCENARIOS)}")
    parser.add_argument("--backend", type=list_of(dict(BACKENDS)), default=list(BACKENDS),
                        help=f"backends: {','.join(BACKENDS)}")
    parser.add_argument("--self-test", action="store_true",
                        help="break things, and see whether the checks find it")
    return parser.parse_args()


def find_program(name: str, build_dir: Path) -> Path:
    found = [path for path in build_dir.resolve().rglob(name)
             if path.is_file() and path.stat().st_mode & 0o111]
    if not found:
        raise SoakError(f"no {name} in {build_dir}: build it first")
    return max(found, key=lambda path: path.stat().st_mtime)


def run_scenario(name: str, scenario: Scenario, setup: Setup, loads: Loads, sizes: Sizes) -> bool:
    began = time.monotonic()
    print(f"{name} ({setup.backend})", flush=True)
    try:
        lines = scenario(setup, loads, sizes)
    except SoakError as fault:
        lines = [f"FAILED: {fault}"]
    outcome = next((word for word in ("FAILED", "skipped") if lines[0].startswith(word)), "passed")
    for line in lines:
        print("  " + line.replace("\n", "\n  "))
    print(f"  {outcome} in {time.monotonic() - began:.1f} s\n", flush=True)
    return outcome != "FAILED"


def main() -> int:
    arguments = parse_arguments()
    # Ends the run as Ctrl-C does, so that no daemon stays behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 32)
    loads = Loads(find_program("soak_load", arguments.build_dir),
                  find_program("faulty_proxy", arguments.build_dir), seed)
    program = (arguments.roused or find_program("roused", arguments.build_dir)).resolve()
    sizes = SMOKE if arguments.smoke else FULL if arguments.full else USUAL
    chosen = ({"self-test": self_test} if arguments.self_test else
              {name: SCENARIOS[name] for name in arguments.only})
    print(f"seed {seed}\n")
    failed = []
    for backend in arguments.backend:
        for name, scenario in chosen.items():
            if not run_scenario(name, scenario, Setup(program, backend), loads, sizes):
                failed.append(f"{name} ({backend})")
    if failed:
        print(f"failed: {', '.join(failed)}; again with --seed {seed}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SoakError as error:
        print(f"failed: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
