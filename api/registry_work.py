"""What people do with the registers: list, register, change, import and export, each within their units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.problems import ProblemError
from api.signing import decode_cursor, encode_cursor
from audit.authorship import ChangedBy
from events import now_ms
from registry.registers import Editor, Expect, Register, put
from registry.registers.register import Identified
from registry.repository.listing import Paging, Search, get_entry, list_entries

READ, WRITE, REQUEST, APPROVE = "registry:read", "registry:write", "grants:request", "grants:approve"
_MAXIMUM_PAGE = 500
Text = Annotated[str, Field(max_length=255)]
E = TypeVar("E", bound=Identified)


class RegisterQuery(BaseModel):
    """Which entries: ``text`` is part of an id or a name."""

    text: Text = ""
    limit: int = Field(50, ge=1, le=_MAXIMUM_PAGE)
    cursor: Annotated[str, Field(max_length=1024)] | None = None


@dataclass(frozen=True, slots=True)
class EntryPage(Generic[E]):
    """A page of a register; ``next_cursor`` is None at the end."""

    entries: Sequence[E]
    next_cursor: str | None


def editor(caller: Caller, scope: str) -> Editor:
    """The caller as changes of the registry record them, with the units for which they hold a scope."""
    principal = signed_in(caller)
    origin = caller.origin
    by = ChangedBy(principal.actor, now_ms(), origin.request_id, origin.source_address, principal.user_id)
    return Editor(by, principal.unit_scope(scope))


def read_page(
    dependencies: ApiDependencies,
    register: Register[E, Any],
    query: RegisterQuery,
    caller: Caller,
    equal: tuple[tuple[str, str], ...] = (),
) -> EntryPage[E]:
    """One page of a register, by id.

    Raises:
        ProblemError: the cursor belongs to another list.
    """
    key, purpose = dependencies.secret_key, f"registry:{register.kind}:{query.text}:{equal}"
    after = str(decode_cursor(key, purpose, query.cursor)) if query.cursor else None
    scope = signed_in(caller).unit_scope(READ)
    with dependencies.records.read() as session:
        found = list_entries(session, register, scope, Search(query.text, equal), Paging(query.limit, after))
    more = len(found) == query.limit
    return EntryPage(found, encode_cursor(key, purpose, found[-1].id) if more else None)


def read_entry(dependencies: ApiDependencies, register: Register[E, Any], entry_id: str, caller: Caller) -> E:
    """One entry.

    Raises:
        EntryNotFoundError: there is none that the caller may see.
    """
    with dependencies.records.read() as session:
        return get_entry(session, register, signed_in(caller).unit_scope(READ), entry_id)


def create_entry(dependencies: ApiDependencies, register: Register[E, Any], entry: E, caller: Caller) -> E:
    """Register an entry.

    Raises:
        EntryExistsError: there is one of its id.
        ContradictionError: it contradicts another entry or belongs to another's unit.
    """
    return _put(dependencies, register, entry, (caller, Expect.NEW))


def change_entry(
    dependencies: ApiDependencies, register: Register[E, Any], entry_id: str, entry: E, caller: Caller
) -> E:
    """Change an entry into what is given.

    Raises:
        EntryNotFoundError: there is none that is the caller's.
        ContradictionError: it contradicts another entry or belongs to another's unit.
        ProblemError: the ids differ.
    """
    check_id(entry_id, entry.id)
    return _put(dependencies, register, entry, (caller, Expect.PRESENT))


def check_id(in_path: str, in_body: str) -> None:
    """Refuse a body that is of another entry than the address.

    Raises:
        ProblemError: the ids differ.
    """
    if in_path != in_body:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "id_differs", "The id in the body is another than in the address"
        )


def _put(dependencies: ApiDependencies, register: Register[E, Any], entry: E, how: tuple[Caller, Expect]) -> E:
    caller, expect = how
    with dependencies.records.begin() as session:
        put(session, register, entry, editor(caller, WRITE), expect)
        return _stored(session, register, entry.id)


def _stored(session: Session, register: Register[E, Any], entry_id: str) -> E:
    found = register.find(session, entry_id)
    if found is None:
        raise RuntimeError("An entry that was written is not there")
    return found
