"""The load program and the faulty proxy: each call runs one load to its end and judges it."""

import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from daemon import SoakError

LOAD_SECONDS_MAX = 1800.0
PROXY_PATIENCE_SECONDS = 10.0
# Connection n leaves from the address 127.16.0.0 + n; see source_address.hpp.
CONNECTIONS_MAX = 239 << 16


def figures_in(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", text)}


@dataclass
class Load:
    """One run of the load program."""

    protocol: str
    connections: int
    requests: int = 1
    depth: int = 1
    at_once: int = 200
    options: list[str] = field(default_factory=list)


@dataclass
class Result:
    """What became of it: the exit code, the counts and the faults."""

    code: int
    count: dict[str, float]
    faults: str

    def check(self, what: str) -> "Result":
        if self.code != 0:
            raise SoakError(f"{what}: the load ended with code {self.code}: {self.words()}\n"
                            + self.faults)
        return self

    def words(self) -> str:
        names = ("connections", "requests", "answers", "abandoned", "cut", "closed", "lost",
                 "mismatches", "connections_lost")
        return ", ".join(f"{self.count.get(name, 0):,.0f} {name}" for name in names
                         if self.count.get(name, 0) > 0 or name in ("lost", "mismatches"))


class Loads:
    """Runs loads with one seed, each with connection numbers of its own, so that no two are
    alike."""

    def __init__(self, program: Path, proxy: Path, seed: int,
                 prefix: list[str] | None = None) -> None:
        self.program = program
        self.proxy = proxy
        self.seed = seed
        self.prefix = prefix or []
        self.next_number = 0

    def command(self, load: Load, port: int) -> list[str]:
        if self.next_number + load.connections > CONNECTIONS_MAX:
            self.next_number = 0
        first = self.next_number
        self.next_number += load.connections
        return [*self.prefix, str(self.program), "--target", f"127.0.0.1:{port}",
                "--protocol", load.protocol, "--connections", str(load.connections),
                "--at-once", str(load.at_once), "--requests", str(load.requests),
                "--depth", str(load.depth), "--seed", str(self.seed), "--first", str(first),
                *load.options]

    def start(self, load: Load, port: int) -> "RunningLoad":
        return RunningLoad(self.command(load, port))

    def run(self, load: Load, port: int) -> Result:
        return self.start(load, port).result()


class RunningLoad:
    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)

    def result(self) -> Result:
        try:
            out, faults = self.process.communicate(timeout=LOAD_SECONDS_MAX)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        again = "again with: " + " ".join(self.command) + "\n"
        return Result(self.process.returncode, figures_in(out), faults + again)


class Proxy:
    """A faulty proxy before one port of the daemon."""

    def __init__(self, loads: Loads, port: int, spoil: str = "none") -> None:
        self.process = subprocess.Popen(
            [str(loads.proxy), "--target", f"127.0.0.1:{port}", "--seed", str(loads.seed),
             "--spoil", spoil],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().split()[1])

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def end(self) -> dict[str, float]:
        """Its counts, when all connections through it are over."""
        time.sleep(0.3)  # The last cuts by silence take 250 ms.
        self.process.terminate()
        out, _ = self.process.communicate(timeout=PROXY_PATIENCE_SECONDS)
        return figures_in(out)
