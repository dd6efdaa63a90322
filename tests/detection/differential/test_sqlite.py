"""The matcher agrees with pySigma's SQLite backend on random pairs; where it does not, the specification says why.

``python -m benchmarks.sigma_agreement`` does the same over as many pairs as are wanted.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from tests.detection import naive
from tests.detection.differential.comparing import (
    Figures,
    matched,
    matched_by_sqlite,
    public_rounds,
    random_rounds,
)
from tests.detection.differential.explaining import DIFFERENCES, Difference


def test_random_pairs_agree() -> None:
    figures = Figures()
    for detections, events in islice(random_rounds(seed=20260301), 3):
        figures.add(detections, events)
        figures.add_naive(detections[:10], events)
    assert figures.unexplained == []
    assert figures.pairs > 12_000
    assert figures.matches > 2_000
    assert figures.refused < figures.pairs / 2  # modifiers that the specification has and pySigma 1 does not
    assert sum(figures.explained.values()) < figures.pairs / 50


@pytest.mark.shared_data
def test_public_rules_agree_on_events_that_nearly_match_them(shared_data: Path) -> None:
    figures = Figures()
    for detections, events in islice(public_rounds(sorted((shared_data / "sigma").glob("rules*")), seed=7), 2):
        figures.add(detections, events)
        for number, detection in enumerate(detections):
            figures.add_naive([detection], events[6 * number : 6 * number + 6])
    assert figures.unexplained == []
    assert figures.pairs > 15_000
    assert figures.matches > 100


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.name)
def test_where_the_backend_differs_the_matcher_does_as_specified(difference: Difference) -> None:
    detection, event = difference.example
    assert naive.matches(detection, event) is difference.expected
    assert (matched([detection], [event]) == {(0, 0)}) is difference.expected
    assert (matched_by_sqlite([detection], [event]) == {(0, 0)}) is not difference.expected
