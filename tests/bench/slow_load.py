"""Clients that are slow on purpose: a thread that holds them, and what became of each."""

import os
import selectors
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from enum import Enum

from processes import BenchError

# One byte a second each: a tick serves this part of the clients.
TICKS_A_SECOND = 50
# Of a client that does not read: so small that the kernel takes little for it.
READ_BUFFER_BYTES = 4096
# Of ip(7), which Python 3.11 does not name.
IP_BIND_ADDRESS_NO_PORT = 24
ANSWER_BYTES = 8 << 20
BODY_BYTES = 1 << 20
SILENCE_SECONDS = 10.0
# An address may have fewer connections than server.connections_per_address_max.
ADDRESSES = tuple(f"127.0.0.{number}" for number in range(11, 19))


class Kind(Enum):
    """What a client is slow at."""

    READ = "answers"
    HEAD = "heads"
    BODY = "bodies"


HEAD_BEGINS = b"GET /plaintext HTTP/1.1\r\nHost: slow\r\nX-Slow: "
BODY_BEGINS = (f"POST /upload HTTP/1.1\r\nHost: slow\r\nContent-Length: {BODY_BYTES}\r\n\r\n"
               .encode())
READ_BEGINS = f"GET /bytes/{ANSWER_BYTES} HTTP/1.1\r\nHost: slow\r\n\r\n".encode()


@dataclass
class SlowClient:
    """One of them; all times are of time.monotonic()."""

    kind: Kind
    socket: socket.socket
    began: float
    sent: int = 0
    read: bytearray = field(default_factory=bytearray)
    ended: float | None = None

    def step(self) -> None:
        """Its byte of this second."""
        try:
            if self.kind is Kind.READ:
                self._take(1)
            else:
                byte = HEAD_BEGINS[self.sent:self.sent + 1] if self.kind is Kind.HEAD else b""
                self.sent += self.socket.send(byte or b"s")
        except BlockingIOError:
            pass
        except OSError:
            self.end()

    def answer(self) -> None:
        """Something has come to a client that does not read slowly: an answer, or the end."""
        try:
            self._take(4096)
        except BlockingIOError:
            pass
        except OSError:
            self.end()

    def _take(self, bytes_max: int) -> None:
        got = self.socket.recv(bytes_max)
        self.read += got
        if not got:
            self.end()

    def end(self) -> None:
        if self.ended is None:
            self.ended = time.monotonic()
            self.socket.close()

    def drain(self) -> int | None:
        """Reads all that is there for a slow reader, to the end: how many bytes in all, or nothing
        when the end does not come."""
        total = len(self.read)
        if self.ended is not None:
            return total
        waste = bytearray(1 << 20)
        self.socket.settimeout(SILENCE_SECONDS)
        try:
            while got := self.socket.recv_into(waste, len(waste), socket.MSG_TRUNC):
                total += got
        except TimeoutError:
            return None
        except OSError:
            pass  # A reset is an end.
        self.end()
        return total


def connect(kind: Kind, address: str, port: int) -> SlowClient:
    opened = socket.socket()
    try:
        if kind is Kind.READ:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ_BUFFER_BYTES)
        # The port is chosen at the connect, so that addresses do not run out of them.
        opened.setsockopt(socket.SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        # What is left unread at the end is dropped, and no port waits.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.bind((address, 0))
        opened.settimeout(SILENCE_SECONDS)
        opened.connect(("127.0.0.1", port))
        began = time.monotonic()
        opened.sendall({Kind.HEAD: HEAD_BEGINS[:1], Kind.BODY: BODY_BEGINS,
                        Kind.READ: READ_BEGINS}[kind])
        opened.setblocking(False)
        return SlowClient(kind, opened, began, sent=1)
    except OSError as error:
        opened.close()
        raise BenchError(f"a slow client from {address}: {error}") from error


class SlowClients:
    """Holds them open: from start() to stop() in a thread, each with one byte a second."""

    def __init__(self, port: int, cpu: int | None) -> None:
        self.port = port
        self.cpu = cpu
        self.clients: list[SlowClient] = []
        self.stopping = threading.Event()
        self.failure: BaseException | None = None
        # Of the thread, which takes it from the other load on its processor.
        self.cpu_seconds = 0.0
        self.waiting = selectors.EpollSelector()
        self.thread = threading.Thread(target=self._hold)

    def add(self, kind: Kind, count: int) -> None:
        for number in range(count):
            client = connect(kind, ADDRESSES[number % len(ADDRESSES)], self.port)
            self.clients.append(client)
            if kind is not Kind.READ:
                self.waiting.register(client.socket, selectors.EVENT_READ, client)

    def start(self) -> None:
        self.thread.start()

    def open_count(self) -> int:
        return sum(1 for client in self.clients if client.ended is None)

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join()
        if self.failure is not None:
            raise BenchError(f"the slow clients failed: {self.failure!r}")

    def close(self) -> None:
        self.stopping.set()
        if self.thread.is_alive():
            self.thread.join()
        for client in self.clients:
            client.socket.close()
        self.waiting.close()

    def _hold(self) -> None:
        try:
            if self.cpu is not None:
                os.sched_setaffinity(0, {self.cpu})  # This thread's alone.
            tick, due = 0, time.monotonic()
            while not self.stopping.is_set():
                for client in self.clients[tick % TICKS_A_SECOND::TICKS_A_SECOND]:
                    if client.ended is None:
                        client.step()
                tick, due = tick + 1, due + 1 / TICKS_A_SECOND
                self._wait_until(due)
                self.cpu_seconds = time.thread_time()
        except BaseException as error:  # Told by stop(): a thread has nobody to throw at.
            self.failure = error

    def _wait_until(self, due: float) -> None:
        while (left := due - time.monotonic()) > 0:
            for key, _ in self.waiting.select(left):
                client: SlowClient = key.data
                if client.ended is None:
                    client.answer()
