#!/usr/bin/env python3
"""Installs a build into a folder of its own, and uses it as a stranger does: examples/ by
find_package and by pkg-config, every header alone. The build may be of any preset.

Exit code: 0 all of it works; 1 something does not; 2 bad arguments.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from example_checks import CHECKS, ExampleError, check_example

SOURCES = Path(__file__).resolve().parents[2]
# One compiler run for so many headers: most of its time goes into the standard library's.
HEADERS_AT_ONCE = 24


class InstallError(Exception):
    """What was installed cannot be used; the text says how."""


def run(command: list[str | Path], environment: dict[str, str] | None = None) -> str:
    """Runs a command that must succeed; gives what it wrote."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False,
                         env=os.environ | (environment or {}))
    if ran.returncode != 0:
        words = shlex.join(str(word) for word in command)
        raise InstallError(f"{words}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def cached(build: Path, name: str) -> str:
    """A value of the build's CMake cache."""
    found = re.search(rf"^{name}:\w+=(.*)$", (build / "CMakeCache.txt").read_text(), re.MULTILINE)
    return found[1] if found else ""


def install(build: Path, root: Path) -> Path:
    """Installs everything; gives the prefix, which is not where the build expects it."""
    run(["cmake", "--install", build], {"DESTDIR": str(root)})
    wanted = ["bin/roused", "share/man/man8/roused.8", "share/man/man5/roused.toml.5",
              "share/doc/roused/README.md", "share/doc/roused/examples/sites.toml",
              "share/doc/librouse-dev/examples/CMakeLists.txt"]
    prefix = root / cached(build, "CMAKE_INSTALL_PREFIX").lstrip("/")
    if missing := [name for name in wanted if not (prefix / name).is_file()]:
        raise InstallError(f"not installed: {', '.join(missing)}")
    if not list(root.rglob("etc/roused/roused.toml")):
        raise InstallError("etc/roused/roused.toml is not installed")
    return prefix


def build_with_cmake(prefix: Path, root: Path, options: argparse.Namespace) -> Path:
    """The installed examples as a project of its own; gives the folder with the programs."""
    folder = root / "with-cmake"
    sources = prefix / "share/doc/librouse-dev/examples"
    run(["cmake", "-S", sources, "-B", folder, "-G", "Ninja", "--log-level=WARNING",
         f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={options.compiler}",
         f"-DCMAKE_CXX_FLAGS={options.flags}", "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld"])
    run(["cmake", "--build", folder])
    return folder


def check_refusal(prefix: Path, root: Path) -> str | None:
    """find_package says why an old compiler will not do; or why that was not seen."""
    if not shutil.which("g++-12"):
        return "g++-12 is not installed"
    sources = prefix / "share/doc/librouse-dev/examples"
    ran = subprocess.run(["cmake", "-S", sources, "-B", root / "refused",
                          f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_CXX_COMPILER=g++-12"],
                         capture_output=True, text=True, check=False)
    if ran.returncode == 0 or "GCC PR 99576" not in " ".join(ran.stderr.split()):
        raise InstallError(f"g++ 12 is not refused: exit code {ran.returncode}\n{ran.stderr}")
    return None


def pkg_config(prefix: Path, *arguments: str) -> list[str]:
    """What pkg-config says of rouse, where it is now."""
    [folder] = prefix.glob("lib*/**/pkgconfig")
    said = run(["pkg-config", f"--define-variable=prefix={prefix}", *arguments, "rouse"],
               {"PKG_CONFIG_PATH": str(folder)})
    return shlex.split(said)


def build_with_pkg_config(prefix: Path, root: Path, options: argparse.Namespace) -> Path:
    """One example with the flags of pkg-config alone; gives its folder."""
    folder = root / "with-pkg-config"
    folder.mkdir()
    source = prefix / "share/doc/librouse-dev/examples/http_service.cpp"
    run([options.compiler, "-std=c++23", *shlex.split(options.flags), source,
         "-o", folder / "http_service", "-fuse-ld=lld", *pkg_config(prefix, "--cflags", "--libs")])
    return folder


def check_headers(prefix: Path, options: argparse.Namespace) -> int:
    """Compiles each installed header as the only one that a source includes; gives their number."""
    include = prefix / "include/rouse"
    headers = sorted(include.rglob("*.hpp"))
    command = [options.compiler, "-std=c++23", "-fsyntax-only", "-Wall", "-Wextra", "-x", "c++",
               *pkg_config(prefix, "--cflags")]
    for first in range(0, len(headers), HEADERS_AT_ONCE):
        run([*command, *headers[first:first + HEADERS_AT_ONCE]])
    return len(headers)


def check_all(root: Path, options: argparse.Namespace) -> None:
    prefix = install(options.build, root)
    if options.headers:
        print(f"ok      {check_headers(prefix, options)} headers, each alone")
    folder = build_with_cmake(prefix, root, options)
    for name in CHECKS:
        check_example(name, folder, [])
        print(f"ok      {name}, with find_package")
    check_example("http_service", build_with_pkg_config(prefix, root, options), [])
    print("ok      http_service, with pkg-config")
    skipped = check_refusal(prefix, root)
    print(f"skipped g++ 12: {skipped}" if skipped else "ok      g++ 12 is refused")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, required=True, help="the build folder, built")
    parser.add_argument("--headers", action="store_true", help="also each header alone")
    options = parser.parse_args()
    if not (options.build / "CMakeCache.txt").is_file():
        parser.error(f"{options.build} is not a build folder")
    options.compiler = cached(options.build, "CMAKE_CXX_COMPILER")
    sanitizers = cached(options.build, "ROUSE_SANITIZE")
    options.flags = f"-fsanitize={sanitizers} -fno-sanitize=vptr" if sanitizers else ""
    root = Path(tempfile.mkdtemp(prefix="rouse-installed-"))
    try:
        check_all(root, options)
    except (InstallError, ExampleError, OSError) as error:
        print(f"FAILED  {error}")
        return 1
    finally:
        shutil.rmtree(root)
    return 0


if __name__ == "__main__":
    sys.exit(main())
