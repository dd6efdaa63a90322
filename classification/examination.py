"""Looks at a resource from its first value to its last and says what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from classification.columns import ColumnFinding, ColumnJudge
from classification.masking import mask_text
from classification.sources import Column, FrameSource, Piece, Problem, Resource, TextBlock, UnreadableError
from classification.sources.unexpected import unexpected
from classification.text import TextScanner, text_scanner
from classification.text_findings import TextFindings

if TYPE_CHECKING:
    import pandas as pd  # half a second that only its users need

_SAMPLES = 3
_SAMPLED_VALUES = 50
_MOST = 0.9

Watch = Callable[[int], None]
"""Is told the number of rows after each portion; what it raises ends the examination."""


@dataclass(frozen=True, slots=True)
class ExaminedField:
    """What one column, or a text as a whole (``field`` None), was found to hold; nothing for no findings.

    ``samples`` are values as they are, by category; whoever keeps or shows them masks them.
    """

    field: str | None
    findings: Sequence[ColumnFinding]
    samples: Mapping[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Examination:
    """What a resource was found to hold.

    Attributes:
        resource: its name.
        fields: its columns in their order; one without a name for a text, and for a resource without columns.
        rows: how many rows, or lines, were looked at.
        problems: what could not be read as it stands.
        is_whole: whether it was read to its end (a sample of a database's table counts as its end).
    """

    resource: str
    fields: Sequence[ExaminedField]
    rows: int
    problems: Sequence[Problem]
    is_whole: bool


def _ignore(_rows: int) -> None:
    """Nobody watches."""


class Examiner:
    """Examines resources one after the other."""

    def __init__(self) -> None:
        """Take the process's detectors; they are made once."""
        self.scanner = text_scanner()

    def examine(self, resource: Resource, watch: Watch = _ignore) -> Examination:
        """Look at a resource, as far as it can be read; what can't be read is among the problems."""
        reading = _Reading(self.scanner)
        pieces = resource.read()
        while not reading.is_over:
            _take_next(resource, pieces, reading)
            watch(reading.rows)
        return Examination(resource.name, reading.fields(), reading.rows, reading.problems, reading.is_whole)


def examine_frame(frame: pd.DataFrame, name: str = "frame") -> Examination:
    """What the columns of a pandas DataFrame hold; every row is looked at."""
    return Examiner().examine(FrameSource(frame, name))


def _take_next(resource: Resource, pieces: Iterator[Piece], reading: _Reading) -> None:
    """Judge one more portion; whatever fails ends this resource alone."""
    try:
        piece = next(pieces, None)
        if piece is None:
            reading.is_over = True
        else:
            reading.take(piece)
    except UnreadableError as error:
        reading.break_off(Problem(resource.name, str(error), error.fault))
    except Exception as error:  # noqa: BLE001 (data that no test has thought of must not end a long scan)
        reading.break_off(unexpected(resource.name, error))


def _holds(scanner: TextScanner, text: str, category: str) -> bool:
    return any(hit.category == category for hit in scanner.find(text))


class _Reading:
    """The judges of one resource's columns, and of its text."""

    def __init__(self, scanner: TextScanner) -> None:
        self._scanner = scanner
        self._judges: dict[str, ColumnJudge] = {}
        self._samples: dict[str, list[object]] = {}
        self._text: TextFindings | None = None
        self.rows = 0
        self.problems: list[Problem] = []
        self.is_over = False
        self.is_whole = True

    def break_off(self, problem: Problem) -> None:
        """No more can be read."""
        self.problems.append(problem)
        self.is_over, self.is_whole = True, False

    def take(self, piece: Piece) -> None:
        """Judge a portion."""
        if isinstance(piece, Problem):
            self.problems.append(piece)
            return
        if isinstance(piece, TextBlock):
            self._text = self._text or TextFindings(self._scanner)
            self._text.add(piece)
            self.rows += piece.lines
            return
        for column, values in zip(piece.columns, piece.values, strict=True):
            judge = self._judges.get(column.name) or self._judge(column, piece.columns)
            judge.add(values)
            self._keep_samples(column.name, values)
        self.rows += piece.rows

    def _judge(self, column: Column, columns: Sequence[Column]) -> ColumnJudge:
        siblings = [other.name for other in columns if other is not column]
        judge = self._judges[column.name] = ColumnJudge(column.name, column.comment, column.type, siblings)
        return judge

    def _keep_samples(self, name: str, values: Sequence[object]) -> None:
        kept = self._samples.setdefault(name, [])
        if len(kept) < _SAMPLED_VALUES:
            kept.extend(value for value in values[:_SAMPLED_VALUES] if value not in (None, ""))

    def _field(self, name: str, judge: ColumnJudge) -> ExaminedField:
        findings = judge.findings()
        samples = {each.category: self._samples_of(each, self._samples.get(name, ())) for each in findings}
        return ExaminedField(mask_text(name, self._scanner), findings, samples)

    def _samples_of(self, finding: ColumnFinding, values: Sequence[object]) -> list[object]:
        """Values that hold the category: in which text it is found, or any where most hold it."""
        if finding.prevalence < _MOST:
            values = [value for value in values if _holds(self._scanner, str(value), finding.category)]
        return list(dict.fromkeys(values))[:_SAMPLES]

    def fields(self) -> list[ExaminedField]:
        """What was found; an identifier in a column's name is masked."""
        found = [self._field(name, judge) for name, judge in self._judges.items()]
        if self._text is not None:
            found.append(ExaminedField(None, self._text.findings(), self._text.samples))
        return found or [ExaminedField(None, (), {})]
