"""What a hundred thousand rules cost: some rules, and variants of them that each ask for values of their own.

Usage: python -m benchmarks.many_rules RULES... --logs LOGS [--rules 100000] [--events 50000] [--folder FOLDER]

Prints, in processor time, what reading the rules takes (anew, and kept), what compiling them takes (anew, and kept),
memory, and events a second; and whether the rules given find just what they find without their variants. ``--folder``
keeps what was made for another run.
"""

from __future__ import annotations

import argparse
import gc
import platform
import resource
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from itertools import count, islice
from pathlib import Path
from typing import Any

import yaml

from detection import Matcher, RuleSet, load_rules
from detection.match import DatabaseCache
from detection.rules import ReadingCache, rule_files
from events import Event
from fengsui.offline import ReadOptions, read_files

_RULES_A_FILE = 100
_AS_GIVEN = {"cidr", "expand", "exists", "fieldref"}
_GARBAGE_THRESHOLD = 100_000
"""As the product sets it."""


def main() -> None:
    """Make the rules, load them twice, match events with them twice, and hold that against the rules given alone."""
    options = _options()
    gc.set_threshold(_GARBAGE_THRESHOLD)
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    kept = nullcontext(options.folder) if options.folder else tempfile.TemporaryDirectory(prefix="fengsui-rules-")
    with kept as name:
        folder = Path(name)
        given = list(rule_files(options.given))
        if not (folder / "variants").exists():
            write_variants(folder / "variants", given, options.rules)
        batches = list(_batches(options.logs, options.events))
        alone = _found(Matcher(load_rules(options.given)), batches)
        print(f"made in {time.process_time():.0f} s; {_peak()} MB before")
        matcher = _matcher([*options.given, folder / "variants"], folder)
        _tell(matcher, batches, alone)
    print(f"peak memory {_peak()} MB")


def write_variants(folder: Path, given: Iterable[Path], wanted: int) -> None:
    """Write so many variants of the rules in some files, a hundred to a file."""
    folder.mkdir(parents=True)
    rules = [each for path in given for each in yaml.load_all(path.read_text("utf-8"), yaml.CSafeLoader)]
    rules = [each for each in rules if each and "detection" in each]
    variants = (_variant(rule, number) for number in count(1) for rule in rules)
    wanted -= len(rules)
    for start in range(0, wanted, _RULES_A_FILE):
        some = list(islice(variants, min(_RULES_A_FILE, wanted - start)))
        text = yaml.dump_all(some, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
        (folder / f"{start:06}.yml").write_text(text, encoding="utf-8")


def _variant(rule: dict[str, Any], number: int) -> dict[str, Any]:
    """A rule of another id that asks for values that no other asks for."""
    own = f"{number:08x}{str(rule.get('id', rule['title']))[8:]}"
    sections = rule["detection"].items()
    detection = {name: part if name == "condition" else _with_other_values(part, number) for name, part in sections}
    return {**rule, "id": own, "name": own, "detection": detection}


def _with_other_values(part: object, number: int) -> object:
    if isinstance(part, dict):
        return {
            key: value if _AS_GIVEN & set(str(key).split("|")) else _with_other_values(value, number)
            for key, value in part.items()
        }
    if isinstance(part, list):
        return [_with_other_values(each, number) for each in part]
    if isinstance(part, int) and not isinstance(part, bool):
        return part + number * 1_000_000
    return _with_number(part, number) if isinstance(part, str) and part else part


def _with_number(text: str, number: int) -> str:
    """A text, also one that ends with a wildcard or an anchor, that asks for a number besides."""
    end = next((mark for mark in (".*", "*", "$") if text.endswith(mark)), "")
    return f"{text.removesuffix(end)}~{number}{end}"


def _batches(logs: Path, events: int) -> Iterator[list[Event]]:
    taken = 0
    for batch in read_files([logs], ReadOptions()):
        if taken >= events:
            return
        taken += len(batch.events)
        yield batch.events


def _matcher(paths: Sequence[Path], folder: Path) -> Matcher:
    """The matcher of all rules, read twice."""
    rules = RuleSet([], [])
    for kind in ("first", "then"):
        started = time.process_time()
        gc.disable()  # as the product does while it loads
        rules = RuleSet([], [])
        rules = load_rules(paths, cache=ReadingCache(folder / "readings"))
        gc.enable()
        print(
            f"read {kind}: {len(rules.rules)} rules, {len(rules.unsupported)} unsupported, in "
            f"{time.process_time() - started:.1f} s, {_peak()} MB"
        )
    return Matcher(rules, databases=DatabaseCache(folder / "databases"))


def _tell(matcher: Matcher, batches: list[list[Event]], alone: set[tuple[str, str]]) -> None:
    events = sum(map(len, batches))
    for run in ("first (compiles, or looks up what is kept)", "second"):
        started = time.process_time()
        found = _found(matcher, batches)
        seconds = time.process_time() - started
        print(f"{run}: {events} events in {seconds:.1f} s, {events / seconds:,.0f} events/s, {_peak()} MB")
        print(f"  {len(alone & found)} of {len(alone)} matches of the rules given, {len(found - alone)} of variants")


def _found(matcher: Matcher, batches: Iterable[Sequence[Event]]) -> set[tuple[str, str]]:
    return {(match.rule.id, str(match.event["event.id"])) for events in batches for match in matcher.match(events)}


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("given", nargs="+", type=Path, metavar="RULES")
    parser.add_argument("--logs", type=Path, required=True)
    parser.add_argument("--rules", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--folder", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
