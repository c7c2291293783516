"""server.user: root starts roused, and somebody else serves."""

import os
import signal
import socket
import stat
import unittest
from pathlib import Path

from daemon import Process, ServiceTest, echoed, get, is_served

NOBODY = 65534
NO_CAPABILITY = "0" * 16


def privileged_port() -> int:
    """A port that only root may listen on, and nobody does."""
    for port in range(1023, 600, -1):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise unittest.SkipTest("no port below 1024 is free")


def status_of(task: Path) -> dict[str, list[str]]:
    pairs = (line.split(":", 1) for line in (task / "status").read_text().splitlines())
    return {name: value.split() for name, value in pairs}


@unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
class PrivilegesTest(ServiceTest):
    def as_nobody(self, *arguments: str) -> Process:
        # Who gave root's rights up may not look at itself for leaks. See PR_SET_DUMPABLE.
        running = self.roused("--user", "nobody", *arguments, ASAN_OPTIONS="detect_leaks=0")
        running.await_log(" started ")
        return running

    def test_every_thread(self) -> None:
        """Every thread has the user, the group, no capability, and no way to more."""
        running = self.as_nobody("--workers", "2", "--access-log-target",
                                 str(self.folder / "access.log"))
        self.assertTrue(is_served(running.port("http")))
        self.assertEqual(echoed(running.port("echo")), b"over and over")
        tasks = list(Path(f"/proc/{running.pid}/task").iterdir())
        # The main thread, the two logs, two workers.
        self.assertGreaterEqual(len(tasks), 5)
        for task in tasks:
            status = status_of(task)
            with self.subTest(thread=status["Name"]):
                self.assertEqual(status["Uid"], [str(NOBODY)] * 4)
                self.assertEqual(status["Gid"], [str(NOBODY)] * 4)
                self.assertEqual(status["Groups"], [str(NOBODY)])
                for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                    self.assertEqual(status[kind], [NO_CAPABILITY])
                self.assertEqual(status["NoNewPrivs"], ["1"])
        self.assertIn(f"privileges_dropped user=nobody uid={NOBODY} gid={NOBODY}", running.log)
        self.assertNotIn("serving_as_root", running.log)
        self.assertEqual(running.stop(), 0)

    def test_group(self) -> None:
        """server.group takes the place of the user's own group."""
        running = self.as_nobody("--group", "daemon")
        status = status_of(Path(f"/proc/{running.pid}"))
        self.assertEqual(status["Gid"], ["1"] * 4)
        self.assertEqual(status["Groups"], ["1"])
        self.assertEqual(running.stop(), 0)

    def test_port(self) -> None:
        """A port below 1024 is bound before the rights are given up."""
        port = privileged_port()
        running = self.as_nobody("--http", f"127.0.0.1:{port}")
        self.assertTrue(is_served(port))
        self.assertEqual(running.stop(), 0)

    def test_access_log(self) -> None:
        """A new access log is the user's, who opens it anew where the folder lets him."""
        logs = self.folder / "logs"
        logs.mkdir()
        os.chown(logs, NOBODY, NOBODY)
        path = logs / "access.log"
        running = self.as_nobody("--access-log-target", str(path))
        self.assertEqual(path.stat().st_uid, NOBODY)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o640)
        path.rename(logs / "access.log.1")
        running.process.send_signal(signal.SIGUSR1)
        running.await_log("access_log_reopened")
        self.assertTrue(is_served(running.port("http")))
        self.assertEqual(running.stop(), 0)
        self.assertIn("GET /plaintext", path.read_text())

    def test_access_log_of_root(self) -> None:
        """In root's folder the log goes on in the old file, and says that and why."""
        path = self.folder / "access.log"
        running = self.as_nobody("--access-log-target", str(path))
        renamed = path.rename(self.folder / "access.log.1")
        running.process.send_signal(signal.SIGUSR1)
        running.await_log(f"error access_log_reopen_failed target={path} "
                          'reason="Permission denied"')
        self.assertTrue(is_served(running.port("http")))
        self.assertEqual(running.stop(), 0)
        self.assertIn("GET /plaintext", renamed.read_text())

    def test_access_log_of_another(self) -> None:
        """A file that was there before stays whose it is: it could be behind a link."""
        secret = self.folder / "secret"
        secret.touch(0o600)
        link = self.folder / "access.log"
        link.symlink_to(secret)
        running = self.as_nobody("--access-log-target", str(link))
        self.assertEqual((secret.stat().st_uid, secret.stat().st_gid), (0, 0))
        self.assertEqual(running.stop(), 0)

    def test_site(self) -> None:
        """Files are opened with the user's rights, not with root's."""
        root = self.folder / "site"
        root.mkdir(0o755)
        (root / "open.txt").write_text("open")
        (root / "secret.txt").write_text("secret")
        (root / "secret.txt").chmod(0o600)
        running = self.as_nobody("--root", str(root))
        self.assertIn("200 OK", get(running.port("http"), "/open.txt"))
        self.assertNotIn("secret", get(running.port("http"), "/secret.txt"))
        self.assertEqual(running.stop(), 0)

    def test_unknown(self) -> None:
        """A user that is not known ends the start with code 2, and the setting is named."""
        running = self.roused("--user", "no-such-user")
        self.assertEqual(running.end(), 2)
        self.assertIn("--user: server.user is \"no-such-user\", a user that is not known",
                      running.log)

    def test_root(self) -> None:
        """Who serves as root is warned, once."""
        running = self.roused("--workers", "2")
        running.await_log(" started ")
        self.assertEqual(running.stop(), 0)
        self.assertEqual(running.log.count("warn serving_as_root"), 1)
