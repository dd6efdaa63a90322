"""The fields of a form in which people answer a manual step, and what they filled in as the step's schema wants it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

Question = Mapping[str, Any] | None
_YES_NO = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class AnswerField:
    """One value that is asked for; ``choices`` are all that it may be, where the schema lists them."""

    name: str
    label: str
    kind: Literal["text", "yes_no", "number", "choice"]
    choices: tuple[str, ...] = ()


def answer_fields(question: Question) -> list[AnswerField]:
    """The fields of a question, in its schema's order."""
    return [_field(name, member) for name, member in _members(question).items()]


def filled_in(question: Question, texts: Mapping[str, str]) -> dict[str, Any]:
    """The values that were filled in, each of the type that is asked for; fields left empty are left out.

    What is not of its type stays a text, so that the schema's own check says what is wrong.
    """
    kinds = {field.name: field.kind for field in answer_fields(question)}
    return {name: _value(kinds.get(name, "text"), text) for name, text in texts.items() if text}


def _members(question: Question) -> Mapping[str, Any]:
    schema = (question or {}).get("schema")
    members = schema.get("properties") if isinstance(schema, Mapping) else None
    return members if isinstance(members, Mapping) else {}


def _field(name: str, member: object) -> AnswerField:
    known = member if isinstance(member, Mapping) else {}
    label, choices = str(known.get("title") or name.strip("_")), known.get("enum")
    if isinstance(choices, list) and all(isinstance(each, str) for each in choices):
        return AnswerField(name, label, "choice", tuple(choices))
    if known.get("type") == "boolean":
        return AnswerField(name, label, "yes_no")
    return AnswerField(name, label, "number" if known.get("type") in {"integer", "number"} else "text")


def _value(kind: str, text: str) -> object:
    if kind == "yes_no":
        return _YES_NO.get(text, text)
    if kind == "number":
        with suppress(ValueError):
            return int(text)
        with suppress(ValueError):
            return float(text)
    return text
