"""Registers out of files: choose one, see row by row what it would do, have it taken."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import UploadFile

from api.access import Form, Requires
from api.caller import Caller
from api.console.data_words import DataWords
from api.console.import_words import ImportWords
from api.console.rendering import redirect, render
from api.console.translation import catalog, language_of
from api.dependencies import Dependencies
from api.import_work import MAXIMUM_UPLOAD_BYTES, drop_file, keep_file, kinds_of, take_file, try_file
from api.problems import ProblemError
from api.registry_work import WRITE
from registry import TrialNotFoundError
from registry.importing import ImportKind, ImportTrial
from registry.policy import import_policy

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(Requires(WRITE))]
Writer = Annotated[Caller, Depends(Requires(WRITE, form=True))]
_PATH = "/registry/import"
_PAGES = {
    ImportKind.UNITS: "/units",
    ImportKind.SYSTEMS: "/systems",
    ImportKind.RESOURCES: "/catalog",
    ImportKind.FIELDS: "/catalog",
    ImportKind.CONSUMERS: "/consumers",
    ImportKind.ACCOUNTS: "/consumers",
    ImportKind.GRANTS: "/grants",
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What stands on the page beside the choice of a file."""

    kind: str = ""
    problem: str = ""


@router.get(_PATH)
def show(request: Request, caller: Reader, kind: str = "") -> Response:
    """The registers with their templates, and the choice of a file."""
    return _page(request, caller, _Shown(kind))


@router.post(_PATH, max_body_size=MAXIMUM_UPLOAD_BYTES)
def try_(request: Request, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Keep a file and show what it would do."""
    chosen, (name, content) = str(form.get("kind", "")), _uploaded(form)
    if chosen not in kinds_of(caller):
        return _page(request, caller, _Shown(problem="no_kind"))
    if not name:
        return _page(request, caller, _Shown(chosen, "no_file"))
    trial = ImportTrial(ImportKind(chosen), name, content)
    return redirect(f"{_PATH}/{keep_file(dependencies, trial, caller)}")


@router.get(f"{_PATH}/{{trial_id}}")
def show_trial(request: Request, trial_id: str, dependencies: Dependencies, caller: Reader) -> Response:
    """What a file would do, row by row."""
    try:
        tried = try_file(dependencies, trial_id, caller)
    except TrialNotFoundError:
        return redirect(_PATH, "trial_gone")
    words = ImportWords(DataWords(language_of(request)), catalog(language_of(request)), tried.kind)
    context: dict[str, Any] = {
        "active": "registry_import",
        "tried": tried,
        "words": words,
        "kinds": [tried.kind],
        "chosen": tried.kind.value,
    }
    return render(request, "registry_trial.html", context)


@router.post(f"{_PATH}/{{trial_id}}")
def act(trial_id: str, dependencies: Dependencies, form: Form, caller: Writer) -> Response:
    """Take a file, or drop it."""
    if form.get("action") == "drop":
        drop_file(dependencies, trial_id, caller)
        return redirect(_PATH, "trial_dropped")
    try:
        report = take_file(dependencies, trial_id, _version(form), caller)
    except TrialNotFoundError:
        return redirect(_PATH, "trial_gone")
    if report is None or not report.taken:
        return redirect(f"{_PATH}/{trial_id}", "trial_outdated")
    return redirect(f"{_PATH}?kind={_next(report.kind)}", f"registry_imported:{report.added}:{report.changed}")


def _uploaded(form: Form) -> tuple[str, bytes]:
    """The name and the content of the file; empty where none was chosen."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        return "", b""
    with file.file as document:
        return file.filename or "", document.read()


def _page(request: Request, caller: Caller, shown: _Shown) -> Response:
    kinds = kinds_of(caller)
    context: dict[str, Any] = {
        "active": "registry_import",
        "words": {
            kind: ImportWords(DataWords(language_of(request)), catalog(language_of(request)), kind) for kind in kinds
        },
        "kinds": kinds,
        "pages": _PAGES,
        "chosen": shown.kind,
        "problem": shown.problem,
        "limits": import_policy(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if shown.problem else HTTPStatus.OK
    return render(request, "registry_import.html", context, status)


def _version(form: Form) -> int:
    """The version of the registry that the page was shown with."""
    text = str(form.get("version", ""))
    if not text.isdecimal():
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_step", "Take the file, or drop it")
    return int(text)


def _next(kind: ImportKind) -> str:
    """The register whose file comes after; after the last, the same again."""
    kinds = list(ImportKind)
    return kinds[min(kinds.index(kind) + 1, len(kinds) - 1)].value
