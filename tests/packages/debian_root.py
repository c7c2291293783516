"""A clean Debian 12 in a folder: made once from this machine's own apt sources, unpacked anew for
each test, and entered with namespaces of its own. Needs root and mmdebstrap."""

import contextlib
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

SUITE = "bookworm"
SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
# What dpkg and apt ask nobody about.
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "HOME": "/root",
         "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
# Mounts live as long as the namespaces. The folder is a mount itself, so that nothing outside of it
# is reached by what is mounted below.
ENTER = """
set -eu
root=$1
shift
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys" 2>/dev/null || true
mount --bind /dev "$root/dev"
[ -z "${LOOPBACK:-}" ] || ip link set lo up
unset LOOPBACK
exec chroot "$root" "$@"
"""


class RootError(Exception):
    """A command in the root failed; the text says which, and what it said."""


def why_not() -> str | None:
    """Why no root can be made here, or None."""
    if os.geteuid() != 0:
        return "only root can make a Debian root"
    if missing := [name for name in ("mmdebstrap", "unshare", "ip") if not shutil.which(name)]:
        return f"{', '.join(missing)} is not installed"
    return None if SOURCES.is_file() else f"{SOURCES} is not there: what are the apt sources?"


def image(cache: Path, name: str, packages: list[str]) -> Path:
    """The archive of a root with these packages beyond the smallest; made where it is not there. It
    has the lists of packages, so what is installed later comes from the same state."""
    archive = cache / f"{name}.tar"
    if archive.is_file():
        return archive
    cache.mkdir(parents=True, exist_ok=True)
    print(f"making  {archive}", flush=True)
    made = archive.with_suffix(".new.tar")
    command = ["mmdebstrap", "--variant=minbase", "--quiet", "--skip=cleanup/apt/lists",
               f"--include={','.join(packages)}", SUITE, str(made), str(SOURCES)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False,
                         stdin=subprocess.DEVNULL)
    if ran.returncode != 0:
        raise RootError(f"{shlex.join(command)}: exit code {ran.returncode}\n{ran.stderr}")
    made.rename(archive)
    return archive


class Root:
    """A root that a test may change as it likes."""

    def __init__(self, path: Path, archives: Path) -> None:
        self.path = path
        self.archives = archives

    def command(self, *words: str, loopback: bool = False) -> list[str]:
        """The command that runs these words in the root; with a loopback of its own, or with the
        network of this machine."""
        spaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts"]
        spaces += ["--net"] if loopback else []
        environment = QUIET | ({"LOOPBACK": "1"} if loopback else {})
        return ["env", "-i", *(f"{name}={value}" for name, value in environment.items()), *spaces,
                "sh", "-c", ENTER, "sh", str(self.path), *words]

    def run(self, *words: str, loopback: bool = False, code: int = 0) -> str:
        """Runs a command in the root that must end with this code; gives what it wrote."""
        ran = subprocess.run(self.command(*words, loopback=loopback), text=True, check=False,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
        if ran.returncode != code:
            raise RootError(f"{shlex.join(words)}: exit code {ran.returncode}, wanted {code}\n"
                            f"{ran.stdout}")
        return ran.stdout

    def install(self, package: Path, *options: str) -> str:
        """Installs or upgrades a package with what it depends on, and keeps what was fetched."""
        copied = self.path / "tmp" / package.name
        shutil.copy(package, copied)
        fetched = self.path / "var/cache/apt/archives"
        for file in self.archives.glob("*.deb"):
            shutil.copy(file, fetched)
        said = self.run("apt-get", "install", "-q", "-y", "--no-install-recommends",
                        "-oBinary::apt::APT::Keep-Downloaded-Packages=true",
                        "-oAPT::Keep-Downloaded-Packages=true", *options, f"/tmp/{package.name}")
        self.archives.mkdir(parents=True, exist_ok=True)
        for file in fetched.glob("*.deb"):
            shutil.copy(file, self.archives)
        copied.unlink()
        return said

    def files(self, *patterns: str) -> list[str]:
        """What there is of these patterns, as paths in the root."""
        found = (path for pattern in patterns for path in self.path.glob(pattern))
        return sorted("/" + str(path.relative_to(self.path)) for path in found)


@contextlib.contextmanager
def unpacked(cache: Path, name: str, packages: list[str]) -> Iterator[Root]:
    """A root for one test, from the cached image."""
    archive = image(cache, name, packages)
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=cache))
    folder.chmod(0o755)
    try:
        subprocess.run(["tar", "-xf", archive, "-C", folder, "--numeric-owner", "--xattrs"],
                       check=True)
        # As in an image of a container: nothing starts when it is installed.
        policy = folder / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        resolver = folder / "etc/resolv.conf"
        resolver.unlink(missing_ok=True)
        shutil.copy("/etc/resolv.conf", resolver)
        yield Root(folder, cache / "archives")
    finally:
        shutil.rmtree(folder)
