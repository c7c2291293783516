#!/usr/bin/env python3
"""Holds the rules of the house that a compiler does not: python3 tidy.py ROOT, or --self-test.

Function length, names and layout are for clang-tidy and clang-format: ./dev tidy, ./dev format.
"""

import os
import re
import sys
import tempfile

FILE_LINES_MAX = 400
TOP_LEVEL = {
    "server", "runtime", "protocols", "tests", "configs", "docs", "examples",
    "CMakeLists.txt", "CMakePresets.json", "Dockerfile", "README.md", "LICENSE", "CHANGELOG.md",
    "dev", "build",
}
# What a folder may include with quotes: itself and what is below it.
INCLUDE_ROOTS = {
    "runtime": ("runtime",),
    "protocols": ("protocols", "runtime"),
    "server": ("server", "protocols", "runtime"),
    "tests": ("tests", "server", "protocols", "runtime"),
    "examples": ("examples", "protocols", "runtime"),
}
# Third-party headers that belong to some folders only.
HEADER_HOMES = [
    (re.compile(r"liburing(\.h|/)"), ("runtime/reactor/uring/", "tests/bench/floor/")),
    (re.compile(r"asio(\.hpp|/)"), ("runtime/reactor/asio/", "tests/")),
    (re.compile(r"spdlog/"), ("server/",)),
]
# The rest of the runtime sees the standard library and the system only.
SYSTEM_HEADER = re.compile(r"[a-z_0-9]+(\.h)?|(sys|netinet|arpa|net|linux|asm)/[a-z_0-9]+\.h")
INCLUDE = re.compile(r'\s*#\s*include\s*(<([^>]+)>|"([^"]+)")')
# Names that a source gives to what is declared elsewhere.
BORROWED = re.compile(r"^\s*(?:using (?:\w+::)+|namespace (?=\w+ = ))(\w+)(?:;| = )")
COMMENT = re.compile(r"//.*")
# In two pieces, so that this file keeps its own rule.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
TEXT_SUFFIXES = (".cpp", ".hpp", ".py", ".txt", ".cmake", ".md", ".toml", ".json", ".yaml", ".yml")
TEXT_NAMES = ("dev", "run", "Dockerfile")


def include_fault(path, line):
    """Why this line of this source may not stand there, or None."""
    match = INCLUDE.match(line)
    if not match:
        return None
    system, quoted = match.group(2), match.group(3)
    top = path.split("/")[0]
    if quoted is not None:
        if quoted.split("/")[0] not in INCLUDE_ROOTS["tests"] + ("examples",) or ".." in quoted:
            return f'include "{quoted}" by its path from the root'
        if quoted.split("/")[0] not in INCLUDE_ROOTS[top]:
            return f'{top} must not know "{quoted}": includes go server -> protocols -> runtime'
        return None
    for header, homes in HEADER_HOMES:
        if header.match(system) and not path.startswith(homes):
            return f"<{system}> belongs only under {' and '.join(homes)}"
    owned = any(header.match(system) for header, _ in HEADER_HOMES)
    if top == "runtime" and not owned and not SYSTEM_HEADER.fullmatch(system):
        return f"the runtime uses the standard library and liburing, not <{system}>"
    if system.split("/")[0] in INCLUDE_ROOTS:
        return f'include our own "{system}" with quotes'
    return None


def unused_names(path, lines):
    """What clang-tidy cannot tell where it reads several sources as one: ./dev tidy."""
    code = [COMMENT.sub("", line) for line in lines]
    for number, line in enumerate(code, 1):
        match = BORROWED.match(line)
        if match:
            word = re.compile(rf"\b{match.group(1)}\b")
            if not any(word.search(other) for at, other in enumerate(code, 1) if at != number):
                yield f"{path}:{number}: nothing here uses {match.group(1)}"


def source_faults(path, lines):
    """Faults of one C++ file."""
    if path.endswith(".cpp"):
        yield from unused_names(path, lines)
    if len(lines) > FILE_LINES_MAX:
        yield f"{path}:{len(lines)}: longer than {FILE_LINES_MAX} lines; split it by concept"
    if path.endswith(".hpp") and "#pragma once" not in lines:
        yield f"{path}:1: a header begins with #pragma once"
    for number, line in enumerate(lines, 1):
        fault = include_fault(path, line)
        if fault:
            yield f"{path}:{number}: {fault}"


def text_faults(path, lines):
    """Faults of any text file of ours."""
    for number, line in enumerate(lines, 1):
        match = UNFINISHED.search(line)
        if match:
            yield f"{path}:{number}: {match.group()}: finish it, or open an issue"


def files(root):
    """Paths below the root, with slashes, without what is generated or only data."""
    for folder, folders, names in os.walk(root):
        below = os.path.relpath(folder, root).replace(os.sep, "/")
        folders[:] = sorted(
            name for name in folders
            if name not in (".git", ".cache", "__pycache__", "corpus")
            and not (below == "." and name == "build")
        )
        for name in sorted(names):
            yield name if below == "." else f"{below}/{name}"


def faults(root):
    """Everything in the tree that breaks a rule, as "path:line: what to do"."""
    for name in sorted(os.listdir(root)):
        if name not in TOP_LEVEL and not name.startswith("."):
            yield f"{name}:1: not one of the top-level entries that docs/architecture.md names"
    for path in files(root):
        if not path.endswith(TEXT_SUFFIXES) and path.split("/")[-1] not in TEXT_NAMES:
            continue
        with open(os.path.join(root, path), encoding="utf-8") as file:
            lines = file.read().splitlines()
        yield from text_faults(path, lines)
        if path.endswith((".cpp", ".hpp")) and path.split("/")[0] in INCLUDE_ROOTS:
            yield from source_faults(path, lines)


GOOD = {
    "runtime/task/waker.hpp": '#pragma once\n\n#include <utility>\n#include <sys/socket.h>\n',
    "runtime/reactor/uring/ring.cpp": '#include <liburing.h>\n#include "runtime/task/waker.hpp"\n',
    "protocols/http/parser.cpp": '#include "runtime/task/waker.hpp"' + "\n" * FILE_LINES_MAX,
    "server/main.cpp": '#include <spdlog/spdlog.h>\n#include "protocols/http/parser.hpp"\n'
                       "using rouse::task;\ntask<void> run();\n",
    "tests/runtime/waker_test.cpp": '#include <asio.hpp>\n#include "runtime/task/waker.hpp"\n',
    "tests/bench/floor/uring_floor.cpp": "#include <liburing.h>\n",
    "tests/fuzz/corpus/http/1.txt": "TO" "DO\n",
    "build/test/generated.hpp": "",
    ".gitignore": "/build/\n",
}
# Path, content, and a part of the fault that must be found there.
BAD = [
    ("runtime/a.cpp", '#include "protocols/http/parser.hpp"', "includes go"),
    ("runtime/a.cpp", '#include "server/main.hpp"', "includes go"),
    ("runtime/a.cpp", '#include "tests/support/counter.hpp"', "includes go"),
    ("runtime/a.cpp", "#include <fmt/format.h>", "the runtime uses"),
    ("runtime/a.cpp", "#include <nlohmann/json.hpp>", "the runtime uses"),
    ("protocols/echo/a.cpp", '#include "server/routes.hpp"', "includes go"),
    ("runtime/net/a.cpp", "#include <liburing.h>", "<liburing.h> belongs"),
    ("runtime/reactor/a.hpp", "#pragma once\n  #  include <liburing/io_uring.h>", "belongs only"),
    ("tests/runtime/a.cpp", "#include <liburing.h>", "<liburing.h> belongs"),
    ("runtime/reactor/uring/a.cpp", "#include <asio.hpp>", "<asio.hpp> belongs"),
    ("protocols/a.cpp", "#include <spdlog/spdlog.h>", "belongs only"),
    ("server/a.cpp", '#include "../runtime/task/waker.hpp"', "from the root"),
    ("server/a.cpp", '#include "runtime/../runtime/task/waker.hpp"', "from the root"),
    ("runtime/task/a.cpp", '#include "waker.hpp"', "from the root"),
    ("server/a.cpp", "#include <runtime/task/waker.hpp>", "with quotes"),
    ("server/a.hpp", "struct a {};", "#pragma once"),
    ("server/a.cpp", "\n" * (FILE_LINES_MAX + 1), "longer than"),
    ("server/a.cpp", "using rouse::task;  // task\n", "nothing here uses task"),
    ("tests/a.cpp", "namespace files = std::filesystem;\n", "nothing here uses files"),
    ("server/a.cpp", "// TO" "DO: later", "finish it"),
    ("README.md", "FIX" "ME", "finish it"),
    ("dev", "# TO" "DO", "finish it"),
    ("util/a.cpp", "", "top-level"),
    ("Makefile", "", "top-level"),
]


def found_in(tree):
    """The faults of a tree that is given as path -> content."""
    with tempfile.TemporaryDirectory() as root:
        for path, content in tree.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(content)
        return list(faults(root))


def self_test():
    """A tree that keeps the rules has no fault; with a file that breaks one it has exactly one."""
    errors = [f"fault in the good tree: {fault}" for fault in found_in(GOOD)]
    for path, content, expected in BAD:
        found = found_in(GOOD | {path: content})
        top = path.split("/")[0]
        if len(found) != 1 or expected not in found[0] or not found[0].startswith(top):
            errors.append(f"{path} {content.strip()!r}: one fault {expected!r} wanted: {found}")
    print(f"{len(BAD)} broken trees")
    return errors


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    errors = self_test() if arguments == ["--self-test"] else list(faults(arguments[0]))
    for error in errors:
        print(error)
    print(f"{len(errors)} faults")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
