"""``/api-keys``: one's own keys for programs. Their creation keeps no answer for a repeat, as it holds a secret."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from api.access import Requires, signed_in
from api.account_request_documents import WAITS, AccountRequestDocument, waiting
from api.account_work import asked_by
from api.caller import Caller
from api.dependencies import Dependencies
from api.identity import revoke_api_key
from api.identity.account_requests import AccountRequest, make_key
from api.identity.api_keys import NewApiKey
from api.identity.repository import list_api_keys
from api.moments import Moment
from api.problems import COMMON_RESPONSES

router = APIRouter(prefix="/api/v1/api-keys", tags=["API keys"], responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires("api-keys:read"))]
Writer = Annotated[Caller, Depends(Requires("api-keys:write"))]


class ApiKeyDocument(BaseModel):
    """A key without its secret."""

    id: str
    name: str
    scopes: list[str]
    networks: list[str] | None
    created: Moment = Field(validation_alias="created_ms")
    expires: Moment = Field(validation_alias="expires_ms")
    revoked: Moment | None = Field(validation_alias="revoked_ms")
    last_used: Moment | None = Field(validation_alias="last_used_ms")


class ApiKeyRequest(BaseModel):
    """The key to make; ``days`` is its life, null for the default; ``networks`` (CIDR) are where it may be used."""

    name: str = Field(max_length=128)
    scopes: list[str] = Field(max_length=64)
    days: int | None = None
    networks: list[str] = Field(default=[], max_length=32)


class CreatedApiKey(BaseModel):
    """A new key; ``secret`` is shown this once. With a request, in the key's place, it works when that is approved."""

    secret: str
    key: ApiKeyDocument | None = None
    request: AccountRequestDocument | None = None


@router.get("")
def list_keys(dependencies: Dependencies, caller: Reader) -> list[ApiKeyDocument]:
    """The caller's keys, newest first."""
    with dependencies.records.read() as session:
        rows = list_api_keys(session, signed_in(caller).user_id)
        return [ApiKeyDocument.model_validate(row, from_attributes=True) for row in rows]


@router.post(
    "", status_code=HTTPStatus.CREATED, responses=WAITS | {HTTPStatus.ACCEPTED.value: {"model": CreatedApiKey}}
)
def create_key(body: ApiKeyRequest, dependencies: Dependencies, caller: Writer, response: Response) -> CreatedApiKey:
    """Make a key with some of the caller's own scopes; one with wide scopes waits for the security administrator."""
    wanted = NewApiKey(body.name, body.scopes, body.days, body.networks)
    with dependencies.records.begin() as session:
        secret, made = make_key(session, wanted, asked_by(caller))
        if isinstance(made, AccountRequest):
            return CreatedApiKey(secret=secret, request=waiting(made, response))
        return CreatedApiKey(secret=secret, key=ApiKeyDocument.model_validate(made, from_attributes=True))


@router.delete("/{key_id}", status_code=HTTPStatus.NO_CONTENT)
def revoke_key(key_id: str, dependencies: Dependencies, caller: Writer) -> None:
    """End one of the caller's keys for good."""
    with dependencies.records.begin() as session:
        revoke_api_key(session, key_id, signed_in(caller), caller.origin)
