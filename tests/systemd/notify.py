"""What roused tells systemd: ready, alive, stopping."""

import ctypes
import os
import signal
import threading
import time
from pathlib import Path

import daemon
from daemon import ServiceTest, connect, is_served

# Of Linux: sys/ptrace.h.
PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WAIT_ALL_THREADS = 0x40000000
WATCHDOG_SECONDS = 0.6


class Frozen:
    """Holds one thread of another process still, and the rest of it goes on. See ptrace(2)."""

    def __init__(self, thread: int) -> None:
        self.thread: int | None = thread
        self.library = ctypes.CDLL(None, use_errno=True)
        self._ask(PTRACE_SEIZE)
        self._ask(PTRACE_INTERRUPT)
        os.waitpid(thread, WAIT_ALL_THREADS)

    def _ask(self, request: int) -> None:
        if self.library.ptrace(request, self.thread, None, None) != 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))

    def let_go(self) -> None:
        """Nothing, the second time."""
        if self.thread is not None:
            self._ask(PTRACE_DETACH)
            self.thread = None


def workers_of(pid: int) -> list[int]:
    """The threads that have no other name and task."""
    threads = []
    for each in Path(f"/proc/{pid}/task").iterdir():
        name = (each / "comm").read_text().strip()
        if each.name != str(pid) and name not in ("roused-log", "roused-access",
                                                  "rouse-blocking"):
            threads.append(int(each.name))
    return threads


class NotifyTest(ServiceTest):
    def watched(self, *arguments: str) -> tuple[daemon.Process, daemon.Notices]:
        """roused with a watchdog that barks after WATCHDOG_SECONDS."""
        notices = self.notices()
        running = self.roused(*arguments, NOTIFY_SOCKET=str(notices.path),
                              WATCHDOG_USEC=str(int(WATCHDOG_SECONDS * 1_000_000)))
        notices.until("READY", "1")
        return running, notices

    def test_ready_and_stopping(self) -> None:
        """READY=1 comes once all serve, STOPPING=1 with the time that the drain may take."""
        notices = self.notices()
        running = self.roused("--workers", "2", "--shutdown-timeout", "2m",
                              NOTIFY_SOCKET=str(notices.path))
        self.assertEqual(notices.next(), {
            "READY": "1", "STATUS": "serving on 3 listeners; 0 connections"})
        running.await_log(" started ")
        self.assertTrue(is_served(running.port("http")))
        running.process.send_signal(signal.SIGTERM)
        # Nothing in between: without a watchdog there is nothing more to say.
        self.assertEqual(notices.next(), {
            "STOPPING": "1", "STATUS": "draining; what is left is cut in 120 s",
            "EXTEND_TIMEOUT_USEC": "130000000"})
        self.assertEqual(running.end(), 0)

    def test_reload(self) -> None:
        """SIGUSR1, which `systemctl reload` sends, is told from its begin to its end."""
        notices = self.notices()
        running = self.roused("--workers", "1", NOTIFY_SOCKET=str(notices.path))
        notices.until("READY", "1")
        running.await_log(" started ")
        before = time.monotonic_ns() // 1000
        running.process.send_signal(signal.SIGUSR1)
        notice = notices.next()
        self.assertEqual(notice["RELOADING"], "1")
        self.assertGreaterEqual(int(notice["MONOTONIC_USEC"]), before)
        self.assertEqual(notices.next(), {
            "READY": "1", "STATUS": "serving on 3 listeners; 0 connections"})
        self.assertEqual(running.stop(), 0)

    def test_not_ready(self) -> None:
        """A start that fails is never ready."""
        notices = self.notices()
        with daemon.listening() as taken:
            running = self.roused("--http", f"127.0.0.1:{daemon.port_of(taken)}",
                                  NOTIFY_SOCKET=str(notices.path))
            self.assertEqual(running.end(), 2)
        with self.assertRaises(TimeoutError):
            notices.next(0.01)

    def test_watchdog(self) -> None:
        """While all workers turn, WATCHDOG=1 comes, with the connections that are open."""
        running, notices = self.watched("--workers", "2")
        running.await_log(" started ")
        for _ in range(3):
            notices.until("STATUS", "serving on 3 listeners; 0 connections")
        with connect(running.port("http")), connect(running.port("echo")):
            notice = notices.until("STATUS", "serving on 3 listeners; 2 connections")
            self.assertEqual(notice["WATCHDOG"], "1")
        self.assertEqual(running.stop(), 0)

    def test_watchdog_of_another(self) -> None:
        """A watchdog that is for another process gets nothing."""
        notices = self.notices()
        running = self.roused(NOTIFY_SOCKET=str(notices.path), WATCHDOG_USEC="1000",
                              WATCHDOG_PID="1")
        self.assertEqual(notices.next()["READY"], "1")
        running.process.send_signal(signal.SIGTERM)
        self.assertEqual(notices.next()["STOPPING"], "1")
        self.assertEqual(running.end(), 0)

    def test_busy_drain(self) -> None:
        """While it drains it is alive, and says what is left."""
        running, notices = self.watched("--workers", "1")
        running.await_log(" started ")
        with connect(running.port("http")) as slow, connect(running.port("http")) as other:
            slow.sendall(b"GET /delay/60000 HTTP/1.1\r\nHost: test\r\n\r\n")
            other.sendall(b"GET /plaintext HTTP/1.1\r\nHost: test\r\n\r\n")
            other.recv(4096)
            running.process.send_signal(signal.SIGTERM)
            notices.until("STOPPING", "1")
            notice = notices.until("STATUS", "draining; 1 connection left")
            self.assertEqual(notice["WATCHDOG"], "1")
            running.process.send_signal(signal.SIGTERM)
            self.assertEqual(running.end(), 1)

    def test_stuck_worker(self) -> None:
        """One worker that does not turn ends WATCHDOG=1, though the others do; until it turns."""
        running, notices = self.watched("--workers", "2")
        running.await_log(" started ")
        threads = workers_of(running.pid)
        self.assertEqual(len(threads), 2)
        try:
            frozen = Frozen(threads[1])
        except PermissionError:
            self.skipTest("ptrace is not allowed here")
        # Before the process is killed: one that is held still has no end.
        self.addCleanup(frozen.let_go)
        running.await_log(" error worker_stuck worker=")
        notices.drop_queued()
        with self.assertRaises(TimeoutError):
            notices.next(3 * WATCHDOG_SECONDS)
        self.assertEqual(running.log.count("worker_stuck"), 1)
        frozen.let_go()
        notices.until("WATCHDOG", "1")
        running.await_log(" info workers_answer_again")
        notices.until("WATCHDOG", "1")
        self.assertEqual(running.stop(), 0)

    def test_flood(self) -> None:
        """Workers that are as busy as can be still answer: a busy server is no stuck one."""
        running, notices = self.watched("--workers", "1", "--http-requests-max", "1000000000")
        running.await_log(" started ")
        port, is_over = running.port("http"), threading.Event()

        def flood() -> None:
            requests = b"GET /plaintext HTTP/1.1\r\nHost: test\r\n\r\n" * 64
            with connect(port) as made:
                while not is_over.is_set():
                    made.sendall(requests)
                    made.recv(1 << 20)

        flooding = [threading.Thread(target=flood) for _ in range(4)]
        for each in flooding:
            each.start()
        for _ in range(5):
            notices.until("WATCHDOG", "1")
        is_over.set()
        for each in flooding:
            each.join()
        self.assertNotIn("worker_stuck", running.log)
        self.assertEqual(running.stop(), 0)
