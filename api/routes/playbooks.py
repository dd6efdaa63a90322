"""``/playbooks``: the playbooks, their check and their dry run."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.playbook_documents import (
    DryRunRequest,
    DryStepDocument,
    PlaceProblem,
    PlaybookDetail,
    PlaybookDocument,
    PlaybookText,
    Verdict,
)
from api.playbook_views import playbook_detail, playbook_document
from api.problems import COMMON_RESPONSES
from api.registry_work import editor
from playbooks import Credentials, InvalidPlaybookError, add_playbook, get_playbook, list_playbooks
from playbooks.cacao import load_playbook
from playbooks.runs.dry_run import dry_run

READ, WRITE = "playbooks:read", "playbooks:write"
router = APIRouter(
    prefix="/api/v1/playbooks", tags=["playbooks"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
Reader = Annotated[Caller, Depends(Requires(READ))]
Writer = Annotated[Caller, Depends(Requires(WRITE))]


@router.get("")
def listing(dependencies: Dependencies, _caller: Reader) -> list[PlaybookDocument]:
    """The playbooks, by name."""
    with dependencies.records.read() as session:
        return [playbook_document(each) for each in list_playbooks(session)]


@router.post("", status_code=HTTPStatus.CREATED)
def add(body: PlaybookText, dependencies: Dependencies, caller: Writer) -> PlaybookDocument:
    """Add a playbook (CACAO v2.0), or a new version of one."""
    with dependencies.records.begin() as session:
        credentials = Credentials(dependencies.secrets_key)
        return playbook_document(add_playbook(session, body.text, editor(caller, WRITE).by, credentials))


@router.post(":validate")
def validate(body: PlaybookText, _caller: Reader) -> Verdict:
    """Whether a text is a playbook that can be run, and if not, where and why."""
    try:
        load_playbook(body.text)
    except InvalidPlaybookError as error:
        problems = [PlaceProblem(place=each.place, reason=each.reason) for each in error.problems]
        return Verdict(valid=False, problems=problems)
    return Verdict(valid=True, problems=[])


@router.get("/{playbook_id}")
def get(playbook_id: str, dependencies: Dependencies, _caller: Reader) -> PlaybookDetail:
    """One playbook with its document."""
    with dependencies.records.read() as session:
        return playbook_detail(get_playbook(session, playbook_id))


@router.post("/{playbook_id}:dry-run")
def try_out(playbook_id: str, body: DryRunRequest, dependencies: Dependencies, caller: Reader) -> list[DryStepDocument]:
    """Exactly what the playbook would do with these values, without doing any of it."""
    with dependencies.records.read() as session:
        playbook = get_playbook(session, playbook_id).loaded.playbook
        steps = dry_run(session, playbook, body.variables, editor(caller, READ))
    names = ("step_id", "type", "name", "ways", "approval_role", "actions", "problem")
    return [DryStepDocument(**{name: getattr(step, name) for name in names}) for step in steps]
