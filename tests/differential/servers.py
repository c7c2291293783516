"""The two servers under comparison: started on a port of their own, ended by their pid."""

import contextlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

END_PATIENCE_SECONDS = 10.0


class ServerError(Exception):
    """A server that did not start, or did not end well."""


def stop(process: subprocess.Popen[str]) -> int:
    """Ends a process that we started; kills it when it does not end."""
    process.terminate()
    try:
        process.communicate(timeout=END_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    return process.returncode


@contextlib.contextmanager
def roused(path: Path) -> Iterator[int]:
    """Runs the daemon; gives its port. It must end with exit code 0."""
    command = [path, "--http", "127.0.0.1:0", "--echo", "off", "--workers", "1"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    port = None
    lines = []
    try:
        # The log is short: what comes after this fits into the pipe.
        for line in process.stderr or ():
            lines.append(line)
            if found := re.search(r" listening protocol=http .*:(\d+)$", line.strip()):
                port = int(found[1])
            if " started " in line:
                break
        if port is None:
            raise ServerError("roused did not start:\n" + "".join(lines))
        yield port
    finally:
        code = stop(process)
    if code != 0:
        raise ServerError(f"roused ended with exit code {code}")


@contextlib.contextmanager
def node(path: str) -> Iterator[int]:
    """Runs node_server.mjs; gives its port."""
    script = Path(__file__).with_name("node_server.mjs")
    process = subprocess.Popen([path, script], stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line.strip().isdigit():
            raise ServerError(f"node did not start: it said {line!r}")
        yield int(line)
    finally:
        stop(process)
