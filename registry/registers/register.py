"""What every register has in common: find, compare, check, write, and write down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Session

from audit.authorship import ChangedBy
from registry.errors import ContradictionError, EntryExistsError, EntryNotFoundError
from registry.journal import EntryChange, journal
from registry.models import UnitRecord
from registry.repository.scoping import sees_unit
from registry.scope import UnitScope
from registry.vocabulary import EntryKind


class Identified(Protocol):
    """An entry as registers know it."""

    @property
    def id(self) -> str:
        """The id that people gave it."""
        ...

    def document(self) -> dict[str, Any]:
        """The entry as plain JSON values."""
        ...


E = TypeVar("E", bound=Identified)
R = TypeVar("R")


class Outcome(StrEnum):
    """What putting an entry did."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class Expect(StrEnum):
    """Whether an entry should be there already."""

    NEW = "new"
    PRESENT = "present"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Register(Generic[E, R]):
    """One register.

    Attributes:
        kind: of its entries.
        record: its table.
        text: the columns that a search looks into.
        visible: the condition of a row being in a scope.
        entries: rows with all that belongs to them, as entries.
        completed: an entry with what it leaves open taken from the present one.
        check: holds an entry against the others; raises ContradictionError.
        write: writes an entry that was checked.
        owners: the ids of the units that answer for an entry.
    """

    kind: EntryKind
    record: type[R]
    text: tuple[InstrumentedAttribute[str], ...]
    visible: Callable[[UnitScope], ColumnElement[bool]]
    entries: Callable[[Session, Sequence[R]], list[E]]
    completed: Callable[[E, E | None], E]
    check: Callable[[Session, E, E | None], None]
    write: Callable[[Session, E, ChangedBy], None]
    owners: Callable[[Session, E], set[str]]

    def find(self, session: Session, entry_id: str) -> E | None:
        """The entry of an id, whoever asks."""
        row = session.get(self.record, entry_id)
        return self.entries(session, [row])[0] if row is not None else None


@dataclass(frozen=True, slots=True)
class Editor:
    """Who changes entries, and which units they answer for."""

    by: ChangedBy
    scope: UnitScope


def put(
    session: Session, register: Register[E, R], entry: E, editor: Editor, expect: Expect = Expect.EITHER
) -> Outcome:
    """Add or change an entry and write it down; what it says already changes nothing.

    Raises:
        EntryExistsError: it should be new and is not.
        EntryNotFoundError: it should be there and is not, or not in the scope.
        ContradictionError: it contradicts another entry, or would belong to a unit outside the scope.
    """
    change = apply(session, register, entry, editor, expect)
    if change is None:
        return Outcome.UNCHANGED
    journal(session, change, editor.by)
    return Outcome.ADDED if change.before is None else Outcome.CHANGED


def apply(session: Session, register: Register[E, R], entry: E, editor: Editor, expect: Expect) -> EntryChange | None:
    """The same without writing it down: the change, None when there is none."""
    before = register.find(session, entry.id)
    if before is not None and not _answers(session, register, before, editor.scope):
        raise not_found(register.kind, entry.id)
    if before is not None and expect is Expect.NEW:
        raise EntryExistsError(f"{register.kind} {entry.id} exists already; change it, or choose another id")
    if before is None and expect is Expect.PRESENT:
        raise not_found(register.kind, entry.id)
    entry = register.completed(entry, before)
    if entry == before:
        return None
    register.check(session, entry, before)
    if not _answers(session, register, entry, editor.scope):
        raise ContradictionError(
            "id", "the entry would belong to a unit that is not yours; name one of your units", "not_yours"
        )
    register.write(session, entry, editor.by)
    session.flush()
    verb = "create" if before is None else "change"
    return EntryChange(register.kind, entry.id, verb, before.document() if before else None, entry.document())


def require_unit(session: Session, column: str, unit_id: str) -> UnitRecord:
    """The unit that an entry names.

    Raises:
        ContradictionError: there is none.
    """
    unit = session.get(UnitRecord, unit_id)
    if unit is None:
        raise ContradictionError(
            column, f"there is no unit {unit_id}; register the unit first, or correct the id", "unknown_unit"
        )
    return unit


def _answers(session: Session, register: Register[E, R], entry: E, scope: UnitScope) -> bool:
    return scope.is_everything or any(sees_unit(session, scope, unit) for unit in register.owners(session, entry))


def not_found(kind: EntryKind, entry_id: str) -> EntryNotFoundError:
    """The error of an entry that is not there, or not for this caller."""
    return EntryNotFoundError(f"there is no {kind} {entry_id}; see the list, or register it")
