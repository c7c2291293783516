"""A machine that systemd runs, in a container: the units as they are shipped, and roused on
io_uring."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path

import daemon

ROOT = Path(__file__).parents[2]
# Prints the variables that make a container engine usable on a machine without an image registry.
ENGINE = ROOT.parent / "shared" / "tools" / "podman-env.sh"
CONFIGURATION = ROOT / "configs" / "roused.toml"
UNITS = ROOT / "configs" / "systemd"
IMAGE = "localhost/rouse-systemd-test"
PATIENCE_SECONDS = 60.0


def run(command: list[str], environment: dict[str, str] | None = None, check: bool = True) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=environment, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}")
    return done.stdout


def engine_environment() -> dict[str, str]:
    """What podman needs, or the test is skipped."""
    if not ENGINE.exists():
        raise unittest.SkipTest("no container engine is set up here")
    if os.geteuid() != 0:
        raise unittest.SkipTest("a container that systemd runs needs root")
    made = subprocess.run(["bash", "-c", f'eval "$("{ENGINE}")" && env -0'], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    if made.returncode != 0 or shutil.which("podman") is None:
        raise unittest.SkipTest("the container engine cannot be set up")
    return dict(each.split("=", 1) for each in made.stdout.split("\0") if each)


def libraries_packages() -> list[str]:
    """The packages of what roused is linked with."""
    paths = [word for word in run(["ldd", str(daemon.roused)]).split() if word.startswith("/")]
    # dpkg knows a file by the path that the package has for it, which may be through /lib.
    known = {path for each in paths for path in (each, os.path.realpath(each),
                                                 os.path.realpath(each).removeprefix("/usr"))}
    found = subprocess.run(["dpkg-query", "-S", *sorted(known)], text=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, check=False).stdout
    return sorted({line.split(":", 1)[0] for line in found.splitlines()})


def make_image(environment: dict[str, str]) -> None:
    """A minimal Debian, as this machine's, with systemd and the libraries of roused; kept."""
    packages = ["systemd", "systemd-sysv", "curl", *libraries_packages()]
    label = " ".join(packages)
    known = run(["podman", "image", "inspect", IMAGE], environment, check=False)
    if known.lstrip().startswith("[{") or known.lstrip().startswith("[\n"):
        try:
            if json.loads(known)[0]["Labels"].get("packages") == label:
                return
        except (ValueError, LookupError, AttributeError):
            pass  # Made anew.
    release = dict(line.split("=", 1) for line in
                   Path("/etc/os-release").read_text().splitlines() if "=" in line)
    with tempfile.TemporaryDirectory(prefix="roused-image-") as folder:
        archive = f"{folder}/root.tar"
        run(["mmdebstrap", "--variant=minbase", "--quiet", f"--include={','.join(packages)}",
             "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*",
             release["VERSION_CODENAME"].strip('"'), archive,
             "/etc/apt/sources.list.d/debian.sources"])
        run(["podman", "import", "-q", "--change", f'LABEL packages="{label}"',
             "--change", 'CMD ["/sbin/init"]', archive, IMAGE], environment)


class Machine:
    """A booted container, with the units installed and nothing enabled."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        mounts = [f"--volume={daemon.roused}:/usr/bin/roused:ro",
                  f"--volume={CONFIGURATION}:/etc/roused/roused.toml:ro"]
        mounts += [f"--volume={unit}:/etc/systemd/system/{unit.name}:ro"
                   for unit in UNITS.iterdir()]
        self.name = run(["podman", "run", "-d", "--systemd=always", "--privileged",
                         "--network=none", *mounts, IMAGE], environment).split()[-1]

    def ask(self, *command: str, check: bool = True) -> str:
        return run(["podman", "exec", self.name, *command], self.environment, check)

    def remove(self) -> None:
        run(["podman", "rm", "-f", "-t", "0", self.name], self.environment, check=False)

    def property_of(self, name: str) -> str:
        return self.ask("systemctl", "show", "--property", name, "--value",
                        "roused.service").strip()

    def journal(self) -> str:
        return self.ask("journalctl", "--unit=roused.service", "--output=cat", "--no-pager")

    def until(self, what: str, holds: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain until {what}:\n"
                                     + self.ask("journalctl", "--no-pager", "-n", "50"))
            time.sleep(0.1)


class BootTest(unittest.TestCase):
    environment: dict[str, str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.environment = engine_environment()
        make_image(cls.environment)

    def setUp(self) -> None:
        self.machine = Machine(self.environment)
        self.addCleanup(self.machine.remove)
        self.machine.until("systemd runs", lambda: self.machine.ask(
            "systemctl", "is-system-running", check=False).strip() in ("running", "degraded"))

    def get(self, path: str = "/plaintext") -> str:
        return self.machine.ask("curl", "-sS", "--max-time", "30", f"http://127.0.0.1:8080{path}")

    def echo(self, network: str) -> str:
        """Over bash's own sockets: tcp or udp."""
        return self.machine.ask("timeout", "30", "bash", "-c",
                                f"exec 3<>/dev/{network}/127.0.0.1/7007; echo hello >&3; "
                                "head -n 1 <&3").strip()

    def test_activated(self) -> None:
        """The first connection starts the service, sandboxed, on io_uring, with both sockets."""
        self.machine.ask("systemctl", "start", "roused.socket", "roused-echo.socket")
        self.assertEqual(self.machine.property_of("ActiveState"), "inactive")
        self.assertEqual(self.get(), "Hello, World!")
        self.assertEqual(self.echo("tcp"), "hello")
        self.assertEqual(self.echo("udp"), "hello")
        self.assertEqual(self.machine.property_of("ActiveState"), "active")
        self.assertIn("serving on 3 listeners", self.machine.property_of("StatusText"))
        journal = self.machine.journal()
        self.assertIn("backend name=io_uring", journal)
        self.assertIn("sockets_passed protocol=http count=1", journal)
        self.assertIn("sockets_passed protocol=echo count=2", journal)
        self.assertNotIn("serving_as_root", journal)
        status = self.machine.ask("cat", f"/proc/{self.machine.property_of('MainPID')}/status")
        fields = dict(line.split(":", 1) for line in status.splitlines())
        self.assertNotIn("0", fields["Uid"].split())
        self.assertEqual(fields["CapEff"].strip(), "0" * 16)
        self.assertEqual(fields["NoNewPrivs"].strip(), "1")
        self.assertEqual(fields["Seccomp"].strip(), "2")

    def test_restart(self) -> None:
        """While it restarts, connections wait; it ends cleanly, and the sockets stay."""
        self.machine.ask("systemctl", "start", "roused.socket")
        self.assertEqual(self.get(), "Hello, World!")
        first = self.machine.property_of("MainPID")
        loop = ("for i in $(seq 200); do curl -sS --max-time 30 http://127.0.0.1:8080/plaintext "
                "|| exit 1; echo; done")
        asking = subprocess.Popen(["podman", "exec", self.machine.name, "bash", "-c", loop],
                                  env=self.environment, stdin=subprocess.DEVNULL, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.machine.ask("systemctl", "restart", "roused.service")
        answers, _ = asking.communicate()
        self.assertEqual(answers.split("\n"), ["Hello, World!"] * 200 + [""])
        self.assertNotEqual(self.machine.property_of("MainPID"), first)
        self.assertIn("shutdown signal=TERM", self.machine.journal())
        self.machine.ask("systemctl", "stop", "roused.service")
        self.assertEqual(self.machine.property_of("Result"), "success")
        self.assertEqual(self.get(), "Hello, World!")

    def test_alone(self) -> None:
        """Without socket units it opens its configured addresses itself."""
        self.machine.ask("systemctl", "start", "roused.service")
        self.assertEqual(self.get(), "Hello, World!")
        self.assertEqual(self.echo("udp"), "hello")
        self.assertNotIn("sockets_passed", self.machine.journal())

    def test_stuck(self) -> None:
        """A daemon that stops turning is ended by the watchdog, and started anew."""
        drop_in = "/run/systemd/system/roused.service.d"
        self.machine.ask("bash", "-c", f"mkdir -p {drop_in} && "
                         f"printf '[Service]\\nWatchdogSec=1\\n' >{drop_in}/watchdog.conf")
        self.machine.ask("systemctl", "daemon-reload")
        self.machine.ask("systemctl", "start", "roused.socket", "roused.service")
        first = self.machine.property_of("MainPID")
        # Long enough for several questions: who answers is left alone.
        time.sleep(3)
        self.assertEqual(self.machine.property_of("MainPID"), first)
        self.machine.ask("bash", "-c", f"kill -STOP {first}")
        self.machine.until("it is started anew",
                           lambda: self.machine.property_of("MainPID") not in (first, "0"))
        self.assertEqual(self.get(), "Hello, World!")
        self.assertEqual(self.machine.property_of("NRestarts"), "1")

    def test_wrong_setting(self) -> None:
        """A wrong setting is not tried again and again."""
        drop_in = "/run/systemd/system/roused.service.d"
        self.machine.ask("bash", "-c", f"mkdir -p {drop_in} && "
                         f"printf '[Service]\\nEnvironment=ROUSED_SERVER_WORKERS=none\\n' "
                         f">{drop_in}/wrong.conf")
        self.machine.ask("systemctl", "daemon-reload")
        self.machine.ask("systemctl", "start", "roused.service", check=False)
        self.assertEqual(self.machine.property_of("ActiveState"), "failed")
        self.assertEqual(self.machine.property_of("ExecMainStatus"), "2")
        self.assertEqual(self.machine.property_of("NRestarts"), "0")
        self.assertIn("ROUSED_SERVER_WORKERS", self.machine.journal())
