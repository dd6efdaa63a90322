"""The reasons for one category in one column."""

from __future__ import annotations

import math

from classification.columns.finding import ColumnEvidenceKind, Evidence
from classification.columns.naming import Saying
from classification.columns.statistics import binomial_tail
from classification.columns.tally import Tally
from classification.identifiers import Pattern, load_identifiers

_PROOF = 1e-3
_CONVINCING = 5.0
_SHAPE_SHARE = 0.5
_SHAPE_WEIGHT = 0.3
_FEW = 2
_MISREAD = 0.5


class Reasons:
    """What speaks for a category: its tests against chance, words known, and what the column is called."""

    def __init__(self, category: str, tally: Tally, said: Saying | None, commented: Saying | None) -> None:
        self._policy = load_identifiers()
        self._category = category
        self._tally = tally
        self._said = None if self._is_contradicted() else said
        self._commented = None if self._is_contradicted() else commented
        self._is_denied = said is not None and said.kind == "other"

    def hits(self) -> int:
        """Values that hold the category; where the name says it, also those that only look like it."""
        counts = self._tally.fits if self._is_named() else self._tally.holds
        return counts[self._category]

    def evidence(self) -> list[Evidence]:
        """The reasons, none without weight."""
        found = [*self._tested(), *self._known(), *self._named(), *self._called(self._said), *self._shaped()]
        found += [_of_comment(reason, self._policy.weights["comment"]) for reason in self._called(self._commented)]
        return [reason for reason in found if round(reason.weight, 4) > 0]

    def _is_named(self) -> bool:
        return any(saying is not None and saying.kind == "name" for saying in (self._said, self._commented))

    def _is_contradicted(self) -> bool:
        """Whether the values are something else than the name says."""
        limits, values = self._policy.columns, self._tally.values
        return values >= limits.sparse and self._tally.fits[self._category] < limits.support * values

    def _tested(self) -> list[Evidence]:
        """The best of the category's patterns: how unlikely so many passes are by chance."""
        reasons = [
            self._of_trials(test.pattern, trials.shaped, trials.passed)
            for test, trials in self._tally.trials.items()
            if test.category == self._category and trials.passed
        ]
        return [max(reasons, key=lambda reason: reason.weight)] if reasons else []

    def _of_trials(self, pattern: Pattern, shaped: int, passed: int) -> Evidence:
        tail = (
            1.0 if self._is_a_digits_chance(pattern, shaped, passed) else binomial_tail(shaped, passed, pattern.chance)
        )
        convincing = min(1.0, -math.log10(max(tail, 1e-300)) / _CONVINCING)
        proof = pattern.chance <= _PROOF
        weight = (
            self._policy.weights["checksum"] * (1 - pattern.chance) ** 2 * convincing * (1 if proof else self._doubt())
        )
        chance = f"by chance 1 in {1 / pattern.chance:,.0f}"
        detail = f"{passed} of {shaped} different values of its shape pass {pattern.check} ({chance})"
        kind: ColumnEvidenceKind = "checksum" if proof or pattern.check in _DIGITS_CHECKED else "pattern"
        values = (str(passed), str(shaped), f"{1 / pattern.chance:,.0f}")
        return Evidence(kind, weight, detail, "passes", values)

    def _is_a_digits_chance(self, pattern: Pattern, shaped: int, passed: int) -> bool:
        """Whether numbers that share all but their last digits would pass about as often."""
        few = passed <= _FEW
        return not few and passed < self._policy.columns.above_digit * pattern.digit * shaped

    def _doubt(self) -> float:
        """What is left of a test that isn't proof: less where the name says something else, or numbers are a series."""
        limits = self._policy.columns
        series = self._tally.series[self._category]
        dense = series.density() > limits.dense
        if self._category == "ip_address":
            dense = series.distinct > 1 and series.greatest < limits.version_octet
        return limits.doubted if self._is_denied or dense else 1.0

    def _known(self) -> list[Evidence]:
        known, values = self._tally.known[self._category], self._tally.values
        if not known:
            return []
        full = self._policy.columns.dictionary_share
        strength = min(1.0, max(0.0, (known / values - full / 3) / (full - full / 3)))
        weight = self._policy.weights["dictionary"] * strength * self._doubt()
        detail = f"{known} of {values} values are words known for it"
        return [Evidence("dictionary", weight, detail, "known_words", (str(known), str(values)))]

    def _named(self) -> list[Evidence]:
        """Names within sentences: each may be read wrongly, several not all."""
        named = self._tally.named[self._category]
        weight = self._policy.weights["dictionary"] * (1 - _MISREAD**named)
        detail = f"{named} different values name one in running text"
        return [Evidence("dictionary", weight, detail, "named_in_text", (str(named),))] if named else []

    def _called(self, saying: Saying | None) -> list[Evidence]:
        if saying is None or saying.kind == "other":
            return []
        weight = self._policy.weights[saying.kind] * saying.share
        return [Evidence("name", weight, f"called “{saying.word}”", "called", (saying.word,))]

    def _shaped(self) -> list[Evidence]:
        """Values that look like what the name says, whether or not they pass a test."""
        fits, values = self._tally.fits[self._category], self._tally.values
        if not values or not (self._said or self._commented) or self._is_denied or fits < _SHAPE_SHARE * values:
            return []
        detail = f"{fits} of {values} values look like it"
        return [Evidence("pattern", _SHAPE_WEIGHT * fits / values, detail, "looks_like", (str(fits), str(values)))]


def _of_comment(reason: Evidence, weight: float) -> Evidence:
    [word] = reason.values
    return Evidence("comment", min(reason.weight, weight), f"its comment says “{word}”", "comment_says", (word,))


_DIGITS_CHECKED = frozenset({
    "bank_card", "bank_card_known_issuer", "business_registration", "hkid", "iban", "imei", "organization_code",
    "resident_id", "social_credit_code", "social_credit_code_with_letter", "vin", "vin_known_maker",
})  # fmt: skip
