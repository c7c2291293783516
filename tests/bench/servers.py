"""The servers under comparison: how each is started, and how its port is learnt."""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from processes import BenchError, pin, stop

START_PATIENCE_SECONDS = 10.0
START_ATTEMPTS = 3
SERVERS = ("roused", "roused_epoll", "epoll_floor", "uring_floor", "nginx")
# The ones that this project builds: without them a run is not whole.
OWN_SERVERS = ("roused", "roused_epoll", "epoll_floor", "uring_floor")
# roused is one program; without a name of its own, a fallback would be measured as what it is not.
BACKENDS = {"roused": "io_uring", "roused_epoll": "epoll"}
PROTOCOLS = {"roused": ("http", "echo", "files"), "roused_epoll": ("http", "echo", "files"),
             "epoll_floor": ("http", "echo"),
             "uring_floor": ("http", "echo"), "nginx": ("http", "files")}

NGINX_CONFIGURATION = """
daemon off;
worker_processes 1;
worker_rlimit_nofile {descriptors};
pid {directory}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 16384; }}
http {{
    access_log off;
    default_type text/plain;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{ {answer} }}
    }}
}}
"""
NGINX_HELLO = 'return 200 "Hello, World!";'
NGINX_FILES = """
            root {root};
            sendfile on;
            tcp_nopush on;
            tcp_nodelay on;
            open_file_cache max=1000 inactive=60s;
"""
# All connections of a load come from one address.
ROUSED_ARGUMENTS = ("--connections-per-address-max", "0")


def find_program(name: str, build_dir: Path) -> str | None:
    """The newest program of that name in the build directory; nginx and wrk are the system's."""
    name = "roused" if name in BACKENDS else name
    if name in ("nginx", "wrk"):
        return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    found = [path for path in build_dir.rglob(name)
             if path.is_file() and path.stat().st_mode & 0o111]
    return str(max(found, key=lambda path: path.stat().st_mtime)) if found else None


def port_in_log(text: str, protocol: str) -> int | None:
    """The port that a server says it listens at: the floors' "listening 4711", or a log line that
    has "listening", the protocol and an address, as key=value or JSON."""
    bare = re.search(r"^listening (\d+)$", text, re.MULTILINE)
    if bare:
        return int(bare[1])
    for line in text.splitlines():
        words = line.lower()
        if "listening" not in words or protocol not in words or "udp" in words:
            continue
        address = re.search(r"address[\"']?\s*[=:]\s*[\"']?[\[\]\w.:]*?:(\d+)\b", words)
        address = address or re.search(r"127\.0\.0\.1:(\d+)", words)
        if address:
            return int(address[1])
    return None


@dataclass
class Server:
    """A server that runs, with what is needed to load, measure and stop it."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    # Holds the log, and nginx's files; removed with the server.
    directory: tempfile.TemporaryDirectory[str] = field(repr=False)

    def check_alive(self) -> None:
        if self.process.poll() is not None:
            raise BenchError(f"{self.name} ended with code {self.process.returncode}:\n"
                             + log_tail(Path(self.directory.name)))

    def close(self) -> None:
        stop(self.process)
        self.directory.cleanup()


def log_tail(directory: Path) -> str:
    return "\n".join((directory / "log").read_text(errors="replace").splitlines()[-20:])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Start:
    """How a server is started."""

    name: str
    program: str
    protocol: str
    cpu: int | None
    # What is served by "files".
    root: Path | None = None
    # For roused.
    arguments: tuple[str, ...] = ROUSED_ARGUMENTS


def command_line(start: Start, directory: Path) -> tuple[list[str], int]:
    """The command, and the port if it is known before the start (0 if the server chooses it)."""
    name, program = start.name, start.program
    if name == "nginx":
        port = free_port()
        configuration = directory / "nginx.conf"
        configuration.write_text(NGINX_CONFIGURATION.format(
            directory=directory, port=port, descriptors=16500,
            answer=NGINX_FILES.format(root=start.root) if start.root else NGINX_HELLO))
        return [program, "-p", str(directory), "-c", str(configuration), "-e", "stderr"], port
    if name in BACKENDS:
        root = []
        if start.root:
            # As nginx has it.
            configuration = directory / "roused.toml"
            configuration.write_text(f'[[site]]\nroot = "{start.root}"\nsendfile = true\n')
            root = ["--config", str(configuration)]
        return [program, "--http", "127.0.0.1:0", "--echo", "127.0.0.1:0", *root,
                "--backend", BACKENDS[name],
                *start.arguments], 0
    return [program, f"--{start.protocol}", "127.0.0.1:0"], 0


def start_once(start: Start) -> Server | str:
    """The server once it accepts connections, or why it does not."""
    name = start.name
    # What listens for "files" is the HTTP listener.
    protocol = "echo" if start.protocol == "echo" else "http"
    directory = tempfile.TemporaryDirectory(prefix=f"rouse-bench-{name}-")
    command, port = command_line(start, Path(directory.name))
    log_path = Path(directory.name) / "log"
    with log_path.open("wb") as log:
        # Pinned before it runs, so that every thread it starts inherits the processor.
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   preexec_fn=lambda: pin(0, start.cpu))
    server = Server(name, process, port, directory)
    try:
        deadline = time.monotonic() + START_PATIENCE_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            server.port = port or port_in_log(log_path.read_text(errors="replace"), protocol) or 0
            if server.port and accepts(server.port):
                return server
            time.sleep(0.01)
        why = f"{name} does not listen for {protocol}; its log ends:\n{log_tail(log_path.parent)}"
    except BaseException:
        server.close()
        raise
    server.close()
    return why


def start_server(start: Start) -> Server:
    """Starts a server. The port chosen for nginx may be taken when it starts: tried again."""
    why: Server | str = ""
    for _ in range(START_ATTEMPTS if start.name == "nginx" else 1):
        why = start_once(start)
        if isinstance(why, Server):
            return why
    raise BenchError(str(why))
