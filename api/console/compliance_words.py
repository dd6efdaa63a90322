"""What the codes of assessments are called in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from api.dependencies import Language
from compliance import CheckResult, ItemRecord
from events import format_timestamp
from policies.compliance.checks import check_policy
from policies.compliance.language import Words
from policies.compliance.words import compliance_words


@dataclass(frozen=True, slots=True)
class ComplianceWords:
    """Names and sentences; a code that nothing names stands for itself."""

    language: Language

    def judgment(self, code: str) -> str:
        """符合, 部分符合, …."""
        return self._of(compliance_words().judgments, code)

    def judgments(self) -> list[tuple[str, str]]:
        """All judgments with their names."""
        return [(code, self.judgment(code)) for code in compliance_words().judgments]

    def source(self, code: str) -> str:
        """What a judgment rests on."""
        return self._of(compliance_words().sources, code)

    def party(self, code: str) -> str:
        """Who answers for something."""
        return self._of(compliance_words().parties, code)

    def importance(self, code: str | None) -> str:
        """How much an item weighs."""
        return self._of({str(key): each for key, each in compliance_words().importance.items()}, code or "ordinary")

    def item_reason(self, record: ItemRecord) -> str:
        """Why an item is judged so: a sentence for a code, a person's own words as they are."""
        return self._of(compliance_words().item_reasons, record.reason)

    def problem(self, code: str) -> str:
        """Why an assessment or a report failed."""
        return self._of(compliance_words().problems, code)

    def check(self, check_id: str) -> str:
        """A check's title."""
        known = check_policy().checks.get(check_id)
        return self.of(known.title) if known else check_id

    def check_reason(self, result: CheckResult) -> str:
        """Why a check came out as it did."""
        return self.of(compliance_words().reason(result.reason, result.figures))

    def evidence_name(self, row: Mapping[str, Any]) -> str:
        """What a row of evidence is called."""
        names = row["name"]
        return str(names[0] if self.language == "zh" or len(names) == 1 else names[1])

    @staticmethod
    def instant(moment_ms: int) -> str:
        """A moment as the event search takes it."""
        return format_timestamp(moment_ms)

    @staticmethod
    def day(moment_ms: int) -> str:
        """The day of a moment (UTC)."""
        return f"{datetime.fromtimestamp(moment_ms / 1000, UTC):%Y-%m-%d}"

    def of(self, words: Words) -> str:
        """Words in the reader's language."""
        return words.of(self.language)

    def _of(self, labels: Mapping[str, Words], code: str) -> str:
        known = labels.get(code)
        return self.of(known) if known else code
