"""A month of data flows with planted violations: what is found, what is not, and how many flows a second.

Run ``python -m benchmarks.dataflow [FLOWS] [SEED]``. Figures are processor time of one core, for all steps from the
record to the match; the registry holds 100,000 grants. Exits with 1 when a violation is missed or an alarm is false.
"""

from __future__ import annotations

import gc
import platform
import sys
import time

from benchmarks.flow_month.month import month
from benchmarks.flow_month.run import Outcome, run
from benchmarks.flow_month.violations import VIOLATIONS
from benchmarks.flow_month.world import world
from classification.text import text_scanner
from detection import load_rules
from fengsui.settings import SHIPPED_RULES

FLOWS, GRANTS, TIMES = 100_000, 100_000, 3
_GARBAGE_THRESHOLD = 100_000
"""As processes that detect set it, once rules and registry are loaded."""


def main(flows: int = FLOWS, seed: int = 20261001) -> int:
    """Print the figures; 1 when something was missed or falsely alarmed about."""
    rules = load_rules([SHIPPED_RULES])
    planted, registry = month(seed, flows, TIMES), world(GRANTS)
    begun = time.process_time()
    text_scanner().find("")
    print(f"detectors made in {time.process_time() - begun:.1f} s, once a process")
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE_THRESHOLD)
    outcome = run(planted, registry, rules)
    _print(outcome, len(planted), len(rules.rules) + len(rules.correlations))
    return 1 if outcome.missed or outcome.false_alarms else 0


def _print(outcome: Outcome, records: int, rules: int) -> None:
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    print(f"{records} records, {outcome.flows} flows, {rules} rules, {GRANTS} grants")
    print(f"{len(VIOLATIONS)} kinds of violation, {outcome.planted} planted")
    print(f"missed: {len(outcome.missed)}  false alarms: {len(outcome.false_alarms)}")
    for each in [*outcome.missed, *outcome.false_alarms][:20]:
        print("  ", each)
    for step, seconds in outcome.seconds.items():
        print(f"{step:>10}: {records / seconds:10,.0f} records/s")
    print(f"a million additions: {_additions():.3f} s; what else runs on the machine slows both alike")
    judged = sum(outcome.seconds[step] for step in ("enrich", "match", "correlate"))
    print(f"enrichment, grants, rules and correlations: {records / judged:,.0f} flows/s")
    print(f"with normalization: {records / sum(outcome.seconds.values()):,.0f} flows/s")


def _additions() -> float:
    """Processor time of a million additions, by which figures of busy and quiet machines compare."""
    begun, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number
    return time.process_time() - begun


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
