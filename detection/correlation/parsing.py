"""A correlation document becomes a declaration: everything it says, its references not yet looked up.

Sigma correlation rules specification 2.1. Beyond it: weeks as a unit of ``timespan``, several comparisons in one
condition (the specification's ranges), ``neq``, ``value_median`` and conditions that join rules with and, or, not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from detection.correlation.item import exact
from detection.rules.correlation_rule import COMPARISONS, MEDIAN, NUMERIC, Condition, CorrelationType
from detection.rules.documents import Document
from detection.rules.errors import RuleError
from detection.rules.metadata import text_of

SECTION = "correlation"
_KEYS = frozenset({"type", "rules", "group-by", "timespan", "condition", "aliases", "generate"})
_TIMESPAN = re.compile(r"(\d{1,6})([smhdw])")
_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_MEASURES_VALUES = NUMERIC | {CorrelationType.VALUE_COUNT}


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a document declares; ``expression`` is the text of an extended condition, empty for a plain one."""

    document: Document
    type: CorrelationType
    rules: tuple[str, ...]
    group_by: tuple[str, ...]
    aliases: Mapping[str, Mapping[str, str]]
    timespan_ms: int
    condition: Condition
    expression: str
    generate: bool


def parse_correlation(document: Document) -> Declaration:
    """Read a correlation document.

    Raises:
        RuleError: it is not valid, or asks for what can't be evaluated faithfully.
    """
    section = document.content[SECTION]
    if not isinstance(section, Mapping):
        raise RuleError("'correlation' must be a map with type, rules, timespan and condition", (SECTION,))
    if not text_of(document.content, "title"):
        raise RuleError("a correlation needs a title")
    unknown = sorted(str(key) for key in section if key not in _KEYS)
    if unknown:
        raise RuleError(f"'{unknown[0]}' is no key of a correlation; use {', '.join(sorted(_KEYS))}", _at(unknown[0]))
    type_ = _type(section.get("type"))
    condition, expression = _condition(section.get("condition"), type_)
    rules = _names(section, "rules")
    if not rules and not expression:
        raise RuleError("a correlation needs the rules it is about, by id or name", _at("rules"))
    return Declaration(
        document,
        type_,
        rules,
        _names(section, "group-by"),
        _aliases(section.get("aliases")),
        _timespan(section.get("timespan")),
        condition,
        expression,
        _generate(section.get("generate", False)),
    )


def _at(*keys: str) -> tuple[str, ...]:
    return (SECTION, *keys)


def _type(value: object) -> CorrelationType:
    try:
        return CorrelationType(str(value))
    except ValueError as error:
        raise RuleError(f"type '{value}' is none of {', '.join(CorrelationType)}", _at("type")) from error


def _names(section: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = section.get(key)
    if value is None:
        return ()
    given = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) and each for each in given):
        raise RuleError(f"'{key}' must be a list of names", _at(key))
    return tuple(dict.fromkeys(given))


def _timespan(value: object) -> int:
    found = _TIMESPAN.fullmatch(str(value))
    if found is None or int(found.group(1)) == 0:
        raise RuleError(f"timespan '{value}' is none; write a number and s, m, h, d or w, such as 10m", _at("timespan"))
    return int(found.group(1)) * _UNIT_MS[found.group(2)]


def _generate(value: object) -> bool:
    if not isinstance(value, bool):
        raise RuleError("'generate' must be true or false", _at("generate"))
    return value


def _aliases(value: object) -> Mapping[str, Mapping[str, str]]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(fields, Mapping) for fields in value.values()):
        raise RuleError("'aliases' must give each alias a map from rule to field", _at("aliases"))
    return {str(alias): {str(rule): str(name) for rule, name in fields.items()} for alias, fields in value.items()}


def _condition(value: object, type_: CorrelationType) -> tuple[Condition, str]:
    if isinstance(value, str):
        if not type_.is_temporal:
            raise RuleError(f"{type_} needs a condition with a number, such as 'gte: 10'", _at("condition"))
        return Condition(), value
    if value is None and type_.is_temporal:
        return Condition(), ""
    if not isinstance(value, Mapping):
        raise RuleError("a correlation needs a condition, such as 'gte: 10'", _at("condition"))
    unknown = sorted(str(key) for key in value if key not in COMPARISONS and key not in {"field", "percentile"})
    if unknown:
        raise RuleError(f"'{unknown[0]}' is no comparison; use {', '.join(COMPARISONS)}", _at("condition", unknown[0]))
    comparisons = tuple((name, exact(_number(value[name], name))) for name in COMPARISONS if name in value)
    if not comparisons:
        raise RuleError(f"the condition compares with nothing; use {', '.join(COMPARISONS)}", _at("condition"))
    return Condition(comparisons, _fields(value.get("field"), type_), _percentile(value.get("percentile"), type_)), ""


def _fields(value: object, type_: CorrelationType) -> tuple[str, ...]:
    if type_ not in _MEASURES_VALUES:
        return ()
    given = value if isinstance(value, list) else [value]
    if not given or not all(isinstance(each, str) and each for each in given):
        raise RuleError(f"{type_} needs the field that it measures", _at("condition", "field"))
    if len(given) > 1 and type_ is not CorrelationType.VALUE_COUNT:
        raise RuleError(f"{type_} measures one field; several are for value_count", _at("condition", "field"))
    return tuple(given)


def _percentile(value: object, type_: CorrelationType) -> float:
    if type_ is not CorrelationType.VALUE_PERCENTILE:
        return MEDIAN
    number = _number(value, "percentile")
    if not 0 <= number <= 100:  # noqa: PLR2004 (what a percentile is)
        raise RuleError("'percentile' must be between 0 and 100", _at("condition", "percentile"))
    return number


def _number(value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RuleError(f"'{key}' must be a number", _at("condition", key))
    return value
