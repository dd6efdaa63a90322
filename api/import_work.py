"""Registers out of files: taken at once, or tried first and taken when their owner has seen what they would do."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.problems import ProblemError
from api.registry_work import APPROVE, WRITE, editor
from events import now_ms
from registry import ImportFileError
from registry.change_log import present_version
from registry.importing import (
    ImportKind,
    ImportReport,
    ImportTrial,
    drop_trial,
    import_file,
    keep_trial,
    kept_trial,
)
from registry.policy import import_policy

_FORM_BYTES = 1 << 16
"""What a form holds beside the file."""
MAXIMUM_UPLOAD_BYTES = import_policy().bytes_maximum + _FORM_BYTES


@dataclass(frozen=True, slots=True)
class TriedFile:
    """What a file would do.

    Attributes:
        version: the version of the registry that it was tried with.
        report: what its rows would do; None where it can't be read as this register at all, and
        refusal: why.
    """

    kind: ImportKind
    name: str
    version: int
    report: ImportReport | None
    refusal: ImportFileError | None = None


def kinds_of(caller: Caller) -> list[ImportKind]:
    """The registers whose files somebody may import, in the order in which they build on each other."""
    return [kind for kind in ImportKind if kind is not ImportKind.GRANTS or signed_in(caller).may(APPROVE)]


def take_in(
    dependencies: ApiDependencies, kind: ImportKind, content: bytes, caller: Caller, *, dry_run: bool
) -> ImportReport:
    """Import a file, or try it; grants that come approved need the scope to approve.

    Raises:
        ProblemError: the caller may not bring grants.
        ImportFileError: the file can't be read as this register at all.
    """
    if kind not in kinds_of(caller):
        raise ProblemError(HTTPStatus.FORBIDDEN, "scope_missing", f"To import grants needs the scope {APPROVE} too")
    return import_file(dependencies.records, kind, content, editor(caller, WRITE), dry_run=dry_run)


def keep_file(dependencies: ApiDependencies, trial: ImportTrial, caller: Caller) -> str:
    """Keep a file that is to be tried; returns its id."""
    with dependencies.records.begin() as session:
        return keep_trial(session, trial, _user(caller), now_ms())


def try_file(dependencies: ApiDependencies, trial_id: str, caller: Caller) -> TriedFile:
    """What a kept file would do now.

    Raises:
        TrialNotFoundError: it is not kept any more.
        ProblemError: the caller may not bring grants.
    """
    with dependencies.records.read() as session:
        trial = kept_trial(session, trial_id, _user(caller), now_ms())
        version = present_version(session)
    try:
        report = take_in(dependencies, trial.kind, trial.content, caller, dry_run=True)
    except ImportFileError as error:
        return TriedFile(trial.kind, trial.name, version, None, error)
    return TriedFile(trial.kind, trial.name, version, report)


def take_file(dependencies: ApiDependencies, trial_id: str, version: int, caller: Caller) -> ImportReport | None:
    """Take a kept file, where the registry is still as it was when its owner saw what the file would do.

    Returns:
        What it did; None where the registry has changed since.

    Raises:
        TrialNotFoundError: it is not kept any more.
        ImportFileError: the file can't be read as this register at all.
        ProblemError: the caller may not bring grants.
    """
    with dependencies.records.read() as session:
        trial = kept_trial(session, trial_id, _user(caller), now_ms())
        if present_version(session) != version:
            return None
    report = take_in(dependencies, trial.kind, trial.content, caller, dry_run=False)
    if report.taken:
        drop_file(dependencies, trial_id, caller)
    return report


def drop_file(dependencies: ApiDependencies, trial_id: str, caller: Caller) -> None:
    """Keep a file no longer."""
    with dependencies.records.begin() as session:
        drop_trial(session, trial_id, _user(caller))


def _user(caller: Caller) -> str:
    return signed_in(caller).user_id or ""
