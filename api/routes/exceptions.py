"""``/exceptions``: what rules shall no longer alert on, tried on the past before it is saved."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.problems import COMMON_RESPONSES
from api.tuning_documents import ExceptionDetail, ExceptionDocument
from api.tuning_views import read_exception, read_exceptions
from api.tuning_work import (
    ExceptionDraft,
    SaveChoice,
    approve_exception,
    document_of,
    save_exception,
    try_out,
    withdraw_exception,
)
from detection.tuning import ExceptedField, ExceptionState, as_yaml
from detection.tuning.filter_document import Comparison

router = APIRouter(
    prefix="/api/v1/exceptions", tags=["exceptions"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
Reader = Annotated[Caller, Depends(Requires("exceptions:read"))]
Writer = Annotated[Caller, Depends(Requires("exceptions:write"))]
_LONGEST_VALUE = 8192


class FieldChoice(BaseModel):
    """A field that must fit; ``value`` null: the field is absent. Values are taken letter by letter."""

    field: str = Field(max_length=255)
    value: str | None = Field(max_length=_LONGEST_VALUE)
    comparison: Comparison = "equals"


class ExceptionRequest(BaseModel):
    """An exception to a rule: events in which every field fits raise no alert any more."""

    rule_id: str = Field(max_length=255)
    fields: list[FieldChoice]
    alert_id: str | None = Field(None, max_length=32)
    title: str = Field("", max_length=200)

    def draft(self) -> ExceptionDraft:
        """The same as detection knows it."""
        fields = [ExceptedField(each.field, each.value, each.comparison) for each in self.fields]
        return ExceptionDraft(self.rule_id, fields, self.alert_id, self.title)


class BacktestRequest(ExceptionRequest):
    """An exception to try; ``days`` also tries it on every event of that many days."""

    days: int = 0


class NewException(ExceptionRequest):
    """An exception to save, for so many days; ``activate`` lets it apply at once."""

    reason: str
    days: int
    confirm_true_positives: bool = False
    activate: bool = False


class BacktestResult(BaseModel):
    """What an exception would have removed, and the Sigma filter that it is."""

    backtest: dict[str, Any]
    sigma: str


class Withdrawal(BaseModel):
    """Why an exception ends."""

    reason: str


@router.get("")
def list_all(
    dependencies: Dependencies,
    _caller: Reader,
    state: Annotated[list[ExceptionState] | None, Query()] = None,
    rule: str | None = None,
) -> list[ExceptionDocument]:
    """The exceptions, newest first."""
    return read_exceptions(dependencies, state or (), rule)


@router.post("", status_code=HTTPStatus.CREATED)
def create(body: NewException, dependencies: Dependencies, caller: Writer) -> ExceptionDetail:
    """Save an exception; one that would have hidden true positives needs ``confirm_true_positives``."""
    choice = SaveChoice(body.reason, body.days, body.confirm_true_positives, body.activate)
    row = save_exception(dependencies, body.draft(), choice, caller)
    return read_exception(dependencies, row.id)


@router.post(":backtest")
def backtest(body: BacktestRequest, dependencies: Dependencies, _caller: Writer) -> BacktestResult:
    """Try an exception on the past; nothing is saved."""
    found = try_out(dependencies, body.draft(), body.days)
    return BacktestResult(backtest=found.as_json(), sigma=as_yaml(document_of(dependencies, body.draft())))


@router.get("/{exception_id}")
def get_one(exception_id: str, dependencies: Dependencies, _caller: Reader) -> ExceptionDetail:
    """One exception with its history, its exact count, and a sample of what it withheld."""
    return read_exception(dependencies, exception_id)


@router.post("/{exception_id}:approve")
def approve(exception_id: str, dependencies: Dependencies, caller: Writer) -> ExceptionDetail:
    """Let a proposed exception apply."""
    approve_exception(dependencies, exception_id, caller)
    return read_exception(dependencies, exception_id)


@router.post("/{exception_id}:withdraw")
def withdraw(exception_id: str, body: Withdrawal, dependencies: Dependencies, caller: Writer) -> ExceptionDetail:
    """End an exception before its time."""
    withdraw_exception(dependencies, exception_id, body.reason, caller)
    return read_exception(dependencies, exception_id)
