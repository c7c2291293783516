#!/usr/bin/env python3
"""Has the simulator look for each planted bug: python3 find.py SIM [OPTION...]

SIM is the simulator of the tree that plant.py made. Each bug gets the seeds from 1 up to the number
that bugs.py states for it, and must fail with one of them; without a bug none may fail. Exit code 1
otherwise.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

sys.dont_write_bytecode = True
from bug import Bug  # noqa: E402: after the line above, which keeps the tree clean.
from bugs import BUGS, WORLD_OPTIONS  # noqa: E402

CLEAN_SEEDS = 20_000
FAILED = re.compile(r"^FAILED .*--seed (\d+).*\n +(.*)", re.MULTILINE)
ASSERTION = re.compile(r"Assertion `(.*)' failed")


@dataclass(frozen=True)
class Outcome:
    bug: Bug
    number: int  # 0: no bug is planted.
    seed: int | None  # The first that fails.
    says: str
    seconds: float

    @property
    def is_right(self):
        return (self.seed is not None) == (self.number != 0) and not self.says.startswith("?")


def what_was_said(output):
    """The first failing seed and the reason, or None when there is none."""
    failed = FAILED.search(output)
    if failed is None:
        return None, ""
    says = failed.group(2)
    assertion = ASSERTION.search(output)
    if says.startswith("ended by a signal") and assertion:
        says = f"assertion: {assertion.group(1)}"
    return int(failed.group(1)), says


def run(simulator, number, bug):
    """Looks for one bug. One process, so that the first seed that fails is the one that is told."""
    began = time.monotonic()
    done = subprocess.run(
        [simulator, bug.world, "--first", "1", "--seeds", str(bug.seeds), "--processes", "1",
         "--no-shrink", *WORLD_OPTIONS[bug.world]],
        env=os.environ | {"ROUSE_PLANTED_BUG": str(number)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    output = done.stdout.decode(errors="replace")
    seed, says = what_was_said(output)
    if (seed is None) != (done.returncode == 0):
        says = f"? exit code {done.returncode}: {output[-300:]}"
    return Outcome(bug, number, seed, says, time.monotonic() - began)


def chosen_bugs(names):
    """The numbers and the bugs: those named, or all and none."""
    numbered = list(enumerate(BUGS, 1))
    if names:
        unknown = set(names) - {bug.name for bug in BUGS}
        if unknown:
            sys.exit(f"find.py: no such bug: {', '.join(sorted(unknown))}")
        return [(number, bug) for number, bug in numbered if bug.name in names]
    clean = [(0, Bug("none", "no bug is planted", "", "", "", world, CLEAN_SEEDS))
             for world in WORLD_OPTIONS]
    return clean + numbered


def text_line(found):
    """One bug for the terminal."""
    seed = "-" if found.seed is None else found.seed
    mark = " " if found.is_right else "!"
    return (f"{mark} {found.number:3} {found.bug.name:28} {found.bug.world:6} {seed:>6} "
            f"of {found.bug.seeds:<7} {found.seconds:5.1f} s  {found.says}")


def markdown(outcomes):
    """The table for docs/testing.md."""
    yield "| Bug | What is wrong | World | Seeds until found | At most | What the simulator says |"
    yield "| --- | --- | --- | ---: | ---: | --- |"
    for found in outcomes:
        if found.number != 0:
            says = " ".join(found.says.split()).replace("|", "\\|").replace("<", "\\<")
            yield (f"| `{found.bug.name}` | {found.bug.what} | {found.bug.world} | {found.seed} | "
                   f"{found.bug.seeds} | {says} |")


def main():
    parser = argparse.ArgumentParser(description="Has the simulator look for each planted bug.")
    parser.add_argument("simulator", help="of the tree that plant.py made")
    parser.add_argument("bugs", nargs="*", help="names; all without any")
    parser.add_argument("--markdown", action="store_true",
                        help="print the table for docs/testing.md")
    parser.add_argument("--processes", type=int, default=os.cpu_count(),
                        help="so many bugs are looked for at once (one a CPU)")
    options = parser.parse_args()

    began = time.monotonic()
    outcomes = []
    with ThreadPoolExecutor(options.processes) as pool:
        looks = [pool.submit(run, options.simulator, number, bug)
                 for number, bug in chosen_bugs(options.bugs)]
        for look in looks:
            outcomes.append(look.result())
            if not options.markdown:
                print(text_line(outcomes[-1]), flush=True)
    if options.markdown:
        print("\n".join(markdown(outcomes)))
    wrong = [found for found in outcomes if not found.is_right]
    planted = [found for found in outcomes if found.number != 0]
    print(f"{sum(found.is_right for found in planted)} of {len(planted)} planted bugs found in "
          f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    for found in wrong:
        why = "fails without a bug" if found.number == 0 else "is not found"
        print(f"find.py: {found.bug.name} {why} in {found.bug.seeds} seeds of "
              f"{found.bug.world} {found.says}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
