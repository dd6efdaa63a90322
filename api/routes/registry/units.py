"""``/registry/units``: units of the five-level tree with their accountable people."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.problems import COMMON_RESPONSES
from api.registry_work import READ, WRITE, RegisterQuery, change_entry, create_entry, read_entry, read_page
from registry.entries import UnitEntry
from registry.registers import UNITS

router = APIRouter(
    prefix="/api/v1/registry/units", tags=["registry"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
Reader = Annotated[Caller, Depends(Requires(READ))]
Writer = Annotated[Caller, Depends(Requires(WRITE))]


class UnitList(BaseModel):
    """A page of units of the five-level tree with their accountable people, by id."""

    units: list[UnitEntry]
    next_cursor: str | None


@router.get("")
def list_(query: Annotated[RegisterQuery, Query()], dependencies: Dependencies, caller: Reader) -> UnitList:
    """One page of units of the five-level tree with their accountable people within the caller's units."""
    page = read_page(dependencies, UNITS, query, caller)
    return UnitList(units=list(page.entries), next_cursor=page.next_cursor)


@router.post("", status_code=HTTPStatus.CREATED)
def create(body: UnitEntry, dependencies: Dependencies, caller: Writer) -> UnitEntry:
    """Register a unit."""
    return create_entry(dependencies, UNITS, body, caller)


@router.get("/{entry_id}")
def get_one(entry_id: str, dependencies: Dependencies, caller: Reader) -> UnitEntry:
    """A unit."""
    return read_entry(dependencies, UNITS, entry_id, caller)


@router.put("/{entry_id}")
def change(entry_id: str, body: UnitEntry, dependencies: Dependencies, caller: Writer) -> UnitEntry:
    """Change a unit into what is given."""
    return change_entry(dependencies, UNITS, entry_id, body, caller)
