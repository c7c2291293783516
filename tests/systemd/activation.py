"""Sockets that systemd opens, and roused serves."""

import os
import shutil
import socket
import unittest
from pathlib import Path

import daemon
from daemon import ServiceTest, echoed, echoed_datagram, get, is_served, listening, port_of

ACTIVATE = shutil.which("systemd-socket-activate")


@unittest.skipUnless(ACTIVATE, "there is no systemd-socket-activate (package systemd)")
class BySystemdTest(ServiceTest):
    """With systemd-socket-activate, which starts roused at the first connection."""

    def activate(self, options: list[str], *arguments: str) -> daemon.Process:
        # It passes on few variables; ASAN_OPTIONS is not among them.
        keep = [f"--setenv={name}" for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS")
                if name in os.environ]
        return self.start([str(ACTIVATE), *keep, *options, str(daemon.roused), *arguments], {})

    def test_http_and_echo(self) -> None:
        """Sockets named http and echo are served in place of the configured addresses."""
        http, echo = daemon.free_port(), daemon.free_port()
        running = self.activate(["--listen", f"127.0.0.1:{http}", "--listen", f"127.0.0.1:{echo}",
                                 "--fdname=http:echo"], "--workers", "2")
        running.await_log(f"Listening on 127.0.0.1:{echo}")
        self.assertTrue(is_served(http))
        self.assertEqual(echoed(echo), b"over and over")
        running.await_log(" started ")
        self.assertIn("sockets_passed protocol=http count=1 instead_of=http.listen", running.log)
        self.assertIn("sockets_passed protocol=echo count=1 instead_of=echo.listen", running.log)
        self.assertEqual(running.addresses("http", "tcp"), [f"127.0.0.1:{http}"])
        self.assertEqual(running.addresses("echo", "tcp"), [f"127.0.0.1:{echo}"])
        self.assertEqual(running.addresses("echo", "udp"), [])
        self.assertEqual(running.stop(), 0)

    def test_datagrams(self) -> None:
        """A datagram socket named echo is served, and HTTP where it is configured."""
        port = daemon.free_port()
        running = self.activate(["--datagram", "--listen", f"127.0.0.1:{port}", "--fdname=echo"],
                                "--http", "127.0.0.1:0", "--workers", "2")
        running.await_log(f"Listening on 127.0.0.1:{port}")
        self.assertEqual(echoed_datagram(port), b"once")
        running.await_log(" started ")
        self.assertTrue(is_served(running.port("http")))
        for _ in range(20):
            self.assertEqual(echoed_datagram(port), b"once")
        self.assertEqual(running.stop(), 0)

    def test_unix_path(self) -> None:
        """A unix socket is served by all workers, and its file stays where systemd made it."""
        path = self.folder / "http.sock"
        running = self.activate(["--listen", str(path), "--fdname=http"], "--echo", "off")
        running.await_log(f"Listening on {path}")
        self.assertTrue(is_served(path))
        running.await_log(" started ")
        self.assertEqual(running.addresses("http", "unix"), [f"unix:{path}"])
        self.assertEqual(running.stop(), 0)
        self.assertTrue(path.is_socket())


class PassedTest(ServiceTest):
    """With sockets that the test passes, and keeps."""

    def refused(self, sockets: list[socket.socket], names: str | None, *parts: str) -> None:
        running = self.roused_with(sockets, names)
        self.assertEqual(running.end(), 2)
        self.assertNotIn(" listening protocol=", running.log)
        for part in ("roused: descriptor 3, passed as ", *parts):
            self.assertIn(part, running.log)

    def test_restart(self) -> None:
        """Who connects between two runs waits, and is served by the second."""
        with listening() as made:
            for _ in range(2):
                running = self.roused_with([made], "http", "--echo", "off", "--workers", "3")
                running.await_log(" started ")
                for _ in range(50):
                    self.assertTrue(is_served(port_of(made)))
                self.assertEqual(running.stop(), 0)
            waiting = daemon.connect(port_of(made))
            running = self.roused_with([made], "http", "--echo", "off")
            self.assertTrue(is_served(waiting))
            self.assertEqual(running.stop(), 0)

    def test_non_blocking(self) -> None:
        """Sockets that were set not to block are served as others."""
        with listening() as http, listening(socket.SOCK_DGRAM) as echo:
            http.setblocking(False)
            echo.setblocking(False)
            running = self.roused_with([http, echo], "http:echo", "--workers", "2")
            for _ in range(20):
                self.assertTrue(is_served(port_of(http)))
                self.assertEqual(echoed_datagram(port_of(echo)), b"once")
            self.assertEqual(running.stop(), 0)

    def test_several(self) -> None:
        """Several sockets of a protocol are all served, in any order."""
        sockets = [listening(), listening(), listening(socket.SOCK_DGRAM), listening()]
        running = self.roused_with(sockets, "http:echo:echo:http", "--workers", "2")
        for each in (sockets[0], sockets[3]):
            self.assertTrue(is_served(port_of(each)))
        self.assertEqual(echoed(port_of(sockets[1])), b"over and over")
        self.assertEqual(echoed_datagram(port_of(sockets[2])), b"once")
        self.assertEqual(running.stop(), 0)
        for each in sockets:
            each.close()

    def test_only_http(self) -> None:
        """Echo is served where it is configured when only HTTP is passed."""
        with listening() as made:
            running = self.roused_with([made], "http", "--echo", "127.0.0.1:0")
            running.await_log(" started ")
            self.assertTrue(is_served(port_of(made)))
            self.assertEqual(echoed(running.port("echo")), b"over and over")
            self.assertEqual(running.stop(), 0)

    def test_names(self) -> None:
        """A name that is no protocol's, or none, ends the start with code 2 and the cure."""
        with listening() as made:
            self.refused([made], None, '"unknown"', "FileDescriptorName=http")
            self.refused([made], "roused.socket", '"roused.socket"', "FileDescriptorName=echo")

    def test_kinds(self) -> None:
        """What cannot be served ends the start with code 2."""
        near, far = socket.socketpair()
        with near, far:
            self.refused([near], "http", "listening (Accept=no)")
        with listening(socket.SOCK_DGRAM) as made:
            self.refused([made], "http", "is a UDP socket")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
            made.bind(str(self.folder / "datagram"))
            self.refused([made], "echo", "is no socket that can be served")
        with open(Path(__file__), encoding="utf-8") as file:
            self.refused([file], "echo", "is no socket that can be served")  # type: ignore[list-item]

    def test_another_process(self) -> None:
        """Variables that are for another process are none of ours."""
        with listening() as made:
            running = self.roused_with([made], "http", "--http", "127.0.0.1:0", "--echo", "off",
                                       receiver="1")
            running.await_log(" started ")
            self.assertNotIn("sockets_passed", running.log)
            self.assertIn("200 OK", get(running.port("http")))
            self.assertEqual(running.stop(), 0)
