"""A filled records database, and people who act in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit import Actor
from audit.authorship import ChangedBy
from incidents import AttachmentFiles, Editor, Subject, Upload, attach
from registry import UnitScope
from store.records import RecordsDatabase
from tests.incidents.town import PDF, Time, fill
from tests.servers.records import RecordsEngine

People = Callable[..., Editor]


@pytest.fixture
def records(records_engine: RecordsEngine) -> Iterator[RecordsDatabase]:
    with records_engine.database(fill) as opened:
        yield opened


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def people(time: Time) -> People:
    """People by name; of all units, or of those named."""

    def person(name: str = "wang.min", *units: str) -> Editor:
        scope = UnitScope.below(units) if units else UnitScope.everything()
        return Editor(ChangedBy(Actor("user", name, name), time.now, "r1", "192.0.2.1"), scope)

    return person


@pytest.fixture
def files(tmp_path: Path) -> AttachmentFiles:
    return AttachmentFiles(tmp_path / "attachments")


@pytest.fixture
def evidence(records: RecordsDatabase, files: AttachmentFiles) -> Callable[[str, Editor], str]:
    """Attaches evidence to a notice; returns its id."""

    def give(notice_id: str, editor: Editor) -> str:
        with records.begin() as session:
            return attach(session, files, Upload(Subject.NOTICE, notice_id, "proof.pdf", PDF), editor).id

    return give
