"""A rule's settings under the key ``fengsui``: how its matches are grouped into alerts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from detection.rules.errors import RuleError

_DURATION = re.compile(r"(\d{1,6})([smhd])")
_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """What a rule says of its alerts; None leaves it to the policy.

    Attributes:
        entities: event fields whose values tell its alerts apart.
        window_ms: length of the window of event time that one alert covers.
    """

    entities: tuple[str, ...] | None = None
    window_ms: int | None = None


def parse_settings(content: Mapping[str, object]) -> RuleSettings:
    """Read the settings of a rule document; other keys under ``fengsui`` are kept for whoever knows them.

    Raises:
        RuleError: a setting is not what it should be.
    """
    section = content.get("fengsui", {})
    if not isinstance(section, Mapping):
        raise RuleError("'fengsui' must be a map of settings", ("fengsui",))
    entities = section.get("entities")
    named = isinstance(entities, list) and entities and all(isinstance(name, str) for name in entities)
    if entities is not None and not named:
        raise RuleError("'entities' must be a list of event fields such as [source.ip]", ("fengsui", "entities"))
    try:
        window = duration_ms(section["window"]) if "window" in section else None
    except ValueError as error:
        raise RuleError(str(error), ("fengsui", "window")) from error
    return RuleSettings(tuple(entities) if isinstance(entities, list) else None, window)


def duration_ms(text: object) -> int:
    """Milliseconds of a duration such as ``90s``, ``15m``, ``6h`` or ``1d``.

    Raises:
        ValueError: the text is no such duration, or zero.
    """
    found = _DURATION.fullmatch(str(text))
    if found is None or int(found.group(1)) == 0:
        raise ValueError(f"'{text}' is no duration; write a number and s, m, h or d, such as 6h")
    return int(found.group(1)) * _UNIT_MS[found.group(2)]
