"""Pages of a register, within its reader's units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, inspect, or_, select
from sqlalchemy.orm import Session

from registry.registers.register import Identified, Register, not_found
from registry.scope import UnitScope

E = TypeVar("E", bound=Identified)
_ROWS_A_PAGE = 400


@dataclass(frozen=True, slots=True)
class Search:
    """Which entries.

    Attributes:
        text: part of an id or a name.
        equal: columns with the values that they must have.
        also: further conditions on the register's rows.
    """

    text: str = ""
    equal: tuple[tuple[str, str], ...] = ()
    also: tuple[ColumnElement[bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Paging:
    """At most ``limit`` entries, by id, those after ``after``."""

    limit: int = 50
    after: str | None = None


def list_entries(
    session: Session, register: Register[E, Any], scope: UnitScope, search: Search, paging: Paging
) -> list[E]:
    """A page of a register, by id."""
    key = inspect(register.record).primary_key[0]
    statement = select(register.record).where(register.visible(scope), *search.also).order_by(key).limit(paging.limit)
    if search.text:
        statement = statement.where(or_(*(each.icontains(search.text, autoescape=True) for each in register.text)))
    for column, value in search.equal:
        statement = statement.where(getattr(register.record, column) == value)
    if paging.after is not None:
        statement = statement.where(key > paging.after)
    return register.entries(session, list(session.scalars(statement)))


def every_entry(session: Session, register: Register[E, Any], scope: UnitScope) -> Iterator[E]:
    """All entries that a scope shows, by id, read page by page."""
    after: str | None = None
    while page := list_entries(session, register, scope, Search(), Paging(_ROWS_A_PAGE, after)):
        yield from page
        after = page[-1].id


def get_entry(session: Session, register: Register[E, Any], scope: UnitScope, entry_id: str) -> E:
    """The entry of an id.

    Raises:
        EntryNotFoundError: there is none, or none that the scope shows.
    """
    key = inspect(register.record).primary_key[0]
    row = session.scalar(select(register.record).where(key == entry_id, register.visible(scope)))
    if row is None:
        raise not_found(register.kind, entry_id)
    return register.entries(session, [row])[0]
