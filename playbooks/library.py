"""The playbooks that there are: those shipped, and those that people added; each version is kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audit.authorship import Change, ChangedBy, audit_change
from playbooks.cacao import LoadedPlaybook, Playbook, load_playbook, restore_playbook, with_credentials
from playbooks.credentials import Credentials
from playbooks.errors import InvalidPlaybookError, PlaybookNotFoundError, Problem, RunConflictError
from playbooks.runs.models import PlaybookVersion

_CONTENT = Path(__file__).parent / "content"
SHIPPED, ADDED = "shipped", "added"


@dataclass(frozen=True, slots=True)
class Listed:
    """A playbook as lists show it."""

    loaded: LoadedPlaybook
    source: str


@cache
def shipped_playbooks() -> dict[str, LoadedPlaybook]:
    """The playbooks that come with the product, by id."""
    files = sorted(_CONTENT.glob("*.yml"))
    loaded = (load_playbook(file.read_text(encoding="utf-8")) for file in files)
    return {each.playbook.id: each for each in loaded}


def list_playbooks(session: Session) -> list[Listed]:
    """The present version of every playbook, by name."""
    rows = session.scalars(select(PlaybookVersion).where(PlaybookVersion.is_current, PlaybookVersion.source == ADDED))
    listed = {row.playbook_id: Listed(_loaded(row), ADDED) for row in rows}
    for playbook_id, loaded in shipped_playbooks().items():
        listed.setdefault(playbook_id, Listed(loaded, SHIPPED))
    return sorted(listed.values(), key=lambda each: each.loaded.playbook.name)


def get_playbook(session: Session, playbook_id: str) -> Listed:
    """One playbook in its present version.

    Raises:
        PlaybookNotFoundError: there is none.
    """
    row = _current(session, playbook_id)
    if row is not None and row.source == ADDED:
        return Listed(_loaded(row), ADDED)
    shipped = shipped_playbooks().get(playbook_id)
    if shipped is None:
        raise PlaybookNotFoundError("There is no such playbook; look at the list")
    return Listed(shipped, SHIPPED)


def add_playbook(session: Session, text: str, by: ChangedBy, credentials: Credentials | None = None) -> Listed:
    """Add a playbook, or a new version of one; its secrets are sealed by ``credentials``.

    Raises:
        InvalidPlaybookError: it is not valid, or holds secrets and nothing seals them; names every place.
        RunConflictError: it would take the place of a shipped one.
    """
    loaded = load_playbook(text)
    if loaded.playbook.id in shipped_playbooks():
        raise RunConflictError("This id is of a shipped playbook; give yours an id of its own")
    if loaded.playbook.authentication_info_definitions:
        loaded = _sealed(session, loaded, credentials)
    _keep(session, loaded, ADDED, by)
    after = {"name": loaded.playbook.name, "digest": loaded.digest, "modified": loaded.playbook.modified}
    audit_change(session, Change("playbook", "add", loaded.playbook.id, None, None, after), by)
    return Listed(loaded, ADDED)


def _sealed(session: Session, loaded: LoadedPlaybook, credentials: Credentials | None) -> LoadedPlaybook:
    if credentials is None:
        problem = Problem("authentication_info_definitions", "nothing seals secrets here; add it over the API")
        raise InvalidPlaybookError([problem])
    row = _current(session, loaded.playbook.id)
    former = restore_playbook(row.text).authentication_info_definitions if row else {}
    return with_credentials(loaded, credentials.sealed(loaded.playbook, former))


def current_playbook(session: Session, playbook_id: str, by: ChangedBy) -> tuple[PlaybookVersion, Playbook]:
    """The present version, kept so that runs can hold to it.

    Raises:
        PlaybookNotFoundError: there is none.
    """
    listed = get_playbook(session, playbook_id)
    return _keep(session, listed.loaded, listed.source, by), listed.loaded.playbook


def playbook_version(
    session: Session, playbook_id: str, modified: str | None, by: ChangedBy
) -> tuple[PlaybookVersion, Playbook]:
    """The version that was modified at a time, or the present one.

    Raises:
        PlaybookNotFoundError: there is none.
    """
    version, playbook = current_playbook(session, playbook_id, by)
    if modified is None or modified == playbook.modified:
        return version, playbook
    wanted = (PlaybookVersion.playbook_id == playbook_id, PlaybookVersion.modified == modified)
    found = session.scalar(select(PlaybookVersion).where(*wanted).order_by(PlaybookVersion.added_ms.desc()))
    if found is None:
        raise PlaybookNotFoundError(f"There is no version {modified} of {playbook_id}; name another or none")
    return found, restore_playbook(found.text)


def _keep(session: Session, loaded: LoadedPlaybook, source: str, by: ChangedBy) -> PlaybookVersion:
    found = session.get(PlaybookVersion, loaded.digest)
    if found is not None and found.is_current:
        return found
    same = PlaybookVersion.playbook_id == loaded.playbook.id
    session.execute(update(PlaybookVersion).where(same).values(is_current=False))
    row = found or PlaybookVersion(
        digest=loaded.digest,
        playbook_id=loaded.playbook.id,
        name=loaded.playbook.name,
        modified=loaded.playbook.modified,
        text=loaded.text,
        source=source,
        added_ms=by.at_ms,
        added_by=by.actor.name,
    )
    row.is_current = True
    session.add(row)
    session.flush()
    return row


def _current(session: Session, playbook_id: str) -> PlaybookVersion | None:
    wanted = (PlaybookVersion.playbook_id == playbook_id, PlaybookVersion.is_current)
    return session.scalar(select(PlaybookVersion).where(*wanted))


def _loaded(row: PlaybookVersion) -> LoadedPlaybook:
    return LoadedPlaybook(restore_playbook(row.text), row.text, row.digest)
