"""A request for work on a privileged account, as programs and pages see it: without its hash or digest."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Self

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.identity.account_requests import AccountRequest, RequestKind, RequestState
from api.moments import Moment
from events import now_ms


class RolesBefore(BaseModel):
    """What an account had before."""

    roles: list[str]
    units: list[str]


class RequestDetail(BaseModel):
    """What will be done; of what the request's kind does not have, nothing."""

    model_config = ConfigDict(extra="ignore")

    display_name: str | None = None
    email: str | None = None
    external_subject: str | None = None
    roles: list[str] | None = None
    units: list[str] | None = None
    before: RolesBefore | None = None
    scopes: list[str] | None = None
    networks: list[str] | None = None
    days: int | None = None


class AccountRequestDocument(BaseModel):
    """A request; ``subject`` names the account, or the key."""

    id: str
    kind: RequestKind
    subject: str
    user_id: str | None
    detail: RequestDetail
    requested_by: str
    requested_by_id: str
    requested: Moment = Field(validation_alias="requested_ms")
    expires: Moment = Field(validation_alias="expires_ms")
    state: RequestState
    decided_by: str | None
    decided: Moment | None = Field(validation_alias="decided_ms")
    reason: str | None

    @model_validator(mode="after")
    def _nobody_decided_in_time(self) -> Self:
        if self.state is RequestState.PENDING and self.expires <= now_ms():
            self.state = RequestState.EXPIRED  # written down within a second, by the housekeeping
        return self


WAITS: dict[int | str, dict[str, Any]] = {
    HTTPStatus.ACCEPTED.value: {
        "model": AccountRequestDocument,
        "description": "Another person, the security administrator, must approve it first",
    }
}
"""What a route answers beside its own where something waits."""


def document_of(request: AccountRequest) -> AccountRequestDocument:
    """A request as it is shown."""
    return AccountRequestDocument.model_validate(request, from_attributes=True)


def waiting(request: AccountRequest, response: Response) -> AccountRequestDocument:
    """The answer that something waits, with its status."""
    response.status_code = HTTPStatus.ACCEPTED
    return document_of(request)
