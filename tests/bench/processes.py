"""What the kernel knows of a server: processor time and memory of it and of its children."""

import os
import signal
import subprocess
import time
from pathlib import Path

STOP_PATIENCE_SECONDS = 5.0
# CPUCLOCK_SCHED of the kernel: nanoseconds by the scheduler, of a whole process.
PROCESS_CLOCK = 2


class BenchError(Exception):
    """A run that must not yield a figure; the text says what failed."""


def pin(pid: int, cpu: int | None) -> None:
    """Keeps the process on one processor; pid 0 is the caller."""
    if cpu is not None:
        os.sched_setaffinity(pid, {cpu})


def family(pid: int) -> list[int]:
    """The process and everything that descends from it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                # The name in parentheses may hold spaces: the fields are counted from its end.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # Ended while we looked.
            parents[int(entry.name)] = int(fields[1])
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found


def cpu_nanoseconds(pid: int) -> int:
    """Processor time of all threads of the family, those included that have ended meanwhile, as the
    workers do that the kernel gives a ring: each process's own clock, see
    clock_getcpuclockid(3)."""
    total = 0
    for member in family(pid):
        try:
            total += time.clock_gettime_ns((~member << 3) | PROCESS_CLOCK)
        except OSError as error:
            raise BenchError(f"process {member} ended: its time is lost") from error
    return total


def resident_bytes(pid: int) -> int:
    """Resident memory of the family, from smaps_rollup (exact, where statm is an estimate)."""
    total = 0
    for member in family(pid):
        for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                total += int(line.split()[1]) * 1024
    return total


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a process that we started, and what it started, by pid; asks first."""
    if process.poll() is not None:
        return
    descendants = family(process.pid)[1:]
    process.terminate()
    try:
        process.wait(STOP_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        for pid in descendants:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
