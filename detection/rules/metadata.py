"""What a document says of its rule: texts, lists of texts, level, settings, logsource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from detection.rules.described import Level
from detection.rules.documents import Document
from detection.rules.errors import RuleError
from detection.rules.rule import LogSource
from detection.rules.settings import parse_settings


def description_in(document: Document, line: int) -> dict[str, Any]:
    """What a document that starts on a line says of its rule: the fields of ``DescribedRule`` but the id.

    Raises:
        RuleError: the level or a setting is none.
    """
    content = document.content
    return {
        "title": text_of(content, "title"),
        "level": level_of(content),
        "path": document.path,
        "line": line,
        **{key: text_of(content, key) or None for key in ("name", "status", "date")},
        **{key: text_of(content, key) for key in ("description", "author")},
        **{key: strings_of(content, key) for key in ("tags", "falsepositives")},
        "sources": strings_of(content, "references"),
        "settings": parse_settings(content),
        "version": document.version,
    }


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
