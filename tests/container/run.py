#!/usr/bin/env python3
"""Builds the image of roused, runs it as an operator does, and shows what it promises.

Each check is a line: ok, FAILED, or skipped with the reason. See tests/container/README.md.
Exit code: 0 all that was checked holds; 1 something does not; 2 bad arguments.
"""

import argparse
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# The checks are counted and printed as those of the tools are.
sys.path.append(str(Path(__file__).resolve().parents[1] / "tools"))

import engine  # noqa: E402: after the line above.
from checks import CheckFailed, Checks  # noqa: E402
from compose_checks import check_compose, check_compose_files  # noqa: E402
from image_checks import check_build, check_image  # noqa: E402
from profile_checks import check_profile, check_profile_of_debian  # noqa: E402
from service_checks import check_service  # noqa: E402
from settings_checks import check_settings  # noqa: E402

Group = dict[str, Callable[[Checks], None]]
# Without an engine; with one and the machine's network; with one in a namespace of their own.
ALONE: Group = {"profile": check_profile}
OUTSIDE: Group = {
    "profile": check_profile_of_debian,
    "build": check_build,
    "compose": check_compose_files,
}
INSIDE: Group = {
    "image": check_image,
    "service": check_service,
    "settings": check_settings,
    "compose": check_compose,
}
GROUPS = ("profile", "build", "image", "service", "settings", "compose")


def groups(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in GROUPS:
            raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(GROUPS)}")
    return names


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=groups, default=list(GROUPS),
                        help=f"of {','.join(GROUPS)}; default all. Without build, the image "
                             f"{engine.IMAGE} is as it was left")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def run_group(group: Group, chosen: list[str], checks: Checks) -> None:
    for name, check in group.items():
        if name in chosen:
            check(checks)


def run_inside(chosen: list[str]) -> bool:
    """The rest of the checks, in a network namespace of their own: every port is free there, and
    nothing that they do is seen outside."""
    if not set(chosen) & set(INSIDE):
        return True
    script = 'ip link set lo up && exec "$@"'
    done = subprocess.run(["unshare", "--net", "--", "sh", "-c", script, "sh", sys.executable, "-B",
                           __file__, "--inside", "--only", ",".join(chosen)],
                          stdin=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def main() -> int:
    arguments = parse_arguments()
    # Ends the run as Ctrl-C does, so that no container stays behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    checks = Checks()
    good = True
    if arguments.inside:
        run_group(INSIDE, arguments.only, checks)
    else:
        run_group(ALONE, arguments.only, checks)
        try:
            engine.set_up()
        except engine.NoEngine as why:
            names = ", ".join(sorted(set(arguments.only)))
            print(f"skipped: all that takes a container engine, of {names}: {why}")
        else:
            run_group(OUTSIDE, arguments.only, checks)
            good = run_inside(arguments.only)
    print(f"{checks.passed} ok, {checks.failed} FAILED, {checks.skipped} skipped", flush=True)
    return 0 if good and checks.failed == 0 else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CheckFailed as error:
        print(f"failed: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
