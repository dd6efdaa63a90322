"""Threat-intelligence indicators: filters, import, retirement."""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import UploadFile

from api.access import Form, Requires
from api.caller import Caller
from api.console.rendering import redirect, render
from api.dependencies import ApiDependencies, Dependencies
from api.indicator_work import MAXIMUM_UPLOAD_BYTES, Imported, IndicatorQuery, find, retire, take_in
from api.problems import ProblemError
from detection.intelligence import IndicatorFormat, IndicatorState, IndicatorType, count_by_type

router = APIRouter(include_in_schema=False)
Writer = Annotated[Caller, Depends(Requires("indicators:write", form=True))]
_PARAMETERS = ("type", "state", "source", "text", "value")
_SHOWN_PROBLEMS = 200


@router.get("/indicators")
def show(
    request: Request,
    query: Annotated[IndicatorQuery, Query()],
    dependencies: Dependencies,
    _caller: Annotated[Caller, Depends(Requires("indicators:read"))],
) -> Response:
    """The indicators of a filter."""
    return _page(request, dependencies, query)


@router.post("/indicators/import", max_body_size=MAXIMUM_UPLOAD_BYTES)
def import_(request: Request, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Import a file and show what came of it, with all that could not be taken in."""
    source = str(form.get("source", ""))
    try:
        with _uploaded(form) as document:
            imported = take_in(dependencies, document, _format_of(str(form.get("format", ""))), source, caller)
    except ProblemError as problem:
        return _page(request, dependencies, IndicatorQuery(), problem=problem)
    return _page(request, dependencies, IndicatorQuery(), imported=imported)


@router.post("/indicators")
def act(dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Retire the selected indicators."""
    ids, back = [str(each) for each in form.getlist("indicator_id")], str(form.get("back", "/indicators"))
    if not ids:
        return redirect(back, "nothing_selected")
    reason = str(form.get("reason", "")).strip() or None
    return redirect(back, f"indicators_retired:{retire(dependencies, ids, reason, caller)}")


def _uploaded(form: Form) -> BinaryIO:
    file = form.get("file")
    return file.file if isinstance(file, UploadFile) else BytesIO()


def _format_of(name: str) -> IndicatorFormat:
    try:
        return IndicatorFormat(name)
    except ValueError as error:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_indicators", "There is no such format") from error


def _page(
    request: Request,
    dependencies: ApiDependencies,
    query: IndicatorQuery,
    *,
    imported: Imported | None = None,
    problem: ProblemError | None = None,
) -> Response:
    page = find(dependencies, query)
    with dependencies.records.read() as session:
        totals = count_by_type(session)
    context = {
        "active": "indicators",
        "query": query,
        "indicators": page.indicators,
        "alerts": page.alerts,
        "next_cursor": page.next_cursor,
        "totals": totals,
        "types": [kind.value for kind in IndicatorType],
        "states": [state.value for state in IndicatorState],
        "formats": [each.value for each in IndicatorFormat],
        "parameters": {name: getattr(query, name) or "" for name in _PARAMETERS},
        "imported": imported,
        "shown_problems": imported.problems[:_SHOWN_PROBLEMS] if imported else [],
        "problem": problem,
    }
    return render(request, "indicators.html", context, HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK)
