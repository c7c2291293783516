#!/usr/bin/env python3
"""Copies the tree with all bugs of bugs.py in it: python3 plant.py FOLDER

One build of the copy has every bug; the environment variable ROUSE_PLANTED_BUG chooses one, by its
number or its name, when the program starts. Without it the copy is as the tree is. Only what has
changed is written, so that a build of the copy is incremental.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
from bugs import BUGS  # noqa: E402: after the line above, which keeps the tree clean.

ROOT = Path(__file__).resolve().parents[3]
COPIED = ("CMakeLists.txt", "CMakePresets.json", "configs", "runtime", "protocols", "server",
          "tests")
NOT_COPIED = {"__pycache__", "corpus"}
HEADER = "runtime/base/planted_bug.hpp"
INCLUDE = f'#include "{HEADER}"\n'

HEADER_TEXT = """\
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace rouse {{

/// What ROUSE_PLANTED_BUG says: the name of a bug, or its number.
inline int choose_planted_bug() noexcept {{
    constexpr std::string_view names[] = {{
{names}
    }};
    const char* const chosen = std::getenv("ROUSE_PLANTED_BUG");
    if (chosen == nullptr) {{
        return 0;
    }}
    int number = 0;
    for (const std::string_view name : names) {{
        if (name == chosen) {{
            return number;
        }}
        ++number;
    }}
    char* end = nullptr;
    const long given = std::strtol(chosen, &end, 10);
    if (end == chosen || *end != '\\0' || given < 0 || given >= number) {{
        std::fprintf(stderr, "no planted bug '%s'\\n", chosen);
        std::exit(2);
    }}
    return static_cast<int>(given);
}}

inline const int planted_bug = choose_planted_bug();

}}  // namespace rouse
"""


def tree_files():
    """The files to copy, by their paths from the root."""
    for name in COPIED:
        top = ROOT / name
        for file in [top] if top.is_file() else sorted(top.rglob("*")):
            path = file.relative_to(ROOT)
            if file.is_file() and not NOT_COPIED & set(path.parts):
                yield path.as_posix()


def planted(path, text):
    """The text of a file with its bugs in it."""
    chosen = [(number, bug) for number, bug in enumerate(BUGS, 1) if bug.path == path]
    for number, bug in chosen:
        if text.count(bug.old) != 1:
            sys.exit(f"plant.py: {bug.name} no longer matches {path}: what it replaces stands "
                     f"there {text.count(bug.old)} times; move the table along")
        if "PLANTED" not in bug.new:
            sys.exit(f"plant.py: {bug.name} cannot be chosen: no PLANTED in its new text")
        text = text.replace(bug.old, bug.new.replace("PLANTED",
                                                     f"(::rouse::planted_bug == {number})"))
    return text.replace("#include", INCLUDE + "#include", 1) if chosen else text


def write(file, content):
    """Whether the file had to be written."""
    if file.is_file() and file.read_bytes() == content:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return True


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: plant.py FOLDER")
    folder = Path(sys.argv[1]).resolve()
    paths = set(tree_files())
    missing = {bug.path for bug in BUGS} - paths
    if missing:
        sys.exit(f"plant.py: no such file: {', '.join(sorted(missing))}; move the table along")
    bug_paths = {bug.path for bug in BUGS}
    # The header first: it is what a copy is known by.
    names = ",\n".join(f'        "{name}"' for name in ["none", *(bug.name for bug in BUGS)])
    written = int(write(folder / HEADER, HEADER_TEXT.format(names=names).encode()))
    for path in sorted(paths):
        content = (ROOT / path).read_bytes()
        if path in bug_paths:
            content = planted(path, content.decode()).encode()
        written += write(folder / path, content)
    for top in COPIED:
        for file in (folder / top).rglob("*") if (folder / top).is_dir() else ():
            path = file.relative_to(folder).as_posix()
            if file.is_file() and path not in paths and path != HEADER:
                file.unlink()
    print(f"{len(BUGS)} bugs planted in {folder}: {written} files written")


if __name__ == "__main__":
    main()
