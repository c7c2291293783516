#!/usr/bin/env python3
"""roused as a service of systemd: run.py --roused PATH GROUP...

Groups: units (verified and scored), activation (passed sockets), notify (what systemd is told),
privileges (server.user), boot (a real systemd, in a container), absent (in place of activation and
notify, for a build without libsystemd). What cannot be tested here is skipped, with its reason.

Exit code: 0 all that was tested holds; 1 something does not; 2 bad arguments; 77 all was skipped.
"""

import argparse
import sys
import unittest
from pathlib import Path

import daemon

GROUPS = ("units", "activation", "notify", "privileges", "boot", "absent")
SKIPPED = 77


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--roused", type=Path, required=True, help="the program")
    parser.add_argument("groups", nargs="+", choices=GROUPS, metavar="GROUP")
    arguments = parser.parse_args()
    daemon.roused = arguments.roused.resolve()
    suite = unittest.defaultTestLoader.loadTestsFromNames(arguments.groups)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    if not result.wasSuccessful():
        return 1
    # A group that is skipped as a whole counts as one skip, and as no test.
    return SKIPPED if len(result.skipped) >= result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
