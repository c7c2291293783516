"""The same clients over a loopback device that loses, doubles, delays and reorders packets: tc
netem, in a network namespace of its own. TCP repairs all of it, so nothing at all may be lost."""

import shutil
import subprocess

from daemon import Daemon, Setup
from floods import Sizes
from loads import Load, Loads

# Without `corrupt`: the loopback device has no checksums that would find it.
FAULTS = "delay 1ms 1ms loss 0.5% duplicate 0.5% reorder 5% 25%"
MAKE = f"ip link set lo up && tc qdisc add dev lo root netem {FAULTS}"


class Namespace:
    """A network namespace that lives as long as the process that holds it."""

    def __init__(self) -> None:
        self.holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", f"{MAKE} && echo ready && exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.holder.stdout is not None
        self.is_made = self.holder.stdout.readline() == "ready\n"

    def __enter__(self) -> "Namespace":
        return self

    def __exit__(self, *_: object) -> None:
        self.holder.communicate()  # Ends its input, and so the process.

    def why_not(self) -> str:
        _, errors = self.holder.communicate()
        return errors.strip().splitlines()[-1] if errors.strip() else "no reason given"

    def prefix(self) -> list[str]:
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", "--"]


def netem(setup: Setup, loads: Loads, sizes: Sizes) -> list[str]:
    """Direct clients over a bad network."""
    missing = [name for name in ("unshare", "nsenter", "ip", "tc") if shutil.which(name) is None]
    if missing:
        return [f"skipped: {', '.join(missing)} not found; the faulty proxy stands in"]
    with Namespace() as network:
        if not network.is_made:
            return [f"skipped: {network.why_not()}; the faulty proxy stands in"]
        inside = Loads(loads.program, loads.proxy, loads.seed, network.prefix())
        lines = []
        with Daemon(Setup(setup.program, setup.backend, prefix=network.prefix())) as daemon:
            descriptors = daemon.descriptors()
            for protocol in ("http", "echo"):
                load = Load(protocol, sizes.faulty_connections // 4, 20, 8)
                result = inside.run(load, daemon.port(protocol)).check(f"{protocol} over netem")
                lines.append(f"{protocol}, {FAULTS}: {result.words()}")
            daemon.check_descriptors(descriptors)
            daemon.end()
        return lines
