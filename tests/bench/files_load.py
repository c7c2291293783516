"""A load for large answers: drops their bytes inside the kernel, and lets each come to its end."""

import os
import re
import selectors
import socket
import time
from dataclasses import dataclass, field

from loads import CONNECTIONS, Tools, Window
from processes import BenchError, cpu_nanoseconds
from servers import Server

SILENCE_SECONDS_MAX = 30.0
HEAD_BYTES_MAX = 16_384
# Dropped with one call, at most.
PIECE_BYTES_MAX = 4 << 20


@dataclass
class Client:
    """One keep-alive connection, and where it is in its answer."""

    socket: socket.socket
    size: int
    head: bytes = b""
    # Of the content; None while the head comes.
    bytes_left: int | None = None
    asked_at: float = 0.0
    times: list[float] = field(default_factory=list)

    def ask(self, request: bytes) -> None:
        self.head, self.bytes_left, self.asked_at = b"", None, time.monotonic()
        self.socket.sendall(request)

    def read(self, waste: bytearray) -> bool:
        """Takes what has come; whether the answer is whole."""
        if self.bytes_left is None:
            return self._read_head()
        # With this flag the bytes of a stream are dropped and not copied, see tcp(7).
        got = self.socket.recv_into(waste, min(self.bytes_left, len(waste)), socket.MSG_TRUNC)
        if got == 0:
            raise BenchError(f"an answer ends {self.bytes_left} bytes early")
        self.bytes_left -= got
        return self._is_whole()

    def _read_head(self) -> bool:
        got = self.socket.recv(HEAD_BYTES_MAX)
        self.head += got
        head, end, content = self.head.partition(b"\r\n\r\n")
        if not got or len(head) > HEAD_BYTES_MAX:
            raise BenchError(f"no answer: {head[:200]!r}")
        if not end:
            return False
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
        if not head.startswith(b"HTTP/1.1 200 ") or not length or int(length[1]) != self.size:
            raise BenchError(f"not a 200 of {self.size} bytes: {head[:200]!r}")
        self.bytes_left = self.size - len(content)
        return self._is_whole()

    def _is_whole(self) -> bool:
        if self.bytes_left != 0:
            return False
        self.times.append(time.monotonic() - self.asked_at)
        return True


def drive(clients: list[Client], request: bytes, seconds: float) -> None:
    """Each client asks again and again; who has asked before the end gets the whole answer."""
    waste = bytearray(PIECE_BYTES_MAX)
    end = time.monotonic() + seconds
    with selectors.EpollSelector() as waiting:
        for client in clients:
            waiting.register(client.socket, selectors.EVENT_READ, client)
            client.ask(request)
        while waiting.get_map():
            events = waiting.select(SILENCE_SECONDS_MAX)
            if not events:
                raise BenchError(f"no byte for {SILENCE_SECONDS_MAX:g} s")
            for key, _ in events:
                if not key.data.read(waste):
                    continue
                if time.monotonic() < end:
                    key.data.ask(request)
                else:
                    waiting.unregister(key.fileobj)


def whole_window(tools: Tools, server: Server, seconds: float, path: str, size: int) -> Window:
    """Whole answers only, so that what the server has done is what the clients have read."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    allowed = os.sched_getaffinity(0)
    clients: list[Client] = []
    try:
        if tools.cpu is not None:
            os.sched_setaffinity(0, {tools.cpu})
        for _ in range(CONNECTIONS):
            clients.append(Client(socket.create_connection(("127.0.0.1", server.port)), size))
        before, began = cpu_nanoseconds(server.process.pid), time.monotonic()
        drive(clients, request, seconds)
        took = time.monotonic() - began
        spent = cpu_nanoseconds(server.process.pid) - before
    except (OSError, BenchError) as error:
        server.check_alive()
        raise BenchError(f"{server.name}: {path}: {error}") from error
    finally:
        for client in clients:
            client.socket.close()
        os.sched_setaffinity(0, allowed)
    times = sorted(each for client in clients for each in client.times)
    p99 = times[min(len(times) - 1, len(times) * 99 // 100)]
    return Window(len(times) / took, p99 * 1e6, spent / 1000 / len(times))
