"""``/registry/consumers``: consumers of data."""

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
from registry.entries import ConsumerEntry
from registry.registers import CONSUMERS

router = APIRouter(
    prefix="/api/v1/registry/consumers", tags=["registry"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
Reader = Annotated[Caller, Depends(Requires(READ))]
Writer = Annotated[Caller, Depends(Requires(WRITE))]


class ConsumerList(BaseModel):
    """A page of consumers of data, by id."""

    consumers: list[ConsumerEntry]
    next_cursor: str | None


@router.get("")
def list_(query: Annotated[RegisterQuery, Query()], dependencies: Dependencies, caller: Reader) -> ConsumerList:
    """One page of consumers of data within the caller's units."""
    page = read_page(dependencies, CONSUMERS, query, caller)
    return ConsumerList(consumers=list(page.entries), next_cursor=page.next_cursor)


@router.post("", status_code=HTTPStatus.CREATED)
def create(body: ConsumerEntry, dependencies: Dependencies, caller: Writer) -> ConsumerEntry:
    """Register a consumer."""
    return create_entry(dependencies, CONSUMERS, body, caller)


@router.get("/{entry_id}")
def get_one(entry_id: str, dependencies: Dependencies, caller: Reader) -> ConsumerEntry:
    """A consumer."""
    return read_entry(dependencies, CONSUMERS, entry_id, caller)


@router.put("/{entry_id}")
def change(entry_id: str, body: ConsumerEntry, dependencies: Dependencies, caller: Writer) -> ConsumerEntry:
    """Change a consumer into what is given."""
    return change_entry(dependencies, CONSUMERS, entry_id, body, caller)
