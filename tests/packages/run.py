#!/usr/bin/env python3
"""Installs the Debian packages into clean Debian 12 roots, and uses them there: packages are what
`cpack -G DEB` has made in BUILD/packages.

Each line is ok, FAILED, or skipped with the reason. Exit code: 0 all that was checked holds; 1
something does not; 2 bad arguments; 77 no root can be made here, and only the files of the packages
were checked.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import boot_checks
from deb_file import PackageError, check_librouse_dev, check_lintian, check_roused
from debian_root import RootError, unpacked, why_not
from developer_checks import check_developer
from example_checks import ExampleError
from service_checks import check_service

SKIPPED = 77
ROOTS = Path(__file__).resolve().parents[2] / "build/debian-roots"


def passes(what: str, check: Callable[[], str | None]) -> bool:
    """Runs a check, which may answer why it was skipped, and reports it."""
    try:
        skipped = check()
    except (PackageError, RootError, ExampleError, OSError) as error:
        print(f"FAILED  {what}: {error}", flush=True)
        return False
    print(f"skipped {what}: {skipped}" if skipped else f"ok      {what}", flush=True)
    return True


def check_in_service_root(package: Path) -> None:
    with unpacked(ROOTS, "service", ["systemd-sysv"]) as root, \
            tempfile.TemporaryDirectory() as folder:
        check_service(root, package, Path(folder))


def check_in_running_system(package: Path) -> str | None:
    if reason := boot_checks.why_not():
        return reason
    with unpacked(ROOTS, "service", ["systemd-sysv"]) as root, \
            tempfile.TemporaryDirectory() as folder:
        boot_checks.check_boot(root, package, Path(folder))
    return None


def check_in_developer_root(package: Path) -> None:
    with unpacked(ROOTS, "developer", ["clang-19", "cmake", "make", "pkg-config"]) as root:
        check_developer(root, package)


def one_package(folder: Path, name: str, parser: argparse.ArgumentParser) -> Path:
    found = sorted(folder.glob(f"{name}_*.deb"))
    if len(found) != 1:
        parser.error(f"{len(found)} packages {name} in {folder}: one is wanted")
    return found[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, required=True, help="the build folder")
    options = parser.parse_args()
    roused = one_package(options.build / "packages", "roused", parser)
    development = one_package(options.build / "packages", "librouse-dev", parser)

    held = [passes("fields and files of roused", lambda: check_roused(roused)),
            passes("fields and files of librouse-dev", lambda: check_librouse_dev(development)),
            passes("lintian", lambda: check_lintian([roused, development]))]
    reason = why_not()
    if reason is not None:
        print(f"skipped roused and librouse-dev in a clean Debian: {reason}")
        return SKIPPED if all(held) else 1
    held += [passes("roused in a clean Debian", lambda: check_in_service_root(roused)),
             passes("roused in a running Debian", lambda: check_in_running_system(roused)),
             passes("librouse-dev in a clean Debian",
                    lambda: check_in_developer_root(development))]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
