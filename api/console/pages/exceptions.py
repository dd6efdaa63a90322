"""Exceptions: from an alert's fields through the look at the past to the list of what is withheld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, cast, get_args

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Form, Requires
from api.alert_events import load_alert
from api.caller import Caller
from api.console.rendering import redirect, render
from api.dependencies import ApiDependencies, Dependencies
from api.problems import problem_of
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
from detection.alerts import Alert
from detection.alerts.grouping import LONGEST_SAMPLE_VALUE
from detection.tuning import (
    ExceptedField,
    ExceptionState,
    Retrospect,
    TruePositivesRemovedError,
    TuningConflictError,
    TuningError,
    as_yaml,
    tuning_policy,
)
from detection.tuning.filter_document import Comparison

router = APIRouter(include_in_schema=False)
Writer = Annotated[Caller, Depends(Requires("exceptions:write", form=True))]
_STORE_DAYS = (0, 1, 7, 30)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field that the form offers, and whether it is part of the exception."""

    field: str
    value: str | None
    comparison: Comparison = "equals"
    chosen: bool = True


@router.get("/exceptions")
def show_list(
    request: Request,
    dependencies: Dependencies,
    _caller: Annotated[Caller, Depends(Requires("exceptions:read"))],
    state: Annotated[list[ExceptionState] | None, Query()] = None,
) -> Response:
    """The exceptions in some states; without any, those that wait or apply."""
    shown = state or [ExceptionState.PROPOSED, ExceptionState.ACTIVE]
    context = {
        "active": "exceptions",
        "exceptions": read_exceptions(dependencies, shown),
        "states": [each.value for each in ExceptionState],
        "shown": shown,
    }
    return render(request, "exceptions.html", context)


@router.get("/exceptions/new")
def show_form(
    request: Request,
    dependencies: Dependencies,
    alert: str,
    caller: Annotated[Caller, Depends(Requires("exceptions:write"))],
) -> Response:
    """The form, filled from an alert."""
    found = load_alert(dependencies, alert, caller)
    return render(request, "exception_new.html", _form_context(found, _offered(found)))


@router.post("/exceptions/new")
def act_on_form(request: Request, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Try the exception on the past, or save what was tried."""
    alert = load_alert(dependencies, str(form.get("alert", "")), caller)
    rows, decision = _rows(form), str(form.get("action", "backtest"))
    fields = [ExceptedField(row.field, row.value, row.comparison) for row in rows if row.chosen]
    draft = ExceptionDraft(alert.rule_id, fields, alert.id, str(form.get("title", "")))
    context = _form_context(alert, rows) | _filled(form)
    try:
        if decision in ("save", "activate"):
            row = save_exception(dependencies, draft, _choice(form, activate=decision == "activate"), caller)
            return redirect(
                f"/exceptions/{row.id}", "exception_active" if decision == "activate" else "exception_saved"
            )
        context |= _tried(dependencies, draft, _number(form, "store_days"))
    except (TuningError, TruePositivesRemovedError, TuningConflictError) as error:
        context["problem"] = problem_of(error)
        if isinstance(error, TruePositivesRemovedError):
            context |= _tried(dependencies, draft, 0)
    return render(
        request, "exception_new.html", context, HTTPStatus.UNPROCESSABLE_ENTITY if context["problem"] else HTTPStatus.OK
    )


@router.get("/exceptions/{exception_id}")
def show_one(
    request: Request,
    exception_id: str,
    dependencies: Dependencies,
    _caller: Annotated[Caller, Depends(Requires("exceptions:read"))],
) -> Response:
    """One exception with its filter, its count, its sample and its history."""
    detail = read_exception(dependencies, exception_id)
    return render(request, "exception.html", {"active": "exceptions", "exception": detail})


@router.post("/exceptions/{exception_id}")
def act_on_one(exception_id: str, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Approve or withdraw an exception."""
    if form.get("action") == "approve":
        approve_exception(dependencies, exception_id, caller)
        return redirect(f"/exceptions/{exception_id}", "exception_active")
    withdraw_exception(dependencies, exception_id, str(form.get("reason", "")), caller)
    return redirect(f"/exceptions/{exception_id}", "exception_withdrawn")


def _offered(alert: Alert) -> list[FieldRow]:
    """The alert's entities and the fields that satisfied its rule, each once."""
    rows = [FieldRow(name, value) for name, value in alert.entity.items()]
    for matched in alert.matched_fields:
        name, value = matched.get("field") or matched.get("event_field"), matched.get("value")
        cut = value is not None and len(value) >= LONGEST_SAMPLE_VALUE
        if name:
            rows.append(FieldRow(name, value, "startswith" if cut else "equals"))
    return list(dict.fromkeys(rows))[: tuning_policy().exceptions.fields_maximum]


def _rows(form: Form) -> list[FieldRow]:
    chosen = set(form.getlist("use"))
    named = zip(form.getlist("field"), form.getlist("value"), form.getlist("comparison"), strict=False)
    return [
        FieldRow(
            str(name),
            None if comparison == "absent" else str(value),
            cast("Comparison", comparison) if comparison in get_args(Comparison) else "equals",
            str(position) in chosen,
        )
        for position, (name, value, comparison) in enumerate(named)
        if position < tuning_policy().exceptions.fields_maximum
    ]


def _choice(form: Form, *, activate: bool) -> SaveChoice:
    confirmed = form.get("confirm_true_positives") == "yes"
    return SaveChoice(str(form.get("reason", "")), _number(form, "days"), confirmed, activate)


def _number(form: Form, name: str) -> int:
    text = str(form.get(name, ""))
    return int(text) if text.isdecimal() and len(text) < len("10000") else 0


def _tried(dependencies: ApiDependencies, draft: ExceptionDraft, days: int) -> dict[str, Any]:
    retrospect: Retrospect = try_out(dependencies, draft, days)
    return {"retrospect": retrospect, "sigma": as_yaml(document_of(dependencies, draft))}


def _filled(form: Form) -> dict[str, Any]:
    """What the person has typed so far."""
    return {
        "title": str(form.get("title", "")),
        "reason": str(form.get("reason", "")),
        "days": _number(form, "days"),
        "store_days": _number(form, "store_days"),
    }


def _form_context(alert: Alert, rows: Sequence[FieldRow]) -> dict[str, Any]:
    policy = tuning_policy().exceptions
    return {
        "active": "exceptions",
        "alert": alert,
        "rows": rows,
        "comparisons": get_args(Comparison),
        "days_choices": _STORE_DAYS,
        "maximum_days": policy.maximum_days,
        "reason_maximum": policy.reason_maximum_length,
        "approval_by_another": policy.approval_by_another,
        "title": "",
        "reason": "",
        "days": policy.default_days,
        "store_days": 0,
        "retrospect": None,
        "sigma": "",
        "problem": None,
    }
