"""What is wrong with an entry's values, value by value."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError


@dataclass(frozen=True, slots=True)
class ValueProblem:
    """One thing that is wrong.

    Attributes:
        column: the value; empty where several are at odds.
        code: what kind of problem, stable: ``missing``, or a type of error of pydantic.
        message: what is wrong and what to do.
        place: of a list of entries the one, from 0.
    """

    column: str
    code: str
    message: str
    place: int | None = None


def problems_of(error: ValidationError, columns: Collection[str]) -> list[ValueProblem]:
    """The problems of values that are no entry; checks of several values name the column first (``valid_to: …``)."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [_problem(dict(each), columns) for each in found]


def _problem(each: dict[str, Any], columns: Collection[str]) -> ValueProblem:
    location: tuple[int | str, ...] = each["loc"]
    column, message = str(location[0]) if location else "", str(each["msg"]).removeprefix("Value error, ")
    if not column and message.partition(":")[0] in columns:
        column, _, message = message.partition(": ")
    if column == "contacts":
        column = str(location[-1])
    if each["type"] == "missing":
        message = "is empty; fill it in"
    place = next((part for part in location[1:] if isinstance(part, int)), None)
    return ValueProblem(column, str(each["type"]), message, place)
