#!/usr/bin/env python3
"""Serves a directory with roused, and shows that curl, wget and a browser can use it.

Each check is a line: ok, FAILED, or skipped with the reason. See tests/tools/README.md.
Exit code: 0 all that was checked holds; 1 something does not; 2 bad arguments.
"""

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from browser_checks import check_browser
from checks import CheckFailed, Checks
from curl_checks import Site, check_curl, check_fallback
from large_file import check_large_file
from served import Program, Served, find_program, is_sanitized
from site_tree import make_site
from wget_checks import check_wget

GROUPS = ("curl", "wget", "browser", "large")
LARGE_MEBIBYTES, SMOKE_MEBIBYTES = 2048, 64
GROWTH_KIB_MAX = 4096
# Sanitizers keep shadow memory and freed blocks.
GROWTH_KIB_MAX_SANITIZED = 65_536


def groups(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in GROUPS:
            raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(GROUPS)}")
    return names


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--roused", type=Path, help="the program")
    parser.add_argument("--server", choices=("roused", "nginx", "spoilt"), default="roused",
                        help="nginx shows that the checks are right; the spoilt one does nothing "
                             "right, and shows that they can fail: then each has to")
    parser.add_argument("--only", type=groups, default=list(GROUPS),
                        help=f"of {','.join(GROUPS)}; default all")
    parser.add_argument("--smoke", action="store_true",
                        help=f"the large file has {SMOKE_MEBIBYTES} MiB instead of "
                             f"{LARGE_MEBIBYTES}, and there is no browser")
    return parser.parse_args()


def check_all(arguments: argparse.Namespace, program: Program, folder: Path,
              checks: Checks) -> None:
    root, scratch = folder / "root", folder / "scratch"
    for each in (root, scratch):
        each.mkdir()
    files = make_site(root, folder)
    chosen = set(arguments.only) - ({"browser"} if arguments.smoke else set())
    with Served(program, root, listing=True) as served:
        site = Site(served.base, root, files, scratch)
        if "curl" in chosen:
            check_curl(checks, site)
        if "wget" in chosen:
            check_wget(checks, site)
        if "browser" in chosen:
            check_browser(checks, site)
        checks.check(f"{program.name}: ends well", served.end)
    if "curl" in chosen:
        with Served(program, root, fallback="/index.html") as served:
            check_fallback(checks, Site(served.base, root, files, scratch))
    if "large" in chosen:
        growth = GROWTH_KIB_MAX_SANITIZED if is_sanitized(program.path) else GROWTH_KIB_MAX
        small = arguments.smoke or program.name == "spoilt"
        with Served(program, root) as served:
            check_large_file(checks, served, root, scratch,
                             SMOKE_MEBIBYTES if small else LARGE_MEBIBYTES, growth)


def main() -> int:
    arguments = parse_arguments()
    # Ends the run as Ctrl-C does, so that no server stays behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    path = find_program(arguments.server, arguments.roused)
    missing = [name for name in ("curl", "wget") if shutil.which(name) is None]
    if path is None or missing:
        print(f"failed: missing: {', '.join(missing) or arguments.server}", file=sys.stderr)
        return 1
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="rouse-site-") as folder:
        Path(folder).chmod(0o755)  # nginx's worker is not root.
        check_all(arguments, Program(arguments.server, path), Path(folder), checks)
    print(f"{checks.passed} ok, {checks.failed} FAILED, {checks.skipped} skipped")
    good, bad = checks.passed, checks.failed
    if arguments.server == "spoilt":
        good, bad = bad, good
        print("each check had to fail: " + ("one did not" if bad else "all did"))
    return 1 if bad or not good else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CheckFailed as error:
        print(f"failed: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
