"""``/registry/resources``: the data catalog."""

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
from registry.entries import ResourceEntry
from registry.registers import RESOURCES

router = APIRouter(
    prefix="/api/v1/registry/resources", tags=["registry"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
Reader = Annotated[Caller, Depends(Requires(READ))]
Writer = Annotated[Caller, Depends(Requires(WRITE))]


class ResourceList(BaseModel):
    """A page of the data catalog, by id."""

    resources: list[ResourceEntry]
    next_cursor: str | None


@router.get("")
def list_(query: Annotated[RegisterQuery, Query()], dependencies: Dependencies, caller: Reader) -> ResourceList:
    """One page of the data catalog within the caller's units."""
    page = read_page(dependencies, RESOURCES, query, caller)
    return ResourceList(resources=list(page.entries), next_cursor=page.next_cursor)


@router.post("", status_code=HTTPStatus.CREATED)
def create(body: ResourceEntry, dependencies: Dependencies, caller: Writer) -> ResourceEntry:
    """Register a resource."""
    return create_entry(dependencies, RESOURCES, body, caller)


@router.get("/{entry_id}")
def get_one(entry_id: str, dependencies: Dependencies, caller: Reader) -> ResourceEntry:
    """A resource."""
    return read_entry(dependencies, RESOURCES, entry_id, caller)


@router.put("/{entry_id}")
def change(entry_id: str, body: ResourceEntry, dependencies: Dependencies, caller: Writer) -> ResourceEntry:
    """Change a resource into what is given."""
    return change_entry(dependencies, RESOURCES, entry_id, body, caller)
