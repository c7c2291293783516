"""Installs the package roused in a Debian that runs: systemd as the first process of a container,
without a network. What is checked is what the maintainer scripts start, restart and stop."""

import contextlib
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from deb_file import changed, expect, field
from debian_root import Root, RootError
from service_checks import OURS, UNITS

PATIENCE_SECONDS = 60.0
NAME = "rouse-packages-boot"
# The engine lowers limits that it must not raise on every machine.
LIMITS = ["--ulimit=nofile=20000:20000", "--ulimit=nproc=4096:4096"]
ASK = r"""
set -eu
exec 3<>/dev/tcp/127.0.0.1/8080
printf 'GET /plaintext HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >&3
tail -n 1 <&3
echo
exec 3>&- 4<>/dev/tcp/127.0.0.1/7007
echo 'and echo' >&4
head -n 1 <&4
"""
ANSWER = "Hello, World!\nand echo\n"


def why_not() -> str | None:
    """Why no system can be booted here, or None."""
    missing = [name for name in ("podman", "runc") if not shutil.which(name)]
    return f"{', '.join(missing)} is not installed" if missing else None


class System:
    """A running Debian."""

    def __init__(self, root: Root, state: Path) -> None:
        self.root = root
        self.engine = ["podman", f"--root={state}/storage", f"--runroot={state}/run",
                       "--cgroup-manager=cgroupfs", "--events-backend=file", "--runtime=runc"]

    def engine_run(self, *words: str, code: int | None = 0) -> str:
        """Runs the engine, which must end with this code if one is given."""
        ran = subprocess.run([*self.engine, *words], text=True, check=False, capture_output=True,
                             stdin=subprocess.DEVNULL)
        if code is not None and ran.returncode != code:
            raise RootError(f"{shlex.join(words)}: exit code {ran.returncode}, wanted {code}\n"
                            f"{ran.stdout}{ran.stderr}")
        return ran.stdout

    def run(self, *words: str, code: int | None = 0) -> str:
        """Runs a command in the system; gives what it wrote."""
        return self.engine_run("exec", "--env=DEBIAN_FRONTEND=noninteractive", NAME, *words,
                               code=code)

    def install(self, package: Path) -> None:
        """Installs or upgrades a package; what it depends on is there already."""
        shutil.copy(package, self.root.path / "root")
        self.run("apt-get", "install", "-q", "-y", "--no-install-recommends",
                 f"/root/{package.name}")

    def state(self) -> str:
        """Whether all of the system is up: running, degraded. There is no answer before systemd
        listens."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            if said := self.run("systemctl", "is-system-running", "--wait", code=None).strip():
                return said
        return "silent"

    def expect_units(self, *wanted: str) -> None:
        """Whether the units run: active, inactive, failed."""
        found = self.run("systemctl", "is-active", *UNITS, code=None).split()
        if found != list(wanted):
            said = self.run("journalctl", "--no-pager", "--lines=40", code=None)
            raise RootError(f"units {UNITS} are {found}, not {wanted}\n{said}")

    def process(self) -> str:
        """The process of the service, by its number."""
        return self.run("systemctl", "show", "--property=MainPID", "--value", UNITS[2]).strip()


@contextlib.contextmanager
def booted(root: Root) -> Iterator[System]:
    """Boots a root, which must be able to start services."""
    (root.path / "usr/sbin/policy-rc.d").unlink()
    # The engine's own state has to have a short path, and to be off a union of folders.
    state = Path(tempfile.mkdtemp(prefix="rouse-boot-"))
    system = System(root, state)
    try:
        system.engine_run("run", "--detach", f"--name={NAME}", *LIMITS, "--systemd=always",
                          "--privileged", "--network=none", "--rootfs", str(root.path),
                          "/sbin/init")
        expect("the system", "running", system.state())
        yield system
    finally:
        system.engine_run("rm", "--force", "--time=5", NAME, code=None)
        shutil.rmtree(state, ignore_errors=True)


def check_boot(root: Root, package: Path, folder: Path) -> None:
    """From the installation to the purge, with everything running."""
    # Without a network later: what the package depends on comes first.
    root.install(package)
    root.run("apt-get", "purge", "-q", "-y", "roused")
    with booted(root) as system:
        system.install(package)
        system.expect_units("active", "active", "active")
        expect("the answers", ANSWER, system.run("bash", "-c", ASK))

        system.run("systemctl", "stop", UNITS[2])
        system.expect_units("active", "active", "inactive")
        expect("the answers of a service that its sockets start", ANSWER,
               system.run("bash", "-c", ASK))

        before = system.process()
        system.install(changed(package, field(package, "Version") + "+1", folder))
        system.expect_units("active", "active", "active")
        expect("the upgraded service is a new process", False, before == system.process())
        expect("the answers after an upgrade", ANSWER, system.run("bash", "-c", ASK))

        system.run("apt-get", "purge", "-q", "-y", "roused")
        system.expect_units("inactive", "inactive", "inactive")
        system.run("bash", "-c", ASK, code=1)
        expect("left after purge", [],
               [path for path in root.files(*OURS) if not path.startswith("/run/")])
