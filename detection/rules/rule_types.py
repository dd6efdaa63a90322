"""Rule types that Sigma does not have, as a rule's own settings: ``new_terms`` and ``threshold``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from detection.rules.errors import KeyPath, RuleError

_DURATION = re.compile(r"(\d{1,6})([smhd])")
_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


@dataclass(frozen=True, slots=True)
class NewTerms:
    """The rule alerts on a match only when its values of ``fields`` were not seen together in the history before.

    Attributes:
        fields: event fields; a match without one of them does not count.
        history_ms: how far back a combination is remembered.
        learning_ms: how long after its first match the rule only learns; None leaves it to the policy.
    """

    fields: tuple[str, ...]
    history_ms: int
    learning_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """The rule alerts once ``count`` of its matches have equal values of ``fields`` in one window of ``within_ms``."""

    fields: tuple[str, ...]
    count: int
    within_ms: int


def parse_new_terms(section: object, where: KeyPath) -> NewTerms:
    """Read ``{fields: [user.name, source.ip], history: 14d, learning: 1d}``; ``learning`` may be left out.

    Raises:
        RuleError: it is not that.
    """
    given = _map(section, {"fields", "history", "learning"}, where)
    learning = _duration(given["learning"], (*where, "learning")) if "learning" in given else None
    history = _duration(given.get("history"), (*where, "history"))
    return NewTerms(_fields(given.get("fields"), (*where, "fields")), history, learning)


def parse_threshold(section: object, where: KeyPath) -> Threshold:
    """Read ``{field: source.ip, count: 20, within: 10m}``; ``field`` may be a list.

    Raises:
        RuleError: it is not that.
    """
    given = _map(section, {"field", "count", "within"}, where)
    count = given.get("count")
    if not isinstance(count, int) or isinstance(count, bool) or count < 2:  # noqa: PLR2004 (one is no threshold)
        raise RuleError("'count' must be a whole number from 2", (*where, "count"))
    fields = _fields(given.get("field"), (*where, "field"))
    return Threshold(fields, count, _duration(given.get("within"), (*where, "within")))


def duration_ms(text: object) -> int:
    """Milliseconds of a duration such as ``90s``, ``15m``, ``6h`` or ``1d``.

    Raises:
        ValueError: the text is no such duration, or zero.
    """
    found = _DURATION.fullmatch(str(text))
    if found is None or int(found.group(1)) == 0:
        raise ValueError(f"'{text}' is no duration; write a number and s, m, h or d, such as 6h")
    return int(found.group(1)) * _UNIT_MS[found.group(2)]


def _map(section: object, known: set[str], where: KeyPath) -> Mapping[str, object]:
    if not isinstance(section, Mapping) or not known.issuperset(section):
        raise RuleError(f"'{where[-1]}' must be a map of {', '.join(sorted(known))}", where)
    return section


def _fields(value: object, where: KeyPath) -> tuple[str, ...]:
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise RuleError(f"'{where[-1]}' must name event fields such as [user.name, source.ip]", where)
    return tuple(str(name) for name in names)


def _duration(value: object, where: KeyPath) -> int:
    try:
        return duration_ms(value)
    except ValueError as error:
        raise RuleError(str(error), where) from error
