#!/usr/bin/env python3
"""Makes the shipped sources of the cross-thread wake ready to be model-checked.

usage: instrument.py ROOT OUTPUT [--plant]

Writes below OUTPUT, by their paths below ROOT, the files in which a type is replaced by one that
relacy sees (tests/model/checked.hpp). All other text stays, on its lines. With --plant the bugs of
planted_bugs.py are put in as well, each behind a switch. A text that is not found exactly as often
as it should be is an error: these tables follow the shipped sources.
"""

import os
import sys

from planted_bugs import BUGS

CHECKED = '#include "tests/model/checked.hpp"'
# Path, and what is replaced there, once each.
TYPES = {
    "runtime/executor/inbox.hpp": [
        ("#include <atomic>", CHECKED),
        ("std::atomic<std::uint32_t> owners_", "model::atomic<std::uint32_t> owners_"),
        ("std::atomic<bool> queued_", "model::atomic<bool> queued_"),
        ("std::atomic<remote_waker*> head_", "model::atomic<remote_waker*> head_"),
        ("remote_waker* next_ = nullptr;", "model::plain<remote_waker*> next_ = nullptr;"),
        ("task_header* task_;", "model::plain<task_header*> task_;"),
        ("std::shared_ptr<inbox> destination", "model::shared_ptr<inbox> destination"),
        ("std::shared_ptr<inbox> inbox_;", "model::shared_ptr<inbox> inbox_;"),
        ("std::shared_ptr<const wake_signal> signal)",
         "model::shared_ptr<const wake_signal> signal)"),
        ("std::shared_ptr<const wake_signal> signal_;",
         "model::plain_constant<model::shared_ptr<const wake_signal>> signal_;"),
    ],
    "runtime/executor/executor.hpp": [
        ("std::shared_ptr<detail::inbox> inbox_;", "model::shared_ptr<detail::inbox> inbox_;"),
    ],
    "runtime/executor/executor.cpp": [
        ("std::make_shared<detail::inbox>", "model::make_shared<detail::inbox>"),
    ],
    "runtime/executor/task_header.hpp": [
        ("#include <cassert>", CHECKED),
        ("std::uint8_t state_ = 0;", "model::plain<std::uint8_t> state_ = 0;"),
    ],
    "runtime/task/counted.hpp": [
        ("#include <atomic>", CHECKED),
        ("std::atomic<std::size_t> owners_", "model::atomic<std::size_t> owners_"),
    ],
    "runtime/sync/thread_channel.hpp": [
        ("#include <mutex>", CHECKED),
        ("std::mutex mutex_;", "model::mutex mutex_;"),
        ("std::size_t first_ = 0;", "model::plain<std::size_t> first_ = 0;"),
        ("std::size_t size_ = 0;", "model::plain<std::size_t> size_ = 0;"),
        ("bool closed_ = false;", "model::plain<bool> closed_ = false;"),
        ("std::optional<waker> receiver_;",
         "model::plain_object<std::optional<waker>> receiver_;"),
    ],
}
# What else is compiled with them, for one thread each.
OTHERS = (
    "runtime/executor/join_handle.hpp", "runtime/executor/ready_queue.hpp",
    "runtime/executor/spawned_task.hpp", "runtime/task/context.hpp", "runtime/task/wake.hpp",
    "runtime/task/waker.cpp", "runtime/task/waker.hpp", "runtime/time/timer_wheel.cpp",
    "runtime/time/timer_wheel.hpp",
)
# What must not be left in any of them, because relacy would not see it.
UNSEEN = ("std::atomic", "std::mutex", "condition_variable", "__atomic", "__sync")


def replace_once(path, text, old, new, start=0):
    """Replaces the first `old` after `start`; it must be there."""
    at = text.find(old, start)
    if at < 0:
        sys.exit(f"{path}: no {old!r}; tests/model/ has to follow what was changed there")
    if start == 0 and text.count(old) != 1:
        sys.exit(f"{path}: {old!r} stands there {text.count(old)} times, not once")
    return text[:at] + new + text[at + len(old):]


def with_types(path, text):
    """The text with relacy's types."""
    for old, new in TYPES.get(path, []):
        text = replace_once(path, text, old, new)
    for word in UNSEEN:
        if word in text:
            sys.exit(f"{path}: relacy does not see {word}")
    return text


def switched(shipped, bugs):
    """The shipped text, or at run time that of one of its bugs; `bugs` are (number, text)."""
    if shipped.rstrip().endswith((";", "}")):
        cases = "".join(f"if (model::planted({number})) {{ {broken} }} else "
                        for number, broken in bugs)
        return f"{cases}{{ {shipped} }}"
    cases = "".join(f"model::planted({number}) ? {broken} : " for number, broken in bugs)
    return f"({cases}{shipped})"


def with_bugs(path, text):
    """The text with a switch for each planted bug of this file."""
    spots = {}
    for number, bug in enumerate(BUGS, 1):
        if bug.path == path:
            spots.setdefault((bug.behind, bug.shipped), []).append((number, bug.broken))
    for (behind, shipped), bugs in spots.items():
        if text.count(behind) != 1:
            sys.exit(f"{path}: {behind!r} stands there {text.count(behind)} times, not once")
        text = replace_once(path, text, shipped, switched(shipped, bugs), text.find(behind) + 1)
    return '#include "tests/model/planted.hpp"\n' + text


def bug_table():
    """What the C++ side has to know of each bug."""
    rows = "".join(f'    {{"{bug.name}", "{bug.world}", "{bug.found_as}"}},\n' for bug in BUGS)
    return ('#include "tests/model/planted.hpp"\n\n'
            f"constexpr rouse::model::planted_bug table[] = {{\n{rows}}};\n"
            "const std::span<const rouse::model::planted_bug> rouse::model::planted_bugs(table);\n")


def write(output, path, text):
    """A file below `output`."""
    target = os.path.join(output, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)


def main(arguments):
    if len(arguments) not in (2, 3) or arguments[2:] not in ([], ["--plant"]):
        print(__doc__, file=sys.stderr)
        return 2
    root, output = arguments[:2]
    plant = len(arguments) == 3
    written = set(TYPES) | {bug.path for bug in BUGS}
    for path in sorted(written | set(OTHERS)):
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = f'#line 1 "{path}"\n' + with_types(path, file.read())
        if path in written:
            write(output, path, with_bugs(path, text) if plant else text)
    if plant:
        write(output, "planted_bugs.cpp", bug_table())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
