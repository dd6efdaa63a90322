"""The plain keys of a rule: texts, lists of texts, level, logsource."""

from __future__ import annotations

from collections.abc import Mapping

from detection.rules.errors import RuleError
from detection.rules.rule import Level, LogSource


def text_of(content: Mapping[str, object], key: str) -> str:
    """A key's value as text, empty where there is none."""
    value = content.get(key)
    return "" if value is None else str(value).strip()


def strings_of(content: Mapping[str, object], key: str) -> tuple[str, ...]:
    """A key's list as texts; a single value is a list of one."""
    value = content.get(key)
    if value is None:
        return ()
    return tuple(str(each) for each in value) if isinstance(value, list) else (str(value),)


def level_of(content: Mapping[str, object]) -> Level:
    """The rule's level; medium where it gives none.

    Raises:
        RuleError: the level is none of Sigma's.
    """
    text = text_of(content, "level").lower()
    try:
        return Level(text) if text else Level.MEDIUM
    except ValueError as error:
        raise RuleError(f"level '{text}' is none of {', '.join(Level)}", ("level",)) from error


def logsource_of(content: Mapping[str, object]) -> LogSource:
    """The logsource, lower-cased; ``definition`` is for people and does not route.

    Raises:
        RuleError: there is none, or it names nothing.
    """
    section = content.get("logsource")
    if not isinstance(section, Mapping):
        raise RuleError("a rule needs a logsource with product, category or service", ("logsource",))
    parts = {key: text_of(section, key).lower() or None for key in ("product", "category", "service")}
    if not any(parts.values()):
        raise RuleError("the logsource names no product, category or service", ("logsource",))
    return LogSource(**parts)
