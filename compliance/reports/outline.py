"""What a report says, made of a snapshot alone, in the order of the assessors' reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from compliance.reports import appendices, conclusion, findings, front, subject
from compliance.reports.blocks import Block, Contents, Heading
from compliance.reports.telling import Told

Part = Callable[[Told], Iterator[Block]]
_FRONT: Sequence[Part] = (front.basics, front.statement, front.conclusion, front.overall, front.main_problems)
_NUMBERED: Sequence[Part] = (
    subject.project,
    subject.subject,
    findings.findings,
    findings.whole,
    findings.risks,
    conclusion.result,
    conclusion.rectify,
    appendices.record,
    appendices.evidence,
    appendices.people,
)


def blocks(told: Told) -> Iterator[Block]:
    """Everything behind the cover."""
    numbered = list(_anchored(block for part in _NUMBERED for block in part(told)))
    headings = tuple(each for each in numbered if isinstance(each, Heading))
    for part in _FRONT:
        yield from part(told)
    yield Contents(told.words.text("contents"), headings)
    yield from numbered


def _anchored(found: Iterable[Block]) -> Iterator[Block]:
    for number, block in enumerate(found):
        yield replace(block, anchor=f"part-{number}") if isinstance(block, Heading) else block
