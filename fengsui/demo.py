"""The sample city: its day as sources, happening every day, each record at its own time; and its registers."""

from __future__ import annotations

from pathlib import Path

from audit import Actor
from audit.authorship import ChangedBy
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
ZONE = "Asia/Shanghai"

# A line of the combined access log does not say which server wrote it.
_FORMATS = {"nginx-access.log": "nginx"}


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
