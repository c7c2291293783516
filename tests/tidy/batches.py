#!/usr/bin/env python3
"""Puts sources together for clang-tidy: python3 batches.py BUILD, or --self-test.

Most of the time of clang-tidy goes into the headers of the standard library, and is spent anew for
each file. This reads BUILD/compile_commands.json and writes BUILD/batches: files that include up
to BATCH_FILES_MAX sources each, and the compile database of these. Every source of ours is in one
of them, once. Sources that give different things one name are kept apart; where this script does
not see it the compiler does, and a name has to change.
"""

import json
import re
import shlex
import sys
from pathlib import Path

sys.dont_write_bytecode = True

BATCH_FILES_MAX = 24
FOLDERS = ("runtime", "protocols", "server", "tests", "examples")
ALONE = {
    # Calls a namespace what a header calls another.
    "protocols/http/scan_block.cpp",
    # linux/tcp.h says what netinet/tcp.h says, in part.
    "runtime/net/socket_option.cpp", "tests/sim/system_calls.cpp",
}
# Linked into MemorySanitizer's programs only.
UNREAD = {
    "tests/support/memory_sanitizer_doctest.cpp", "tests/support/memory_sanitizer_library.cpp",
}
# libFuzzer fixes the name of its entry, so a batch gives each a number.
FUZZ_ENTRY = "LLVMFuzzerTestOneInput"

# What stands at the left margin is at the scope of a namespace: clang-format sees to that.
NO_DECLARATION = re.compile(
    r"(\s|#|//|\}|\)|(using )?namespace\b|template\b|requires\b|static_assert\b|TEST_)|$")
DIRECTIVE = re.compile(r"^using namespace (rouse[\w:]*);", re.MULTILINE)
USING = re.compile(r"using (?:typename )?((?:\w+::)+(\w+));")
TYPE = re.compile(r"(?:using|struct|class|union|enum(?: class)?|concept) (?:\[\[.*?\]\] )?(\w+)")
OTHER = re.compile(r"[^(={;]*?(::)?(\w+)(?:\[[^\]]*\])* ?[(={;]")
MACRO_BEFORE_INCLUDE = re.compile(r"^#define.*^#include", re.MULTILINE | re.DOTALL)


def declared(text):
    """The names that a source declares outside of functions, each with what it stands for there."""
    names = {}
    for line in text.splitlines():
        if NO_DECLARATION.match(line):
            continue
        if match := USING.match(line):
            names[match.group(2)] = match.group(1)
        elif match := TYPE.match(line):
            names[match.group(1)] = None
        elif (match := OTHER.match(line)) and not match.group(1):
            names[match.group(2)] = None
    names.pop(FUZZ_ENTRY, None)
    return names


def collide(names, others):
    return any(others[name] is None or others[name] != meaning
               for name, meaning in names.items() if name in others)


def batched(sources):
    """SOURCES, pairs of a path and a text, as lists of the paths that may be read together."""
    batches = []
    for path, text in sources:
        names = declared(text)
        # What a directive opens meets the names of those that have none.
        opened = set(DIRECTIVE.findall(text))
        if path in ALONE or MACRO_BEFORE_INCLUDE.search(text):
            opened = {path}
        for paths, taken, open_there in batches:
            if (opened == open_there and len(paths) < BATCH_FILES_MAX
                    and not collide(names, taken)):
                paths.append(path)
                taken.update(names)
                break
        else:
            batches.append(([path], names, opened))
    return [paths for paths, _, _ in batches]


def options(entry):
    """What a source is compiled with, but for what makes no difference to clang-tidy."""
    words = shlex.split(entry["command"])[1:]
    kept, skipped = [], False
    for word in words:
        if skipped or word in ("-o", "-c"):
            skipped = not skipped
        elif not re.fullmatch(r"-O\d|-g|-fPI[CE]", word):
            kept.append(word)
    return kept


def grouped(root, database):
    """Paths of our sources by the options they are read with.

    The options of one target do no harm to the sources of another, so that there are few groups:
    only where the model check puts headers of its own before ours, they stay apart.
    """
    common, groups, seen = [], {}, set()
    for entry in database:
        path = Path(entry["file"])
        if not path.is_relative_to(root) or path.relative_to(root).parts[0] not in FOLDERS:
            continue
        name = str(path.relative_to(root))
        if name in seen:
            continue
        seen.add(name)
        words = options(entry)
        if any("/doubles" in word for word in words):
            groups.setdefault(tuple(words), []).append(name)
        else:
            common += [word for word in words if word not in common]
            groups.setdefault(None, []).append(name)
    return {tuple(common) if key is None else key: sorted(names) for key, names in groups.items()}


def included(root, paths):
    """The text of the file that includes these sources."""
    lines = []
    for number, path in enumerate(paths):
        if path.startswith("tests/fuzz/"):
            lines += [f"#undef {FUZZ_ENTRY}", f"#define {FUZZ_ENTRY} {FUZZ_ENTRY}_{number}"]
        lines.append(f'#include "{root / path}"')
    return "\n".join(lines) + "\n"


def refuse_unread(root, read):
    there = {str(path.relative_to(root)) for top in FOLDERS for path in (root / top).rglob("*.cpp")}
    unread = sorted(there - read - UNREAD)
    if unread:
        sys.exit(f"batches: not in the compile database: {', '.join(unread)}\n"
                 "Name them in a CMakeLists.txt; if they are there, ./dev clean.")


def write(build):
    database = json.loads((build / "compile_commands.json").read_text())
    root = Path(__file__).resolve().parents[2]
    groups = grouped(root, database)
    refuse_unread(root, {path for paths in groups.values() for path in paths})
    folder = build / "batches"
    folder.mkdir(exist_ok=True)
    for left in folder.iterdir():
        left.unlink()
    entries = []
    for words, paths in groups.items():
        sources = [(path, (root / path).read_text()) for path in paths]
        for batch in batched(sources):
            file = folder / f"batch_{len(entries)}.cpp"
            file.write_text(included(root, batch))
            # A local name may be one of another file's; -Wshadow is for the compiler.
            entries.append({"directory": str(build), "file": str(file),
                            "arguments": ["clang++-19", *words, "-Wno-shadow", "-c", str(file)]})
    (folder / "compile_commands.json").write_text(json.dumps(entries, indent=1))


def self_test():
    text = "using rouse::task;\n\nnamespace {\n\nstruct one final : base {\n    int two;\n};\n" \
           "constexpr std::array three{1, 2};\ntask<void> four(int five) {\n}\n" \
           "void other::six() {\n}\n\n}  // namespace\n\nusing seven = int;\n"
    expected = {"task": "rouse::task", "one": None, "three": None, "four": None, "seven": None}
    assert declared(text) == expected, declared(text)

    taken = {"task": "rouse::task", "one": None}
    assert not collide({"task": "rouse::task", "two": None}, taken)
    assert collide({"one": None}, taken)
    assert collide({"task": None}, taken)
    assert collide({"task": "other::task"}, taken)

    same = "int a() {\n}\n"
    assert batched([("1", same), ("2", same), ("3", "int b;\n")]) == [["1", "3"], ["2"]]
    assert batched([("1", "using namespace rouse::http;\n"), ("2", "")]) == [["1"], ["2"]]
    assert batched([("1", "#define A\n#include <b>\n"), ("2", "")]) == [["1"], ["2"]]
    many = batched([(str(number), "") for number in range(BATCH_FILES_MAX + 1)])
    assert [len(paths) for paths in many] == [BATCH_FILES_MAX, 1]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.splitlines()[0])
    if sys.argv[1] == "--self-test":
        self_test()
    else:
        write(Path(sys.argv[1]).resolve())


if __name__ == "__main__":
    main()
