"""From windows to figures, tables and the comparison with the goals."""

from dataclasses import dataclass, field
from statistics import median

from loads import Window

FLOORS = ("epoll_floor", "uring_floor")
# What "./dev bench --check" holds roused to: the scenario, another server, and the most that roused
# may cost in what that one does.
RATIO_GOALS = {"keep-alive": ("epoll_floor", 1.10), "pipelined": ("epoll_floor", 1.25),
               "echo": ("epoll_floor", 1.05),
               "file-1k": ("nginx", 0.9), "file-10k": ("nginx", 0.9), "file-100k": ("nginx", 0.9),
               "file-10m": ("nginx", 1.1)}
# The same for what serves where io_uring is not allowed.
EPOLL_RATIO_GOALS = {"keep-alive": ("epoll_floor", 1.10)}
IDLE_BYTES_GOAL = 500.0


@dataclass
class Scenario:
    """The windows of each server in the order of the rounds; a missing server has its reason."""

    name: str
    windows: dict[str, list[Window]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


@dataclass
class Idle:
    """Bytes of memory for one idle connection."""

    connections: int
    bytes_each: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def peers(scenario: Scenario) -> tuple[str, ...]:
    """Whom the others are compared with: the floors serve no files."""
    return ("nginx",) if scenario.name.startswith("file-") else FLOORS


def ratio(scenario: Scenario, server: str, peer: str) -> float | None:
    """The median over the rounds of this server's cost to the other's in the same round: what
    disturbs the machine for a while disturbs both."""
    pairs = zip(scenario.windows.get(server, []), scenario.windows.get(peer, []))
    ratios = [mine.cpu_us / its.cpu_us for mine, its in pairs]
    return median(ratios) if ratios else None


def figures(scenario: Scenario, server: str) -> dict[str, float | None]:
    windows = scenario.windows[server]
    costs = [window.cpu_us for window in windows]
    p99s = [window.p99_us for window in windows if window.p99_us is not None]
    result: dict[str, float | None] = {
        "requests_per_second": median(window.rate for window in windows),
        "p99_us": median(p99s) if p99s else None,
        "cpu_us_per_request": median(costs),
        "cpu_us_least": min(costs),
        "cpu_us_most": max(costs),
    }
    for peer in peers(scenario):
        result[f"ratio_to_{peer}"] = ratio(scenario, server, peer)
    return result


def number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def table(rows: list[list[str]], notes: dict[str, str]) -> str:
    """Columns as wide as their widest cell, the first to the left and the others to the right;
    after them a line for each server that has no figures, with the reason."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join([row[0].ljust(widths[0])]
                       + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])])
             for row in rows]
    lines += [f"{name.ljust(widths[0])}  {note}" for name, note in notes.items()]
    return "\n".join(f"  {line}" for line in lines)


def scenario_table(scenario: Scenario) -> str:
    rows = [["server", "requests/s", "p99 us", "CPU us/request", "least", "most",
             *(f"x {peer.replace('_', ' ')}" for peer in peers(scenario))]]
    for server in scenario.windows:
        of = figures(scenario, server)
        rows.append([server, number(of["requests_per_second"], 0), number(of["p99_us"], 0)]
                    + [number(of[key], 3)
                       for key in ("cpu_us_per_request", "cpu_us_least", "cpu_us_most")]
                    + [number(of[f"ratio_to_{peer}"], 3) for peer in peers(scenario)])
    return f"{scenario.name}\n" + table(rows, scenario.missing)


def idle_table(idle: Idle) -> str:
    rows = [["server", "bytes/connection"]]
    rows += [[server, number(size, 0)] for server, size in idle.bytes_each.items()]
    return (f"idle: {idle.connections} keep-alive connections after one request each\n"
            + table(rows, idle.missing))


def check_goals(scenarios: list[Scenario], idle: Idle | None) -> tuple[list[str], bool]:
    """A line for each goal of what was run, and whether all are met. No figure is a miss."""
    lines: list[str] = []
    met = True
    measured = []
    for scenario in scenarios:
        for server, goals in (("roused", RATIO_GOALS), ("roused_epoll", EPOLL_RATIO_GOALS)):
            if scenario.name in goals:
                peer, most = goals[scenario.name]
                measured.append((f"{server} {scenario.name}", ratio(scenario, server, peer), most,
                                 f"x {peer.replace('_', ' ')}"))
    if idle is not None:
        measured.append(("roused idle", idle.bytes_each.get("roused"), IDLE_BYTES_GOAL, "bytes"))
    for name, value, goal, unit in measured:
        # The memory goal is "fewer than", the others are "at most".
        passed = value is not None and (value < goal if unit == "bytes" else value <= goal)
        met = met and passed
        verdict = "pass" if passed else "miss"
        lines.append(f"{verdict}  {name}: {number(value, 3)} {unit}, goal {goal:g}")
    return lines, met


def as_json(scenarios: list[Scenario], idle: Idle | None) -> dict[str, object]:
    """All that was measured: the figures, and each window in the order of the rounds."""
    document: dict[str, object] = {
        scenario.name: {
            "missing": scenario.missing,
            "servers": {server: {"figures": figures(scenario, server),
                                 "windows": [vars(window) for window in windows]}
                        for server, windows in scenario.windows.items()},
        }
        for scenario in scenarios
    }
    if idle is not None:
        document["idle"] = vars(idle)
    return document
