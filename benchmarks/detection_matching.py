"""How fast events are matched: rules and files in, events a second and matches an event out.

Usage: python -m benchmarks.detection_matching RULES LOGS [EVENTS]
"""

from __future__ import annotations

import platform
import resource
import sys
import time
from collections import Counter
from itertools import islice
from pathlib import Path

from detection import Matcher, load_rules
from events import Event
from fengsui.offline import ReadOptions, read_files


def main(rules: Path, logs: Path, limit: int) -> None:
    """Match the first ``limit`` events twice, with nothing remembered and again; in processor time."""
    started = time.process_time()
    rule_set = load_rules([rules])
    matcher = Matcher(rule_set)
    loading = time.process_time() - started
    batches: list[list[Event]] = []
    for batch in read_files([logs], ReadOptions(None, None)):
        batches.append(batch.events)
        if sum(map(len, batches)) >= limit:
            break
    total = sum(map(len, batches))
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    print(f"{len(rule_set.rules)} rules, {len(rule_set.unsupported)} unsupported, loaded in {loading:.1f} s")
    for run in ("first (compiles patterns)", "second (all remembered)"):
        found: Counter[str] = Counter()
        slowest = 0.0
        spent = 0.0
        for events in batches:
            started = time.process_time()
            found.update(match.rule.title for match in matcher.match(events))
            seconds = time.process_time() - started
            spent, slowest = spent + seconds, max(slowest, seconds)
        matches = found.total()
        print(
            f"{run}: {total} events in {spent:.2f} s of processor time, {total / spent:,.0f} events/s, "
            f"slowest batch {slowest:.2f} s, "
            f"{matches} matches ({matches / total:.4f} an event)"
        )
    for title, count in islice(found.most_common(), 8):
        print(f"  {count:7} {title}")
    print(
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB (the events themselves included)"
    )


if __name__ == "__main__":
    rules_folder, logs_folder, *events = sys.argv[1:]
    main(Path(rules_folder), Path(logs_folder), int(events[0]) if events else 100_000)
