#!/usr/bin/env python3
"""Sends generated and broken requests to roused and to a Node.js http server, and compares what
each made of them: accepted or refused, method, target, version, headers, body, and what was read as
the next request. Every difference must have its rule in explained.py, and the example of every rule
must show it.

Exit code: 0 all is explained; 1 something is not, or a rule is stale; 2 bad arguments; 77 there is
no Node.js here, or one older than the table knows, and nothing was compared.
"""

import argparse
import collections
import itertools
import random
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import explained
import grammar
import mutation
import servers
from observation import (NOTHING, AnswerError, Outcome, exchange, node_outcomes,
                         roused_outcomes)

SKIPPED = 77
CONNECTIONS = 4
UNEXPLAINED = "unexplained"
UNEXPLAINED_SHOWN = 10


def message(seed: int, index: int) -> bytes:
    """What goes over connection `index`: a request, broken or not, and often a second one."""
    chance = random.Random(f"{seed}/{index}")
    data = grammar.request(chance)
    if chance.random() < 0.7:
        data = mutation.mutated(chance, data)
    if chance.random() < 0.6:
        data += b"GET /anything/second HTTP/1.1\r\nHost: second\r\n\r\n"
    return data


def first_difference(roused: list[Outcome], node: list[Outcome]) -> tuple[Outcome, Outcome] | None:
    """What the two say of the first request that they do not agree about."""
    for ours, theirs in itertools.zip_longest(roused, node, fillvalue=NOTHING):
        described = ours.request is not None and theirs.request is not None
        if ours.kind != theirs.kind or (described and ours.request != theirs.request):
            return ours, theirs
    return None


def name(roused: Outcome, node: Outcome, data: bytes, rules: list[explained.Rule]) -> str | None:
    """The rule that a difference falls under."""
    return next((rule.name for rule in rules if rule.explains(roused, node, data)), None)


def report(seed: int, index: int, data: bytes, roused: Outcome, node: Outcome) -> None:
    print(f"unexplained: --seed {seed} --only {index}")
    print(f"  sent    {data!r}")
    for who, outcome in (("roused", roused), ("node", node)):
        print(f"  {who:7} {outcome}" + (f": {outcome.request}" if outcome.request else ""))


def compare(options: argparse.Namespace, node_path: str, parser: int) -> int:
    """Runs both servers, sends everything to both, and reports. Gives the exit code."""
    table = [rule for rule in explained.RULES if parser in rule.parsers]
    rules = [rule for rule in table if rule.name != options.without]
    counts: collections.Counter[str] = collections.Counter()
    refused = 0
    indexes = range(options.requests) if options.only is None else [options.only]
    with servers.roused(options.roused) as ours, servers.node(node_path) as theirs:
        def ask(data: bytes) -> tuple[list[Outcome], list[Outcome]]:
            try:
                return roused_outcomes(exchange(ours, data)), node_outcomes(exchange(theirs, data))
            except (AnswerError, TimeoutError) as error:
                raise AnswerError(f"{error}; sent was {data!r}") from error

        def ask_one(index: int) -> tuple[bytes, list[Outcome], list[Outcome]]:
            data = message(options.seed, index)
            return data, *ask(data)

        stale = [rule.name for rule in table
                 if (difference := first_difference(*ask(rule.example))) is None
                 or name(*difference, rule.example, rules) != rule.name]
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            for index, (data, roused, node) in zip(indexes, pool.map(ask_one, indexes)):
                refused += any(outcome.kind == "refused" for outcome in roused)
                difference = first_difference(roused, node)
                if difference is None:
                    continue
                rule = name(*difference, data, rules)
                counts[rule or UNEXPLAINED] += 1
                if rule is None and counts[UNEXPLAINED] <= UNEXPLAINED_SHOWN:
                    report(options.seed, index, data, *difference)
    for known in table:
        print(f"{counts[known.name]:6}  {known.name}: {known.stricter} is stricter; "
              f"{known.section}")
    for rule in stale:
        print(f"the example of this rule does not show it: {rule}")
    print(f"{len(indexes)} connections, {refused} with a request that roused refuses; "
          f"{counts.total()} differences, {counts[UNEXPLAINED]} of them unexplained")
    return 1 if stale or counts[UNEXPLAINED] > 0 else 0


def versions(node_path: str) -> tuple[str, str]:
    """Of Node.js, and of llhttp, its parser."""
    script = "console.log(process.versions.node, process.versions.llhttp)"
    said = subprocess.run([node_path, "-e", script], capture_output=True, text=True, check=True)
    node, llhttp = said.stdout.split()
    return node, llhttp


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--roused", type=Path, required=True, help="the daemon")
    parser.add_argument("--node", default="node", help="the program node, or its path")
    parser.add_argument("--requests", type=int, default=4_000, help="connections to make")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="only the connection of this number")
    parser.add_argument("--without", metavar="RULE",
                        choices=[rule.name for rule in explained.RULES],
                        help="leaves a rule out, to see what it explains")
    options = parser.parse_args()
    node_path = shutil.which(options.node)
    if node_path is None:
        print(f"skipped: there is no {options.node} here; Debian has it in the package nodejs")
        return SKIPPED
    version, llhttp = versions(node_path)
    print(f"Node.js {version}, llhttp {llhttp}")
    parser_version = int(llhttp.partition(".")[0])
    if parser_version < explained.OLDEST_PARSER:
        print(f"skipped: the table begins with llhttp {explained.OLDEST_PARSER}")
        return SKIPPED
    try:
        return compare(options, node_path, min(parser_version, explained.NEWEST_PARSER))
    except (AnswerError, OSError, servers.ServerError) as error:
        print(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
