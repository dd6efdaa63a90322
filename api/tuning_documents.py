"""Exceptions, silences and rules' lives as the API shows them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from api.dependencies import RuleSummary
from api.moments import Moment
from detection.lifecycle import RuleState
from detection.tuning import (
    ExceptionState,
    RuleException,
    Silence,
    WithheldCount,
    as_yaml,
    effective_state,
)


class ExceptionDocument(BaseModel):
    """An exception; ``withheld`` is how many events it has kept from raising alerts, exactly."""

    id: str
    rule_id: str
    rule_title: str
    title: str
    state: ExceptionState
    owner: str
    reason: str
    created: Moment
    approved: Moment | None
    approved_by: str | None
    expires: Moment
    alert_id: str | None
    withheld: int
    last_withheld: Moment | None
    document: dict[str, Any]


class StepDocument(BaseModel):
    """One step in an exception's life, or one switch of a rule."""

    at: Moment
    from_state: str | None
    to_state: str
    actor: str
    reason: str | None


class ExceptionDetail(ExceptionDocument):
    """An exception with its Sigma filter as YAML, what it would have removed when proposed, and its history."""

    sigma: str
    backtest: dict[str, Any]
    transitions: list[StepDocument]
    sample: list[str]


class SilenceDocument(BaseModel):
    """A silence; ``silenced`` is how many alerts it took out of the queue."""

    id: str
    starts: Moment
    ends: Moment
    matchers: dict[str, list[str]]
    reason: str
    owner: str
    created: Moment
    ended_by: str | None
    silenced: int


class RuleVersionDocument(BaseModel):
    """A rule's content as first loaded; ``version`` is the SHA-256 of what its document says."""

    version: str
    seen: Moment
    path: str
    title: str
    status: str | None


class RuleLifeDocument(BaseModel):
    """A rule with its state (and that of its Sigma status), version, alerts, and what it matched while on trial."""

    rule: RuleSummary
    state: RuleState
    default_state: RuleState
    version: str | None
    alerts: int
    matched_on_trial: int
    last_on_trial: Moment | None


class RuleDetail(RuleLifeDocument):
    """The same with every switch and version, oldest first."""

    changes: list[StepDocument] = Field(default_factory=list)
    versions: list[RuleVersionDocument] = Field(default_factory=list)


def exception_document(row: RuleException, count: WithheldCount, now_ms: int) -> ExceptionDocument:
    """The document of an exception at a moment."""
    return ExceptionDocument(**_exception_fields(row, count, now_ms))


def exception_detail(
    row: RuleException, count: WithheldCount, now_ms: int, history: list[StepDocument], sample: list[str]
) -> ExceptionDetail:
    """The whole of an exception at a moment."""
    fields = _exception_fields(row, count, now_ms)
    return ExceptionDetail(
        **fields, sigma=as_yaml(row.document), backtest=row.backtest, transitions=history, sample=sample
    )


def silence_document(row: Silence, silenced: int) -> SilenceDocument:
    """The document of a silence."""
    columns = {name: getattr(row, name) for name in SilenceDocument.model_fields if name != "silenced"}
    return SilenceDocument(**columns, silenced=silenced)


def _exception_fields(row: RuleException, count: WithheldCount, now_ms: int) -> dict[str, Any]:
    derived: dict[str, Any] = {
        "title": str(row.document["title"]),
        "state": effective_state(row, now_ms),
        "withheld": count.events,
        "last_withheld": count.last_seen,
    }
    stored = ExceptionDocument.model_fields.keys() - derived.keys()
    return {name: getattr(row, name) for name in stored} | derived
