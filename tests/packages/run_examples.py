#!/usr/bin/env python3
"""Runs programs of examples/ and sees that each does what it is for.

FOLDER has the programs; without a NAME all of them are run. Exit code: 0 all do; 1 one does not;
2 bad arguments.
"""

import argparse
import sys
from pathlib import Path

from example_checks import CHECKS, ExampleError, check_example


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the programs are")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(CHECKS)}; default all")
    options = parser.parse_args()
    if unknown := set(options.names) - set(CHECKS):
        parser.error(f"no example {', '.join(sorted(unknown))}")
    failed = False
    for name in options.names or CHECKS:
        try:
            check_example(name, options.folder, [])
            print(f"ok      {name}")
        except (ExampleError, OSError) as error:
            failed = True
            print(f"FAILED  {name}: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
