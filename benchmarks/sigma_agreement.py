"""How far the matcher agrees with pySigma's SQLite backend and with a naive evaluator; prints the figures.

Usage: python -m benchmarks.sigma_agreement PAIRS [RULES...]

PAIRS random pairs of rule and event; with folders of rules, also each of their rules against events made from them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tests.detection.differential.comparing import Figures, public_rounds, random_rounds
from tests.detection.differential.explaining import DIFFERENCES
from tests.detection.differential.generating import Detection, Event

_PAIRS_A_ROUND = 6_000
_EVENTS_A_RULE = 6
_SEED = 1


def main(pairs: int, folders: list[Path]) -> None:
    """Compare, print what came of it, and end with 1 when a disagreement stays unexplained."""
    chance = Figures()
    for detections, events in islice(random_rounds(_SEED), -(-pairs // _PAIRS_A_ROUND)):
        chance.add(detections, events)
        chance.add_naive(detections[:3], events)
    public = _public(public_rounds(folders, _SEED)) if folders else Figures()
    for name, figures in (("random rules", chance), ("rules given", public)):
        _print(name, figures)
    for difference in DIFFERENCES:
        print(f"- {difference.name} ({difference.section}): {difference.reason}")
    sys.exit(1 if chance.unexplained or public.unexplained else 0)


def _public(rounds: Iterator[tuple[list[Detection], list[Event]]]) -> Figures:
    figures = Figures()
    for detections, events in rounds:
        figures.add(detections, events)
        for number, detection in enumerate(detections):
            figures.add_naive([detection], events[_EVENTS_A_RULE * number :][:_EVENTS_A_RULE])
    return figures


def _print(name: str, figures: Figures) -> None:
    print(f"{name}: {figures.pairs:,} pairs with SQLite, {figures.matches:,} of them match")
    print(f"  {figures.naive_pairs:,} pairs with the naive evaluator, {figures.refused} rules the backend refuses")
    for explanation, count in figures.explained.most_common():
        print(f"  explained: {count:,} {explanation}")
    print(f"  unexplained: {len(figures.unexplained)}")
    for each in figures.unexplained[:5]:
        print(f"    ours {each.ours}: {each.detection} on {each.event}")


if __name__ == "__main__":
    main(int(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]])
