"""What a planted bug is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bug:
    """One slip in one place: in the file `path`, `new` stands for `old`, which is there once.

    PLANTED in `new` is true when the bug is chosen; what `new` does otherwise is what `old` does.
    Bugs of one file are planted in the order of the table.
    """

    name: str
    what: str  # The mistake, for the table in docs/testing.md.
    path: str
    old: str
    new: str
    world: str  # Of the simulator.
    seeds: int = 20_000  # It must be found with the first of so many.
