"""Scans: what is scanned, scans with their progress, and what could not be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ValidationError

from api.access import Form, Requires
from api.caller import Caller
from api.console.rendering import redirect, render
from api.dependencies import ApiDependencies, Dependencies
from api.problems import ProblemError, problem_of
from api.scan_documents import DataSourceRequest, ScanDetail, ScanRequest
from api.scan_work import (
    READ,
    SCAN,
    cancel_scan,
    read_scan,
    read_scans,
    read_sources,
    register_source,
    resume_scan,
    retire_source,
    start_scan,
)
from classification.scans import InvalidDataSourceError, ScanConflictError, ScanState
from classification.sources import scan_policy

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(READ))]
Scanner = Annotated[Caller, Depends(Requires(SCAN, form=True))]
_UNDER_WAY = (ScanState.QUEUED, ScanState.RUNNING)
_SCANS = 50
_PASSWORD = re.compile(r"//[^/]*:[^/]*@")
"""A password within an address."""


@dataclass(frozen=True, slots=True)
class _Refused:
    """Why a source could not be registered, and what was filled in."""

    problem: ProblemError | None = None
    filled: Mapping[str, str] = field(default_factory=dict)


@router.get("/scans")
def show_list(
    request: Request,
    dependencies: Dependencies,
    caller: Reader,
    cursor: Annotated[str | None, Query(max_length=1024)] = None,
) -> Response:
    """The sources, and the scans, the newest first; as long as one is under way, the page follows it."""
    return _list(request, dependencies, caller, _Refused(), cursor)


def _list(
    request: Request, dependencies: ApiDependencies, caller: Caller, refused: _Refused, cursor: str | None = None
) -> Response:
    """The list, with a source that could not be registered."""
    page = read_scans(dependencies, None, _SCANS, cursor, caller)
    every = read_sources(dependencies, caller, retired=True)
    context: dict[str, Any] = {
        "refused": refused,
        "addresses": [each.address for each in scan_policy().drivers.values()],
        "active": "scans",
        "sources": [each for each in every if each.retired is None],
        "names": {each.id: each.name for each in every},
        "page": page,
        "following": any(each.state in _UNDER_WAY for each in page.scans),
        "under_way": _UNDER_WAY,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused.problem else HTTPStatus.OK
    return render(request, "scans.html", context, status)


@router.post("/scans")
def start(dependencies: Dependencies, form: Form, caller: Scanner) -> Response:
    """Have a source scanned."""
    rows = str(form.get("rows", ""))
    wanted = {"source_id": form.get("source_id"), "sample": form.get("sample") or None, "rows": rows or None}
    try:
        body = ScanRequest.model_validate(wanted)
    except ValidationError as error:
        raise _invalid("Choose a source; rows are a number above 0, or left empty") from error
    return redirect(f"/scans/{start_scan(dependencies, body, caller).id}", "scan_started")


@router.post("/scans/sources")
def register(request: Request, dependencies: Dependencies, form: Form, caller: Scanner) -> Response:
    """Register a data source; what was filled in stays where it is refused, but for passwords."""
    names = ("name", "address", "password", "password_from", "unit_id")
    filled = {name: text for name in names if (text := str(form.get(name, "")).strip())}
    try:
        register_source(dependencies, DataSourceRequest.model_validate(filled), caller)
    except ValidationError:
        told = "A source needs a name and an address; shorten what is too long"
        problem = ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_data_source", told)
    except (InvalidDataSourceError, ScanConflictError) as error:
        problem = problem_of(error)
    else:
        return redirect("/scans", "source_registered")
    shown = {name: text for name, text in filled.items() if name != "password" and not _PASSWORD.search(text)}
    return _list(request, dependencies, caller, _Refused(problem, shown))


@router.post("/scans/sources/{source_id}")
def retire(source_id: str, dependencies: Dependencies, caller: Scanner) -> Response:
    """Scan a source no more."""
    retire_source(dependencies, source_id, caller)
    return redirect("/scans", "source_retired")


@router.get("/scans/{scan_id}")
def show_one(request: Request, scan_id: str, dependencies: Dependencies, caller: Reader) -> Response:
    """One scan with its progress and everything that it looks at."""
    scan = read_scan(dependencies, scan_id, caller)
    names = {each.id: each.name for each in read_sources(dependencies, caller, retired=True)}
    context = {
        "active": "scans",
        "scan": scan,
        "name": names.get(scan.source_id, scan.source_id),
        "following": scan.state in _UNDER_WAY,
        "looked_at": _failed_first(scan),
    }
    return render(request, "scan.html", context)


@router.post("/scans/{scan_id}")
def act(scan_id: str, dependencies: Dependencies, form: Form, caller: Scanner) -> Response:
    """Cancel or resume a scan."""
    match form.get("action"):
        case "cancel":
            cancel_scan(dependencies, scan_id, caller)
        case "resume":
            resume_scan(dependencies, scan_id, caller)
        case _:
            raise _invalid("Cancel or resume the scan")
    return redirect(f"/scans/{scan_id}", f"scan_{form.get('action')}")


def _failed_first(scan: ScanDetail) -> list[Any]:
    """What could not be read stands first, else in the order of looking."""
    return sorted(scan.looked_at, key=lambda each: not each.problems)


def _invalid(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_step", detail)
