"""``/registry/accounts``: accounts under which consumers show in logs."""

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
from registry.entries import AccountEntry
from registry.registers import ACCOUNTS

router = APIRouter(
    prefix="/api/v1/registry/accounts", tags=["registry"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
Reader = Annotated[Caller, Depends(Requires(READ))]
Writer = Annotated[Caller, Depends(Requires(WRITE))]


class AccountList(BaseModel):
    """A page of accounts under which consumers show in logs, by id."""

    accounts: list[AccountEntry]
    next_cursor: str | None


@router.get("")
def list_(query: Annotated[RegisterQuery, Query()], dependencies: Dependencies, caller: Reader) -> AccountList:
    """One page of accounts under which consumers show in logs within the caller's units."""
    page = read_page(dependencies, ACCOUNTS, query, caller)
    return AccountList(accounts=list(page.entries), next_cursor=page.next_cursor)


@router.post("", status_code=HTTPStatus.CREATED)
def create(body: AccountEntry, dependencies: Dependencies, caller: Writer) -> AccountEntry:
    """Register an account."""
    return create_entry(dependencies, ACCOUNTS, body, caller)


@router.get("/{entry_id}")
def get_one(entry_id: str, dependencies: Dependencies, caller: Reader) -> AccountEntry:
    """An account."""
    return read_entry(dependencies, ACCOUNTS, entry_id, caller)


@router.put("/{entry_id}")
def change(entry_id: str, body: AccountEntry, dependencies: Dependencies, caller: Writer) -> AccountEntry:
    """Change an account into what is given."""
    return change_entry(dependencies, ACCOUNTS, entry_id, body, caller)
