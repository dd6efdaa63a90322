"""The sample city: its day as sources, happening every day, each record at its own time; and its registers."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from audit import Actor
from audit.authorship import ChangedBy
from classification.review import (
    Confirmation,
    FindingFilter,
    FindingState,
    by_itself,
    decide_many,
    list_findings,
    suggest_from_catalog,
)
from classification.scans import DataSourceRegister, NewDataSource, list_sources, start
from collectors.sources.config import FileSourceConfig
from events import now_ms
from fengsui.errors import FengsuiError
from registry import UnitScope
from registry.change_log import present_version
from registry.importing import ImportKind, import_file
from registry.registers import Editor
from store.records import RecordsDatabase

_SAMPLES = Path(__file__).resolve().parent.parent / "samples"
CITY = _SAMPLES / "city"
REGISTRY = _SAMPLES / "registry"
TABLES = _SAMPLES / "tables"
ZONE = "Asia/Shanghai"
_REVIEWER = Actor("user", "demo-reviewer", "演示复核人")
_CONFIRMED = 60
_TABLES = "table."

# A line of the combined access log does not say which server wrote it.
_FORMATS = {"nginx-access.log": "nginx"}


def check_samples() -> None:
    """See that the sample city is there.

    Raises:
        FengsuiError: it is not: an installed package comes without it.
    """
    if not CITY.is_dir():
        raise FengsuiError(
            f"{CITY}: the sample city comes with the source alone; take that and `make run` in its folder"
        )


def demo_sources() -> tuple[FileSourceConfig, ...]:
    """One source a sample file."""
    return tuple(
        FileSourceConfig(
            name=f"demo.{path.name.partition('.')[0]}",
            paths=(str(path),),
            format=_FORMATS.get(path.name),
            timezone=ZONE,
            pace="daily",
        )
        for path in sorted(CITY.iterdir())
    )


def load_demo_registry(records: RecordsDatabase) -> None:
    """Register the sample city's units, systems, catalog, consumers and grants, unless anything is registered already.

    Raises:
        FengsuiError: a file does not hold.
    """
    with records.read() as session:
        if present_version(session):
            return
    editor = Editor(ChangedBy(Actor("system", "demo", "demo"), now_ms()), UnitScope.everything())
    for kind in ImportKind:
        path = REGISTRY / f"{kind}.csv"
        report = import_file(records, kind, path.read_bytes(), editor)
        if not report.taken:
            first = report.problems[0]
            raise FengsuiError(f"{path}:{first.row}: {first.column}: {first.message}")


def load_demo_review(records: RecordsDatabase) -> None:
    """Suggest what the catalog's names say, and confirm part of it, so that some data is graded and some waits."""
    with records.begin() as session:
        if list_findings(session, UnitScope.everything(), FindingFilter(), 1):
            return
        suggest_from_catalog(session, UnitScope.everything(), by_itself(now_ms()))
        session.flush()
        waiting = FindingFilter([FindingState.SUGGESTED], text=_TABLES)
        chosen = [row.id for row in list_findings(session, UnitScope.everything(), waiting, _CONFIRMED)]
        by = ChangedBy(_REVIEWER, now_ms())
        decide_many(session, UnitScope.everything(), chosen, Confirmation("演示数据"), by)


def load_demo_scan(records: RecordsDatabase, register: DataSourceRegister) -> None:
    """Register the city's tables as a data source and have them scanned, unless there are sources already."""
    by = ChangedBy(Actor("system", "demo", "demo"), now_ms())
    with records.begin() as session:
        if not _any_source(session):
            source = register.register(session, NewDataSource("岚湖市业务数据文件", str(TABLES)), by)
            start(session, UnitScope.everything(), source.id, None, by)


def _any_source(session: Session) -> bool:
    return bool(list_sources(session, UnitScope.everything(), retired=True))
