"""The load programs: each call is one window, and answers what was done in it at what cost."""

import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from processes import BenchError, cpu_nanoseconds, pin, resident_bytes
from servers import Server

CONNECTIONS = 64
ECHO_BYTES = 64
PIPELINE_SCRIPT = Path(__file__).with_name("pipeline.lua")
# Idle connections before the first reading, so that what a server allocates once does not count.
IDLE_WARM_UP = 64
PATIENCE_SECONDS = 60.0
MICROSECONDS = {"us": 1.0, "ms": 1e3, "s": 1e6, "m": 6e7}


@dataclass
class Window:
    """One window of load on one server."""

    rate: float
    p99_us: float | None
    cpu_us: float


@dataclass
class Tools:
    """The load programs and the processor that they are kept on."""

    wrk: str | None
    echo_load: str | None
    idle_load: str | None
    cpu: int | None


def run_load(command: list[str], cpu: int | None, interrupt_after: float | None) -> tuple[int, str]:
    """Runs a load to its end; answers its exit code and what it printed."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, preexec_fn=lambda: pin(0, cpu)) as process:
        try:
            if interrupt_after is not None:
                time.sleep(interrupt_after)
                process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=PATIENCE_SECONDS + (interrupt_after or 0.0))
        except BaseException:
            process.kill()
            raise
    return process.returncode, output.decode(errors="replace")


@dataclass
class Asked:
    """What wrk asks for."""

    path: str = "/plaintext"
    pipelined: bool = False


def wrk_window(tools: Tools, server: Server, seconds: float, asked: Asked) -> Window:
    # wrk takes whole seconds only, but ends well with its results on SIGINT.
    command = [tools.wrk or "wrk", "-t1", f"-c{CONNECTIONS}", "-d600", "--latency"]
    command += ["-s", str(PIPELINE_SCRIPT)] if asked.pipelined else []
    command.append(f"http://127.0.0.1:{server.port}{asked.path}")
    before = cpu_nanoseconds(server.process.pid)
    code, output = run_load(command, tools.cpu, seconds)
    server.check_alive()
    spent = cpu_nanoseconds(server.process.pid) - before
    bad = re.search(r"^\s*(Socket errors|Non-2xx).*$", output, re.MULTILINE)
    count = re.search(r"(\d+) requests in", output)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", output)
    if code != 0 or bad or not (count and rate and p99) or int(count[1]) == 0:
        reason = bad[0].strip() if bad else f"wrk gave no figures (code {code}):\n{output}"
        raise BenchError(f"{server.name}: {reason}")
    # wrk records one latency a batch, but corrects the distribution as if there were one a request:
    # with pipelining its percentiles are wrong (99% is often 0), so there is no figure.
    p99_us = None if asked.pipelined else float(p99[1]) * MICROSECONDS[p99[2]]
    return Window(float(rate[1]), p99_us, spent / 1000 / int(count[1]))


def echo_window(tools: Tools, server: Server, seconds: float) -> Window:
    command = [tools.echo_load or "echo_load", "--target", f"127.0.0.1:{server.port}",
               "--connections", str(CONNECTIONS), "--seconds", str(seconds),
               "--size", str(ECHO_BYTES)]
    before = cpu_nanoseconds(server.process.pid)
    code, output = run_load(command, tools.cpu, None)
    server.check_alive()
    spent = cpu_nanoseconds(server.process.pid) - before
    values = dict(re.findall(r"(\w+)=([\d.]+)", output))
    if code != 0 or float(values.get("messages", 0)) == 0:
        raise BenchError(f"{server.name}: echo_load failed (code {code}): {output.strip()}")
    return Window(float(values["rate"]), float(values["p99_us"]),
                  spent / 1000 / float(values["messages"]))


def hold_idle(tools: Tools, server: Server, connections: int) -> int:
    """The server's memory while that many connections are open and idle, each after one request."""
    command = [tools.idle_load or "idle_load", "--target", f"127.0.0.1:{server.port}",
               "--connections", str(connections), "--request", "/plaintext"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, preexec_fn=lambda: pin(0, tools.cpu)) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            server.check_alive()
            held = resident_bytes(server.process.pid)
            _, errors = process.communicate(timeout=PATIENCE_SECONDS)  # Closes its input.
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0 or ready.split() != [b"ready", str(connections).encode()]:
        raise BenchError(f"{server.name}: idle_load failed (code {process.returncode}): "
                         + errors.decode(errors="replace").strip())
    return held


def idle_bytes_per_connection(tools: Tools, server: Server, connections: int) -> float:
    hold_idle(tools, server, IDLE_WARM_UP)
    before = resident_bytes(server.process.pid)
    return (hold_idle(tools, server, connections) - before) / connections
