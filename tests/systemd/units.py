"""The units themselves, as systemd reads them, without running any."""

import re
import shutil
import subprocess
import unittest
from pathlib import Path

import daemon
from daemon import ServiceTest

ANALYZE = shutil.which("systemd-analyze")
UNITS = Path(__file__).parents[2] / "configs" / "systemd"
# Of ten, times ten: "OK" ends at 40, as systemd has it.
EXPOSURE_MAX = 20


@unittest.skipUnless(ANALYZE, "there is no systemd-analyze (package systemd)")
class UnitsTest(ServiceTest):
    def setUp(self) -> None:
        super().setUp()
        for unit in UNITS.iterdir():
            text = unit.read_text()
            # What it starts has to exist.
            (self.folder / unit.name).write_text(text.replace("/usr/bin/roused",
                                                              str(daemon.roused)))

    def analyze(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(ANALYZE), *arguments], stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              cwd=self.folder, check=False)

    def verify(self) -> subprocess.CompletedProcess[str]:
        return self.analyze("verify", "--man=no", "--recursive-errors=yes",
                            *sorted(unit.name for unit in UNITS.iterdir()))

    def test_verified(self) -> None:
        """systemd-analyze verify has nothing to say of any unit."""
        done = self.verify()
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_misspelt(self) -> None:
        """A misspelt key is found: the check can fail."""
        service = self.folder / "roused.service"
        service.write_text(service.read_text().replace("WatchdogSec=", "WatchdogSecs="))
        self.assertIn("WatchdogSecs", self.verify().stdout)

    def test_exposure(self) -> None:
        """The exposure of the service is 2.0 at most."""
        done = self.analyze("security", "--offline=yes", f"--threshold={EXPOSURE_MAX}",
                            "roused.service")
        score = re.search(r"Overall exposure level for roused.service: ([0-9.]+)", done.stdout)
        self.assertIsNotNone(score, done.stdout)
        assert score is not None
        print(f"exposure: {score.group(1)}")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_exposed(self) -> None:
        """Without its sandbox the service is over that: the check can fail."""
        service = self.folder / "roused.service"
        service.write_text(service.read_text().replace("SystemCallFilter=", "#"))
        done = self.analyze("security", "--offline=yes", f"--threshold={EXPOSURE_MAX}",
                            "roused.service")
        self.assertNotEqual(done.returncode, 0)

    def test_names(self) -> None:
        """Each socket unit has a name that roused knows, and is for the service."""
        for unit, name in (("roused.socket", "http"), ("roused-echo.socket", "echo")):
            text = (UNITS / unit).read_text()
            self.assertIn(f"\nFileDescriptorName={name}\n", text)
            self.assertTrue(unit == "roused.socket" or "\nService=roused.service\n" in text)
