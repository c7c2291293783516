"""Named checks: a line each, "ok", "FAILED" or "skipped" with the reason; they make the code."""

import subprocess
import time
import traceback
from collections.abc import Callable

COMMAND_SECONDS_MAX = 300.0


class CheckFailed(Exception):
    """Something that a client was promised did not happen; the text says what."""


class Skipped(Exception):
    """A check that cannot be made here; the text says why."""


def require(holds: object, why: str) -> None:
    if not holds:
        raise CheckFailed(why)


def run(command: list[str], code: int = 0, folder: str | None = None) -> bytes:
    """What the command printed; its exit code has to be the expected one."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, cwd=folder,
                          timeout=COMMAND_SECONDS_MAX, check=False)
    require(done.returncode == code,
            f"{command[0]} ended with code {done.returncode} instead of {code}: "
            f"{' '.join(command)}\n{done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


class Checks:
    """Runs checks and counts what became of them."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self.skipped = 0

    def check(self, name: str, body: Callable[[], str | None]) -> None:
        """The body answers a remark, or nothing."""
        began = time.monotonic()
        try:
            remark = body()
        except Skipped as why:
            self.skipped += 1
            print(f"skipped: {name}: {why}", flush=True)
        except CheckFailed as why:
            self.failed += 1
            print(f"FAILED   {name}: {why}", flush=True)
        except (OSError, ValueError, subprocess.SubprocessError):
            self.failed += 1
            print(f"FAILED   {name}:\n{traceback.format_exc()}", flush=True)
        else:
            self.passed += 1
            took = f"{time.monotonic() - began:.1f} s"
            print(f"ok       {name} ({f'{remark}; ' if remark else ''}{took})", flush=True)
