"""The judge of a column: evidence from its values, its name, its comment, its type and its siblings."""

from __future__ import annotations

from collections.abc import Sequence

from classification.columns.cells import count_cells
from classification.columns.finding import ColumnFinding, Evidence
from classification.columns.naming import sayings
from classification.columns.reasons import Reasons
from classification.columns.statistics import noisy_or, wilson_interval
from classification.columns.tally import Tally
from classification.columns.types import column_type
from classification.identifiers import load_identifiers

_BATCH = 4096


class ColumnJudge:
    """What one column holds. Values may come in any number of batches; memory stays constant.

    Args:
        name: the column's name, in Chinese, English or pinyin initials; it may say nothing.
        comment: what its source says of it.
        type: its declared type as its source writes it (``varchar(18)``, ``int64``); "" where none is known.
        siblings: names of the other columns of its table.
    """

    def __init__(self, name: str, comment: str = "", type: str = "", siblings: Sequence[str] = ()) -> None:  # noqa: A002 (what sources call it)
        self._policy = load_identifiers()
        self._said = sayings(name)
        self._commented = sayings(comment) if comment else {}
        self._type = column_type(type)
        self._personal_siblings = _personal(siblings)
        self._tally = Tally(frozenset([*self._said, *self._commented]))

    def add(self, values: Sequence[object]) -> None:
        """Take values as their source gives them: text, numbers, dates, None."""
        for start in range(0, len(values), _BATCH):
            self._tally.add(count_cells(values[start : start + _BATCH]))

    def findings(self) -> list[ColumnFinding]:
        """The categories found so far, the surest first; none from a column of truth values."""
        if self._type == "boolean":
            return []
        found = [finding for category in self._policy.identifiers if (finding := self._finding(category))]
        return sorted(found, key=lambda finding: -finding.confidence)

    def _finding(self, category: str) -> ColumnFinding | None:
        identifier = self._policy.identifiers[category]
        if self._type is not None and self._type not in identifier.types:
            return None
        reasons = Reasons(category, self._tally, self._said.get(category), self._commented.get(category))
        evidence = reasons.evidence()
        if evidence and identifier.personal and self._personal_siblings:
            evidence.append(self._sibling())
        confidence = noisy_or(reason.weight for reason in evidence)
        if confidence < self._policy.floor:
            return None
        hits = reasons.hits()
        return ColumnFinding(
            category=category,
            confidence=round(confidence, 4),
            prevalence=hits / self._tally.values if self._tally.values else 0.0,
            prevalence_interval=wilson_interval(hits, self._tally.values),
            hits=hits,
            values=self._tally.values,
            evidence=tuple(sorted(evidence, key=lambda reason: -reason.weight)),
        )

    def _sibling(self) -> Evidence:
        detail = f"beside {', '.join(self._personal_siblings)}"
        return Evidence("sibling", self._policy.weights["sibling"], detail, "beside", tuple(self._personal_siblings))


def _personal(siblings: Sequence[str]) -> list[str]:
    """What categories of personal data the other columns' names speak of."""
    identifiers = load_identifiers().identifiers
    said = {c for name in siblings for c, saying in sayings(name).items() if saying.kind == "name"}
    return sorted(category for category in said if identifiers[category].personal)
