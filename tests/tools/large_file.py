"""A file that is larger than anything that a server should hold: downloaded, watched, resumed."""

import random
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from checks import Checks, require, run
from served import MemorySamples, Served

BLOCK_BYTES = 1 << 20
# A block begins with its number, and goes on with bytes of this noise from a place of its own.
NOISE = random.Random("large file").randbytes(BLOCK_BYTES + (1 << 16))
STEP = 40_503
NUMBER_BYTES = 8
DOWNLOADS_AT_ONCE = 4
PATIENCE_SECONDS = 120.0


def block(number: int) -> bytes:
    start = number * STEP % (1 << 16)
    return number.to_bytes(NUMBER_BYTES, "big") + NOISE[start:start + BLOCK_BYTES - NUMBER_BYTES]


@dataclass
class LargeFile:
    """A file of which every byte is known, and its size, of whole blocks."""

    path: Path
    bytes_total: int
    # What a server may grow by while it sends the file.
    growth_kib_max: int

    def make(self) -> None:
        with self.path.open("wb") as file:
            for number in range(self.bytes_total // BLOCK_BYTES):
                file.write(block(number))

    def check(self, stream: IO[bytes], name: str) -> None:
        """Compares a stream with it to its end."""
        for number in range(self.bytes_total // BLOCK_BYTES):
            got, expected = stream.read(BLOCK_BYTES), block(number)
            if got == expected:
                continue
            at = number * BLOCK_BYTES
            require(len(got) == BLOCK_BYTES, f"{name} ends behind byte {at + len(got):,}")
            at += next(index for index in range(BLOCK_BYTES) if got[index] != expected[index])
            require(False, f"{name}: byte {at:,} is wrong")
        require(not stream.read(1), f"{name} is too long")


def open_download(url: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(["curl", "--silent", "--show-error", "--fail", "--noproxy", "*", url],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)


def download(served: Served, file: LargeFile) -> str:
    """A slow start would hide growth: the server has sent some of it before."""
    url = f"{served.base}/{file.path.name}"
    run(["curl", "--silent", "--fail", "--range", f"0-{8 * BLOCK_BYTES}", "--output", "/dev/null",
         url])
    with MemorySamples(served) as memory:
        began = time.monotonic()
        with open_download(url) as process:
            try:
                assert process.stdout is not None
                file.check(process.stdout, "the download")
            finally:
                process.kill()
        took = time.monotonic() - began
    require(process.returncode in (0, -9), f"curl ended with code {process.returncode}")
    require(memory.count > 0 and memory.growth_kib < file.growth_kib_max,
            f"memory grew by {memory.growth_kib:,} KiB from {memory.before_kib:,}")
    return (f"{file.bytes_total:,} bytes, {file.bytes_total / took / 1e6:,.0f} MB/s; memory "
            f"{memory.before_kib:,} KiB, {memory.growth_kib:+,} at most in {memory.count} looks")


def stalled(served: Served, file: LargeFile) -> str:
    """Clients that do not read must not make the server read on for them."""
    url = f"{served.base}/{file.path.name}"
    processes: list[subprocess.Popen[bytes]] = []
    try:
        with MemorySamples(served) as memory:
            for _ in range(DOWNLOADS_AT_ONCE):
                processes.append(open_download(url))  # Its pipe is not read: it stops.
            time.sleep(1.0)
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    require(memory.growth_kib < file.growth_kib_max, f"memory grew by {memory.growth_kib:,} KiB")
    return f"{DOWNLOADS_AT_ONCE} at once; memory {memory.growth_kib:+,} KiB at most"


def resume(served: Served, file: LargeFile, part: Path) -> str:
    """curl is killed in the middle, and another goes on where it was."""
    url = f"{served.base}/{file.path.name}"
    with subprocess.Popen(["curl", "--silent", "--noproxy", "*", "--limit-rate",
                           str(file.bytes_total // 2), "--output", str(part), url]) as process:
        end = time.monotonic() + PATIENCE_SECONDS
        while (not part.exists() or part.stat().st_size < file.bytes_total // 3) and \
                process.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        process.kill()
    have = part.stat().st_size
    require(0 < have < file.bytes_total, f"broke at byte {have:,}")
    told = run(["curl", "--silent", "--show-error", "--noproxy", "*", "--continue-at", "-",
                "--output", str(part), "--write-out", "%{http_code} %{size_download}", url])
    require(told.decode() == f"206 {file.bytes_total - have}", f"resumed with {told.decode()}")
    with part.open("rb") as resumed:
        file.check(resumed, "the resumed file")
    return f"broken behind byte {have:,}"


def check_large_file(checks: Checks, served: Served, root: Path, scratch: Path, mebibytes: int,
                     growth_kib_max: int) -> None:
    file = LargeFile(root / "large.bin", mebibytes * BLOCK_BYTES, growth_kib_max)
    file.make()
    try:
        checks.check(f"{mebibytes} MiB: byte-exact, the server's memory flat",
                     lambda: download(served, file))
        checks.check(f"{mebibytes} MiB: memory flat while clients stall",
                     lambda: stalled(served, file))
        checks.check(f"{mebibytes} MiB: resumes where it broke",
                     lambda: resume(served, file, scratch / "large.part"))
    finally:
        file.path.unlink()
