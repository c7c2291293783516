"""Installs librouse-dev in a clean Debian that has a compiler, and builds examples/ there."""

from pathlib import Path

from deb_file import expect
from debian_root import Root
from example_checks import CHECKS, check_example

BUILD = """
set -eu
cmake -S /usr/share/doc/librouse-dev/examples -B /build -D CMAKE_CXX_COMPILER=clang++-19
cmake --build /build
mkdir /plain
cd /usr/share/doc/librouse-dev/examples
for name in chat_server http_service custom_future; do
    clang++-19 -std=c++23 -O1 -o /plain/$name $name.cpp $(pkg-config --cflags --libs rouse)
done
"""


def check_developer(root: Root, package: Path) -> None:
    """With CMake and with pkg-config alone; then it goes without a trace."""
    root.install(package)
    expect("files that are not as packed", "", root.run("dpkg", "--verify", "librouse-dev"))
    root.run("sh", "-c", BUILD)
    for folder in ("/build", "/plain"):
        for name in CHECKS:
            check_example(name, Path(folder), root.command())
            print(f"ok      {folder}/{name}")
    root.run("apt-get", "purge", "-q", "-y", "librouse-dev")
    expect("left after purge", [],
           root.files("usr/include/rouse*", "usr/lib/**/*rouse*", "usr/share/**/*rouse*"))
