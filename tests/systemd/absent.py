"""A build without libsystemd, which says so where it matters."""

from daemon import ServiceTest, is_served, listening


class AbsentTest(ServiceTest):
    def test_passed(self) -> None:
        """Passed sockets end the start with code 2 and the cure."""
        with listening() as made:
            running = self.roused_with([made], "http")
            self.assertEqual(running.end(), 2)
            self.assertIn("this roused is built without libsystemd: build it with ROUSE_SYSTEMD=ON",
                          running.log)

    def test_notify(self) -> None:
        """A service that is waited for to be ready warns that nobody will hear of it."""
        notices = self.notices()
        running = self.roused(NOTIFY_SOCKET=str(notices.path), WATCHDOG_USEC="100000")
        running.await_log(" started ")
        self.assertIn("warn notify_socket_ignored", running.log)
        self.assertTrue(is_served(running.port("http")))
        self.assertEqual(running.stop(), 0)
        with self.assertRaises(TimeoutError):
            notices.next(0.01)
