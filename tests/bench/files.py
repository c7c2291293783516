"""Files of a few sizes, and the scenarios that ask for them."""

import random
from collections.abc import Callable
from pathlib import Path

from files_load import whole_window
from loads import Asked, Tools, Window, wrk_window
from servers import Server

KIB = 1024
SIZES = {"file-1k": KIB, "file-10k": 10 * KIB, "file-100k": 100 * KIB, "file-10m": 10 * KIB * KIB}
# wrk reads 8 KiB at a time: from here on it, and not the server, would be what a window measures,
# and the answers that a window cuts would be a large part of all.
LARGE_FROM_BYTES = KIB * KIB


def make_files(directory: Path) -> None:
    """The files that the scenarios ask for; nothing that could be compressed."""
    directory.chmod(0o755)  # A worker of nginx is not root.
    for name, size in SIZES.items():
        (directory / f"{name}.bin").write_bytes(random.Random(name).randbytes(size))


def window_of(name: str) -> Callable[[Tools, Server, float], Window]:
    path, size = f"/{name}.bin", SIZES[name]
    if size >= LARGE_FROM_BYTES:
        return lambda tools, server, seconds: whole_window(tools, server, seconds, path, size)
    return lambda tools, server, seconds: wrk_window(tools, server, seconds, Asked(path))
