"""What a hundred thousand rules cost: variants of the shipped ones, each with values of its own.

Usage: python benchmarks/many_rules.py LOGS [--rules 100000] [--events 50000]

Prints the time to read the rules (anew, and kept), the time and memory until they are compiled, and events a second.
"""

from __future__ import annotations

import argparse
import platform
import resource
import tempfile
import time
from collections.abc import Iterator
from copy import deepcopy
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml

from detection import Matcher, RuleSet, load_rules
from detection.match import DatabaseCache
from detection.rules import ReadingCache, rule_files
from events import Event
from fengsui.offline import ReadOptions, read_files
from fengsui.settings import SHIPPED_RULES

_RULES_A_FILE = 100


def main() -> None:
    """Make the rules, load them twice, and match the events of the logs with them."""
    options = _options()
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(prefix="fengsui-rules-") as name:
        folder = Path(name)
        write_variants(folder / "rules", options.rules)
        for kind in ("anew", "kept"):
            started = time.process_time()
            rules = load_rules([folder / "rules"], cache=ReadingCache(folder / "cache"))
            print(f"read {kind}: {len(rules.rules)} rules in {time.process_time() - started:.1f} s")
        _match(rules, folder, list(_batches(options.logs, options.events)))
    print(f"peak memory {_peak()} MB")


def write_variants(folder: Path, count: int) -> None:
    """Write so many variants of the shipped rules, a hundred to a file."""
    folder.mkdir(parents=True)
    shipped = [each for path in rule_files([SHIPPED_RULES]) for each in yaml.safe_load_all(path.read_text("utf-8"))]
    rules = cycle([each for each in shipped if each and "detection" in each])
    for start in range(0, count, _RULES_A_FILE):
        some = [_variant(next(rules), number) for number in range(start, min(start + _RULES_A_FILE, count))]
        text = yaml.dump_all(some, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
        (folder / f"{start:06}.yml").write_text(text, encoding="utf-8")


def _variant(rule: dict[str, Any], number: int) -> dict[str, Any]:
    """A rule of another id that asks for values that no other asks for."""
    changed = deepcopy(rule)
    changed["id"] = f"{number:08x}-0000-4000-8000-000000000000"
    for name, section in changed["detection"].items():
        if name != "condition":
            changed["detection"][name] = _with_other_values(section, number)
    return changed


def _with_other_values(section: object, number: int) -> object:
    if isinstance(section, dict):
        return {
            key: value if {"re", "cidr"} & set(str(key).split("|")) else _with_other_values(value, number)
            for key, value in section.items()
        }
    if isinstance(section, list):
        return [_with_other_values(each, number) for each in section]
    return f"{section}{number}" if isinstance(section, str) and section else section


def _batches(logs: Path, events: int) -> Iterator[list[Event]]:
    taken = 0
    for batch in read_files([logs], ReadOptions()):
        if taken >= events:
            return
        taken += len(batch.events)
        yield batch.events


def _match(rules: RuleSet, folder: Path, batches: list[list[Event]]) -> None:
    matcher = Matcher(rules, databases=DatabaseCache(folder / "databases"))
    before = _peak()
    for run in ("first (compiles)", "second"):
        started = time.process_time()
        matches = sum(len(matcher.match(events)) for events in batches)
        seconds = time.process_time() - started
        events = sum(map(len, batches))
        print(f"{run}: {events} events in {seconds:.1f} s, {events / seconds:,.0f} events/s, {matches} matches")
    print(f"memory for compiled rules and what is remembered: {_peak() - before} MB over {before} MB")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--rules", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=50_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
