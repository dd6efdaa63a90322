"""``/registry/systems``: information systems with their levels of protection and addresses."""

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
from registry.entries import SystemEntry
from registry.registers import SYSTEMS

router = APIRouter(
    prefix="/api/v1/registry/systems", tags=["registry"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
Reader = Annotated[Caller, Depends(Requires(READ))]
Writer = Annotated[Caller, Depends(Requires(WRITE))]


class SystemList(BaseModel):
    """A page of information systems with their levels of protection and addresses, by id."""

    systems: list[SystemEntry]
    next_cursor: str | None


@router.get("")
def list_(query: Annotated[RegisterQuery, Query()], dependencies: Dependencies, caller: Reader) -> SystemList:
    """One page of information systems with their levels of protection and addresses within the caller's units."""
    page = read_page(dependencies, SYSTEMS, query, caller)
    return SystemList(systems=list(page.entries), next_cursor=page.next_cursor)


@router.post("", status_code=HTTPStatus.CREATED)
def create(body: SystemEntry, dependencies: Dependencies, caller: Writer) -> SystemEntry:
    """Register a system."""
    return create_entry(dependencies, SYSTEMS, body, caller)


@router.get("/{entry_id}")
def get_one(entry_id: str, dependencies: Dependencies, caller: Reader) -> SystemEntry:
    """A system."""
    return read_entry(dependencies, SYSTEMS, entry_id, caller)


@router.put("/{entry_id}")
def change(entry_id: str, body: SystemEntry, dependencies: Dependencies, caller: Writer) -> SystemEntry:
    """Change a system into what is given."""
    return change_entry(dependencies, SYSTEMS, entry_id, body, caller)
