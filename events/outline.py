"""What is known of the events of alike records before any is made: where their fields come from.

Normalizing costs more than reading. Where a normalizer can say beforehand which value of a record becomes which field,
detection can look at the record itself and have only those normalized that matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from events.event import Value

Convert: TypeAlias = Callable[[Any], Value]


@dataclass(frozen=True, slots=True)
class Origin:
    """The one value of a document that a field comes from.

    Attributes:
        name: the value's name in the document.
        convert: how it is written in the event; None as it stands, as a text. What gives None is left out of the event.
    """

    name: str
    convert: Convert | None = None

    @property
    def is_verbatim(self) -> bool:
        """Whether the text of the field is found as such in the document's own notation."""
        return self.convert is None or self.convert is str


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that a document becomes an event: that it has a time, for one.

    Attributes:
        names: the values that show it.
        holds: whether they certainly do; takes the values. False may mean that only the normalizer can tell.
    """

    names: tuple[str, ...]
    holds: Callable[..., bool]


@dataclass(frozen=True, slots=True)
class Outline:
    """The fields of the events that alike documents become.

    Documents are alike that have the same names in the same order, values of the same types, equal values where
    ``settled_by`` says so, and for which ``proof`` holds.

    Attributes:
        settled_by: names of the document whose values decide; the same for all documents of the same names and types.
        proof: which of them certainly become an event.
        origins: the fields that come from one value each.
        constants: the fields that are the same in all of these events.
        others: the fields that may be there besides; all fields that are named nowhere are absent.
    """

    settled_by: tuple[str, ...]
    proof: Proof
    origins: Mapping[str, Origin]
    constants: Mapping[str, Value]
    others: frozenset[str]

    def possible(self, names: Iterable[str]) -> list[str]:
        """Those of some fields that these events may have, in the given order."""
        return [name for name in names if name in self.origins or name in self.constants or name in self.others]

    def fields(self) -> Iterable[str]:
        """All fields that these events may have."""
        return {*self.origins, *self.constants, *self.others}
