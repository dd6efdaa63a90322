"""Exceptions as the Sigma filters they are (Sigma filters specification 2.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import yaml

from detection.rules.errors import RuleError
from detection.rules.filters import RuleFilter, parse_filter
from detection.rules.rule import Rule
from detection.tuning.errors import TuningError
from detection.tuning.policy import tuning_policy

Comparison = Literal["equals", "startswith", "endswith", "contains"]
_SPECIAL = str.maketrans({"\\": "\\\\", "*": "\\*", "?": "\\?"})


@dataclass(frozen=True, slots=True)
class ExceptedField:
    """A field that an exception names, with the value it has there; None means that the field is absent."""

    field: str
    value: str | None
    comparison: Comparison = "equals"


def filter_document(rule: Rule, fields: Sequence[ExceptedField], title: str) -> dict[str, object]:
    """The filter that removes the rule's matches on events in which every one of the fields fits.

    Values are taken letter by letter: ``*``, ``?`` and backslashes in them stand for themselves.

    Raises:
        TuningError: there are no fields or too many, or a field's name or comparison is none.
    """
    most = tuning_policy().exceptions.fields_maximum
    if not 0 < len(fields) <= most:
        message = f"an exception needs 1 to {most} fields; without any it would switch the rule off"
        raise TuningError(message, "exception_fields")
    parts = (("product", rule.logsource.product), ("category", rule.logsource.category))
    logsource = {name: value for name, value in (*parts, ("service", rule.logsource.service)) if value}
    selection = [_item(each) for each in dict.fromkeys(fields)]
    whole = dict(item for part in selection for item in part.items())
    if len(whole) == len(selection):
        section: dict[str, object] = {"rules": [rule.id], "selection": whole, "condition": "not selection"}
    else:  # one field twice: each part is a selection of its own, and all must hold
        named = {f"selection_{number}": part for number, part in enumerate(selection, start=1)}
        section = {"rules": [rule.id], **named, "condition": "not all of selection_*"}
    return {"title": title, "logsource": logsource, "filter": section}


def read_filter(document: Mapping[str, object]) -> RuleFilter:
    """The filter of a document.

    Raises:
        TuningError: it is no valid Sigma filter.
    """
    try:
        return parse_filter(document, {})
    except RuleError as error:
        raise TuningError(f"the exception is no valid Sigma filter: {error}", "filter_invalid") from error


def as_yaml(document: Mapping[str, object]) -> str:
    """The document as people keep Sigma: YAML, in its own order."""
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True)


def _item(each: ExceptedField) -> dict[str, str | None]:
    if not each.field.strip() or "|" in each.field:
        message = "the name of a field is empty or holds '|'; name a field of the rule or of the event"
        raise TuningError(message, "field_name")
    if each.value is None or each.comparison == "equals":
        return {each.field: each.value if each.value is None else each.value.translate(_SPECIAL)}
    if not each.value:
        message = f"{each.field}: '{each.comparison}' an empty value fits everything; give a value"
        raise TuningError(message, "empty_value")
    return {f"{each.field}|{each.comparison}": each.value.translate(_SPECIAL)}
