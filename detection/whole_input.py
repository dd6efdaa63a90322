"""Rules that alert only on new terms or once a threshold is reached, over input with an end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from detection.first_seen import FirstSeenInInput
from detection.match import Match
from detection.rules import Rule
from detection.threshold import ThresholdsInInput

Told = TypeVar("Told")


def depends_on_others(rule: Rule) -> bool:
    """Whether a match of the rule alerts only by what else the rule has matched."""
    return rule.settings.new_terms is not None or rule.settings.threshold is not None


class AlertingInInput(Generic[Told]):
    """Takes matches of such rules in any order; tells those that would have alerted."""

    def __init__(self) -> None:
        """Nothing was matched yet."""
        self._first_seen: FirstSeenInInput[Told] = FirstSeenInInput()
        self._thresholds: ThresholdsInInput[Told] = ThresholdsInInput()

    def take(self, match: Match, told: Told, file: str = "") -> Iterator[Told]:
        """Take a match in an event of a file; gives back what was ``told`` of all that alert now."""
        if match.rule.settings.new_terms is not None:
            self._first_seen.take(match.rule, match.event, file, told)
        else:
            yield from self._thresholds.take(match.rule, match.event, told)

    def finish(self) -> Iterator[Told]:
        """Likewise of all that alert once nothing more will come."""
        yield from self._first_seen.finish()
