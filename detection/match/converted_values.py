"""What is remembered of values that are written otherwise in the event than in the record it was made from."""

from __future__ import annotations

from typing import Protocol

from events import Scalar, Value
from events.outline import Convert

UNSURE = -1
"""In place of the number of a hit set: what a value satisfies can't be told from the value alone."""


class ValueMatcher(Protocol):
    """What matches the values of one field."""

    def of(self, value: Value, /) -> int:
        """The number of the set of predicates that hold for a field's value."""

    def absent(self) -> int:
        """The number of the set of predicates that hold where the field is absent."""

    def remembers(self, value: Scalar, /) -> bool:
        """Whether a value is to be remembered; counts it."""


class ConvertedValues(dict[Scalar, int]):
    """``converted[value]`` is the number of the set of predicates that hold for what a record's value becomes.

    All values are of one type, so that 1, 1.0 and true, which are equal to Python, never meet.

    Args:
        matcher: matches the field.
        convert: how the value is written in the event; None says that the event lacks the field.
        is_last: no other field is meant where the event lacks this one.
    """

    def __init__(self, matcher: ValueMatcher, convert: Convert, *, is_last: bool) -> None:
        self._matcher = matcher
        self._convert = convert
        self._is_last = is_last

    def __missing__(self, value: Scalar) -> int:
        """Match a value that is not remembered."""
        number = self._number(value)
        if self._matcher.remembers(value):
            self[value] = number
        return number

    def _number(self, value: Scalar) -> int:
        written = self._convert(value)
        if written is not None:
            return self._matcher.of(written)
        return self._matcher.absent() if self._is_last else UNSURE
