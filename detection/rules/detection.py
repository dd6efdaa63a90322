"""The detection section of a rule: its selections and its condition (Sigma rules specification 2.1, "Detection")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detection.rules.condition import parse_condition
from detection.rules.errors import KeyPath, RuleError
from detection.rules.expression import Expression, Not, Predicate, all_of, any_of
from detection.rules.modifiers import LIST_MODIFIERS, Placeholders, tests_of

_NOT_SELECTIONS = frozenset({"condition", "timeframe", "rules"})


def parse_detection(section: object, placeholders: Placeholders, where: KeyPath = ("detection",)) -> Expression:
    """The expression of a detection (or filter) section; several conditions are alternatives.

    Raises:
        RuleError: the section is not valid Sigma, or asks for what can't be evaluated faithfully.
    """
    if not isinstance(section, Mapping):
        raise RuleError("the detection must be a map of selections and a condition", where)
    if "timeframe" in section:
        raise RuleError("'timeframe' was removed from Sigma; write a correlation rule instead", (*where, "timeframe"))
    selections = {
        str(name): _selection(value, placeholders, (*where, name))
        for name, value in section.items()
        if name not in _NOT_SELECTIONS
    }
    texts = _conditions(section.get("condition"))
    if not texts:
        raise RuleError("the detection needs a condition that joins its selections", (*where, "condition"))
    try:
        return any_of([parse_condition(text, selections) for text in texts])
    except RuleError as error:
        raise RuleError(str(error), (*where, "condition")) from error


def _conditions(condition: object) -> list[str]:
    """The conditions of a rule as texts; none when any of them is not one."""
    given = condition if isinstance(condition, list) else [condition]
    texts = [text for text in given if isinstance(text, str) and text.strip()]
    return texts if len(texts) == len(given) else []


def _selection(value: object, placeholders: Placeholders, where: KeyPath) -> Expression:
    if isinstance(value, Mapping):
        return _items(value, placeholders, where)
    if isinstance(value, list):
        if not value:
            raise RuleError("the selection is empty; give it a value or remove it", where)
        return any_of([_element(each, placeholders, (*where, index)) for index, each in enumerate(value)])
    return _keyword(value, placeholders, where)


def _element(value: object, placeholders: Placeholders, where: KeyPath) -> Expression:
    if isinstance(value, Mapping):
        return _items(value, placeholders, where)
    return _keyword(value, placeholders, where)


def _keyword(value: object, placeholders: Placeholders, where: KeyPath) -> Expression:
    return _item(None, [], [value], placeholders, where)


def _items(items: Mapping[object, object], placeholders: Placeholders, where: KeyPath) -> Expression:
    if not items:
        raise RuleError("the selection is empty; give it a field or remove it", where)
    return all_of([_field_item(str(key), value, placeholders, (*where, str(key))) for key, value in items.items()])


def _field_item(key: str, value: object, placeholders: Placeholders, where: KeyPath) -> Expression:
    field, *modifiers = key.split("|")
    values = value if isinstance(value, list) else [value]
    if not values:
        raise RuleError("the list of values is empty; give it a value or remove the item", where)
    return _item(field or None, modifiers, values, placeholders, where)


def _item(
    field: str | None, modifiers: Sequence[str], values: Sequence[object], placeholders: Placeholders, where: KeyPath
) -> Expression:
    if any(isinstance(value, Mapping | list) for value in values):
        raise RuleError("a value must be a scalar; fields with inner fields are written with dots", where)
    chain = [name for name in modifiers if name not in LIST_MODIFIERS]
    try:
        parts = [_value(field, value, chain, placeholders) for value in values]
    except RuleError as error:
        raise RuleError(str(error), where) from error
    joined = all_of(parts) if "all" in modifiers else any_of(parts)
    return Not(joined) if "neq" in modifiers else joined


def _value(field: str | None, value: object, chain: Sequence[str], placeholders: Placeholders) -> Expression:
    """What one value of an item asks; ``exists: false`` is the negation of presence."""
    tests = tests_of(value, chain, placeholders, keyword=field is None)
    if not tests:
        raise RuleError("the placeholder has no values; give it at least one")
    expression = any_of([Predicate(field, test) for test in tests])
    if "exists" not in chain:
        return expression
    if field is None or not isinstance(value, bool):
        raise RuleError("'exists' needs a field, and true or false as its value")
    return expression if value else Not(expression)
