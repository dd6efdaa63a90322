"""Tries the detectors on given values or a given text: nothing is stored, and nothing comes back unmasked."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from classification.columns import ColumnFinding
from classification.examination import Examiner
from classification.grading import Scheme
from classification.masking import mask, mask_text
from classification.review.policy import review_policy
from classification.sources import Batch, Column
from classification.text import Hit

_PORTION = 500


@dataclass(frozen=True, slots=True)
class TriedFinding:
    """What a column was found to hold, the grade that asks for, and masked samples of it."""

    found: ColumnFinding
    grade: str | None
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColumnTrial:
    """What a column holds; ``values`` is how many were looked at before the time was up."""

    findings: tuple[TriedFinding, ...]
    values: int


@dataclass(frozen=True, slots=True)
class TextTrial:
    """What a text holds: the first hits, how many there are, and the text with all of them masked."""

    hits: tuple[tuple[Hit, str], ...]
    found: int
    masked: str


@dataclass(frozen=True, slots=True)
class _Given:
    """A column of given values, handed out until the time is up."""

    column: Column
    values: Sequence[object]
    name: str = "try"
    comment: str = ""

    def read(self) -> Iterator[Batch]:
        """The values, portion by portion."""
        end = time.monotonic() + review_policy().try_out.seconds
        for start in range(0, max(len(self.values), 1), _PORTION):
            portion = self.values[start : start + _PORTION]
            yield Batch([self.column], [portion], len(portion))
            if time.monotonic() > end:
                return


def try_column(scheme: Scheme, column: Column, values: Sequence[object]) -> ColumnTrial:
    """What a column of this description with these values would be found to hold."""
    examined = _examiner().examine(_Given(column, values))
    findings = [
        TriedFinding(found, scheme.grade_of(found.category), _masked(field.samples.get(found.category, ()), found))
        for field in examined.fields
        for found in field.findings
    ]
    return ColumnTrial(tuple(findings), examined.rows)


def try_text(text: str) -> TextTrial:
    """What a text holds."""
    scanner = _examiner().scanner
    found = scanner.find(text)
    shown = [(hit, mask(text[hit.start : hit.end], hit.category)) for hit in found[: review_policy().try_out.hits]]
    return TextTrial(tuple(shown), len(found), mask_text(text, scanner))


def _masked(samples: Sequence[object], found: ColumnFinding) -> tuple[str, ...]:
    return tuple(mask(value, found.category) for value in samples[: review_policy().samples])


@cache
def _examiner() -> Examiner:
    """The one examiner of this process; threads may share its scanner."""
    return Examiner()
