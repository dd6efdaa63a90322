"""What ``classify`` says of the resources of some sources, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classification.columns import ColumnFinding
from classification.examination import Examination, ExaminedField, Examiner, Watch
from classification.grading import Scheme, SeenCategory, grade_column
from classification.sources import Problem, Source, UnreadableError

Line = dict[str, object]


@dataclass(slots=True)
class Totals:
    """What a run has come to."""

    resources: int = 0
    fields: int = 0
    rows: int = 0
    findings: int = 0
    problems: int = 0


class Classification:
    """A run over sources, in their order; problems and totals gather beside the lines."""

    def __init__(self, scheme: Scheme, watch: Watch) -> None:
        """Prepare; ``watch`` is told the number of rows of the present resource."""
        self._scheme = scheme
        self._watch = watch
        self._examiner = Examiner()
        self.totals = Totals()

    def run(self, sources: Sequence[Source]) -> Iterator[Line | Problem]:
        """One line a column or text, and one more for each further category in it; and every problem as it is met."""
        for source in sources:
            try:
                yield from self._run(source)
            except UnreadableError as error:
                yield self._count(Problem(source.name, str(error), error.fault))

    def _run(self, source: Source) -> Iterator[Line | Problem]:
        for resource in source.resources():
            if isinstance(resource, Problem):
                yield self._count(resource)
                continue
            examination = self._examiner.examine(resource, self._watch)
            self._add(examination)
            yield from map(self._count, examination.problems)
            if examination.is_whole or examination.rows:
                yield from self._lines(examination)

    def _count(self, problem: Problem) -> Problem:
        self.totals.problems += 1
        return problem

    def _add(self, examination: Examination) -> None:
        self.totals.resources += 1
        self.totals.fields += len(examination.fields)
        self.totals.rows += examination.rows
        self.totals.findings += sum(len(each.findings) for each in examination.fields)

    def _lines(self, examination: Examination) -> Iterator[Line]:
        for field in examination.fields:
            for finding in field.findings or (None,):
                yield self._line(examination.resource, field, finding)

    def _line(self, resource: str, field: ExaminedField, finding: ColumnFinding | None) -> Line:
        line: Line = {"resource": resource, "field": field.field, "category": None, "grade": None}
        if finding is None:
            return {**line, "confidence": 0.0, "prevalence": 0.0, "evidence": []}
        seen = SeenCategory(finding.category, finding.confidence)
        return {
            **line,
            "category": finding.category,
            "grade": grade_column(self._scheme, [seen]).grade,
            "confidence": round(finding.confidence, 4),
            "prevalence": finding.prevalence,
            "evidence": [
                {"kind": each.kind, "weight": round(each.weight, 4), "detail": each.detail} for each in finding.evidence
            ],
        }
