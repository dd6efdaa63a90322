"""A detection item's value and its chain of modifiers become tests (Sigma specification 2.1, appendix Modifiers)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import TypeAlias, cast, get_args

import regex

from detection.rules.encodings import CODECS, base64_patterns, widened_patterns
from detection.rules.errors import RuleError
from detection.rules.expression import (
    CidrTest,
    CompareTest,
    Comparison,
    ExistsTest,
    NullTest,
    Placement,
    ReferenceTest,
    RegexTest,
    Test,
    TextTest,
    TimeTest,
    TimeUnit,
)
from detection.rules.pattern import Pattern, Wildcard, join, literal_pattern, parse_pattern, with_option_dashes

Placeholders: TypeAlias = Mapping[str, Sequence[str]]

LIST_MODIFIERS = frozenset({"all", "neq"})
"""Modifiers of the whole item rather than of each value."""

_REGEX_FLAGS = {"i": "i", "ignorecase": "i", "m": "m", "multiline": "m", "s": "s", "dotall": "s"}
_COMPARISONS = frozenset(get_args(Comparison))
_TIME_UNITS = frozenset(get_args(TimeUnit))
_PLACEMENTS = frozenset(get_args(Placement)) - {"equals"}
_TEXT = _PLACEMENTS | frozenset(CODECS) | {"cased", "windash", "base64", "base64offset", "expand"}
_KINDS: dict[str, frozenset[str]] = {
    "re": frozenset(_REGEX_FLAGS) | {"re", "expand"},
    "cidr": frozenset({"cidr", "expand"}),
    "exists": frozenset({"exists"}),
    "fieldref": _PLACEMENTS | {"fieldref", "cased"},
    **{name: frozenset({name}) for name in _COMPARISONS | _TIME_UNITS},
}
KNOWN = frozenset(_KINDS) | frozenset(_REGEX_FLAGS) | _TEXT | LIST_MODIFIERS

_PLACEHOLDER = re.compile(r"\\%|%([^%\s\\]+)%")


def tests_of(value: object, modifiers: Sequence[str], placeholders: Placeholders, *, keyword: bool) -> list[Test]:
    """The tests, any of which satisfies one value of a detection item.

    Args:
        value: the scalar as YAML gave it.
        modifiers: the item's modifiers in order, without those of the list.
        placeholders: values of ``%name%``, for ``expand``.
        keyword: the value is unbound and may stand anywhere in the record.

    Raises:
        RuleError: a modifier is unknown or does not fit the others or the value.
    """
    kind = _kind(modifiers)
    if kind == "text":
        return [
            test for each in _expand(value, modifiers, placeholders) for test in _text_tests(each, modifiers, keyword)
        ]
    return [_special_test(kind, each, modifiers) for each in _expand(value, modifiers, placeholders)]


def _kind(modifiers: Sequence[str]) -> str:
    for name in modifiers:
        if name not in KNOWN:
            raise RuleError(f"unknown modifier '{name}'; known are {', '.join(sorted(KNOWN))}")
    kind = next((name for name in modifiers if name in _KINDS), "text")
    allowed = _KINDS.get(kind, _TEXT)
    for name in modifiers:
        if name not in allowed:
            raise RuleError(f"modifier '{name}' can't be combined with '{kind}'; remove one of them")
    return kind


def _special_test(kind: str, value: object, modifiers: Sequence[str]) -> Test:
    if kind == "re":
        return _regex_test(value, "".join(sorted({_REGEX_FLAGS[m] for m in modifiers if m in _REGEX_FLAGS})))
    if kind == "cidr":
        return _cidr_test(value)
    if kind == "exists":
        return ExistsTest()
    if kind == "fieldref":
        placement = next((name for name in modifiers if name in _PLACEMENTS), "equals")
        return ReferenceTest(_text_of(value), cast("Placement", placement), "cased" in modifiers)
    number = _number_of(value, kind)
    if kind in _TIME_UNITS:
        if not float(number).is_integer():
            raise RuleError(f"'{kind}' needs a whole number, not {value!r}")
        return TimeTest(cast("TimeUnit", kind), int(number))
    return CompareTest(cast("Comparison", kind), number)


def _regex_test(value: object, flags: str) -> Test:
    expression = _text_of(value)
    try:
        regex.compile(expression)
    except regex.error as error:
        raise RuleError(f"regular expression is not valid: {error}; correct it") from error
    return RegexTest(expression, flags)


def _cidr_test(value: object) -> Test:
    try:
        return CidrTest(str(ipaddress.ip_network(_text_of(value), strict=False)))
    except ValueError as error:
        raise RuleError(f"'cidr' needs a network such as 10.0.0.0/8 or fd00::/8: {error}") from error


def _number_of(value: object, modifier: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    try:
        return int(value) if isinstance(value, str) and value.strip().isdigit() else float(cast("str", value))
    except (TypeError, ValueError) as error:
        raise RuleError(f"'{modifier}' needs a number, not {value!r}") from error


def _text_of(value: object) -> str:
    """A scalar as events spell it."""
    if value is None:
        raise RuleError("null can't be combined with a modifier; write the field without one")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _expand(value: object, modifiers: Sequence[str], placeholders: Placeholders) -> Iterator[object]:
    """Put the values of each placeholder in its place; every combination is a value of its own."""
    if "expand" not in modifiers or not isinstance(value, str):
        yield value
        return
    names = [name for name in _PLACEHOLDER.findall(value) if name]
    for name in names:
        if not placeholders.get(name):
            raise RuleError(f"placeholder %{name}% needs values; give them in policies/detection/placeholders.yml")
    for chosen in product(*(placeholders[name] for name in names)):
        replacements = iter(chosen)
        yield _PLACEHOLDER.sub(lambda found: next(replacements) if found[1] else "%", value)  # noqa: B023 (called at once)


def _text_tests(value: object, modifiers: Sequence[str], keyword: bool) -> list[Test]:  # noqa: FBT001 (inner)
    if value is None and not modifiers and not keyword:
        return [NullTest()]
    patterns = [parse_pattern(value) if isinstance(value, str) else literal_pattern(_text_of(value))]
    encoding = ""
    for name in modifiers:
        if name in CODECS:
            encoding = name
        elif name in {"base64", "base64offset"}:
            offsets = name == "base64offset"
            patterns = [each for plain in patterns for each in base64_patterns(plain, encoding, offsets=offsets)]
            encoding = ""
        else:
            patterns = [_shaped(each, name) for each in patterns]
    if encoding:
        patterns = [each for plain in patterns for each in widened_patterns(plain, encoding)]
    if keyword:
        patterns = [_shaped(each, "contains") for each in patterns]
    return [TextTest(each, "cased" in modifiers) for each in patterns]


def _shaped(pattern: Pattern, modifier: str) -> Pattern:
    if modifier == "contains":
        return join([Wildcard.MANY, *pattern.parts, Wildcard.MANY])
    if modifier == "startswith":
        return join([*pattern.parts, Wildcard.MANY])
    if modifier == "endswith":
        return join([Wildcard.MANY, *pattern.parts])
    return with_option_dashes(pattern) if modifier == "windash" else pattern
