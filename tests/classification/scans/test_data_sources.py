"""What may be registered, and that no credential ever comes out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from audit import AuditFilter, list_records
from classification.scans import (
    DataSource,
    DataSourceRegister,
    InvalidDataSourceError,
    ScanConflictError,
    SourceLimits,
    get_source,
    list_sources,
    retire,
)
from classification.scans.locations import open_location
from classification.sources import DatabaseSource, scan_policy
from tests.classification.scans.conftest import EVERYTHING, by_officer

if TYPE_CHECKING:
    from tests.classification.scans.conftest import Desk

_ADDRESS = "postgresql+psycopg://reader@db.example:5432/city"


def _row(desk: Desk, source_id: str) -> DataSource:
    with desk.records.read() as session:
        return get_source(session, EVERYTHING, source_id)


def test_a_password_is_sealed_and_comes_out_where_the_source_is_opened_alone(desk: Desk) -> None:
    row = _row(desk, desk.add_source(_ADDRESS, password="s3cr3t-pass"))
    assert row.location == "postgresql://db.example:5432/city"
    with desk.records.read() as session:
        trail = [each.after or "" for each in list_records(session, AuditFilter(), 100)]
    assert trail
    assert not any("s3cr3t" in text for text in trail)
    desk.records.close()
    for path in desk.data.parent.glob("records.db*"):
        assert b"s3cr3t" not in path.read_bytes()
    source = desk.register.open(row, scan_policy().sampling)
    assert isinstance(source, DatabaseSource)
    assert (source.url.password, source.url.username) == ("s3cr3t-pass", "reader")
    assert "s3cr3t" not in repr(source)


def test_another_key_or_another_row_opens_nothing(desk: Desk) -> None:
    row = _row(desk, desk.add_source(_ADDRESS, password="x"))
    other = DataSourceRegister(b"o" * 32, SourceLimits((desk.data,)))
    with pytest.raises(InvalidDataSourceError, match="another key"):
        other.open(row, scan_policy().sampling)
    row.id = "another"
    with pytest.raises(InvalidDataSourceError, match="another key"):
        desk.register.open(row, scan_policy().sampling)


def test_a_password_may_stay_where_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    by_variable = _row(desk, desk.add_source(_ADDRESS, password_from="env:FENGSUI_SOURCE_CITY"))
    with pytest.raises(InvalidDataSourceError, match="no password there"):
        desk.register.open(by_variable, scan_policy().sampling)
    monkeypatch.setenv("FENGSUI_SOURCE_CITY", "from-env")
    by_file = _row(desk, desk.add_source(_ADDRESS, password_from="file:city.txt", name="other"))
    (desk.data.parent / "secrets" / "city.txt").write_text("from-file\n", encoding="utf-8")
    opened = [desk.register.open(row, scan_policy().sampling) for row in (by_variable, by_file)]
    assert [source.url.password for source in opened if isinstance(source, DatabaseSource)] == ["from-env", "from-file"]


@pytest.mark.parametrize(
    "reference",
    ["env:PATH", "file:../records.db", "file:/etc/passwd", "vault:x", "env:FENGSUI_SOURCE_", "FENGSUI_SOURCE_X"],
)
def test_no_other_variable_or_file_can_be_had_as_a_password(desk: Desk, reference: str) -> None:
    with pytest.raises(InvalidDataSourceError, match="password_from"):
        desk.add_source(_ADDRESS, password_from=reference)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/etc/passwd", "none of the folders"),
        ("{data}/../records.db", "none of the folders"),
        ("sqlite:////etc/passwd", "none of the folders"),
        ("sqlite:///{data}/../records.db", "none of the folders"),
        ("sqlite://", "none of the folders"),
        ("postgresql://u:pw@h/db?passfile=/etc/shadow", "options passfile"),
        ("access+pyodbc://u:pw@h/db", "no such kind"),
        ("sqlite+pysqlite:///file:/etc/passwd?uri=true", "none of the folders"),
    ],
)
def test_what_may_not_be_scanned_is_refused(desk: Desk, address: str, told: str) -> None:
    with pytest.raises(InvalidDataSourceError, match=told) as raised:
        desk.add_source(address.replace("{data}", str(desk.data)))
    assert "pw" not in str(raised.value)


def test_a_link_out_of_the_folder_is_not_followed_when_scanned(desk: Desk) -> None:
    (desk.data / "out").symlink_to("/etc")
    with pytest.raises(InvalidDataSourceError, match="none of the folders"):
        open_location(str(desk.data / "out"), None, scan_policy().sampling, SourceLimits((desk.data,)))


def test_names_tell_sources_apart_until_one_is_retired(desk: Desk) -> None:
    source_id = desk.add_source()
    with pytest.raises(ScanConflictError, match="Another source"):
        desk.add_source()
    with desk.records.begin() as session:
        retire(session, EVERYTHING, source_id, by_officer())
        with pytest.raises(ScanConflictError):
            retire(session, EVERYTHING, source_id, by_officer())
    with pytest.raises(ScanConflictError, match="retired"):
        desk.start(source_id)
    again = desk.add_source()
    with desk.records.read() as session:
        assert [row.id for row in list_sources(session, EVERYTHING)] == [again]
        assert len(list_sources(session, EVERYTHING, retired=True)) == 2
