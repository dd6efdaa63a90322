"""The key of fingerprints is rotated from the command line, on record, and older fingerprints are still read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from audit import AuditFilter, list_records
from classification.masking import load_fingerprints
from store.records import RecordsDatabase

if TYPE_CHECKING:
    from conftest import Fengsui


def test_a_key_is_rotated(fengsui: Fengsui, tmp_path: Path) -> None:
    data = tmp_path / "var"
    data.mkdir()
    before = load_fingerprints(data).of("13800138000", "mobile_phone")
    result = fengsui("fingerprints", "rotate")
    after = load_fingerprints(data)
    assert result.status == 0
    assert f"key {after.key_id}; 1 older" in result.err
    assert after.of("13800138000", "mobile_phone") != before
    assert after.matches(before, "+86 13800138000", "mobile_phone")
    records = RecordsDatabase(f"sqlite:///{data}/records.sqlite3")
    with records.read() as session:
        assert [each.action for each in list_records(session, AuditFilter(), 5)] == ["fingerprint_key:rotate"]
    records.close()


def test_a_damaged_file_is_told_and_left(fengsui: Fengsui, tmp_path: Path) -> None:
    data = tmp_path / "var"
    data.mkdir()
    (data / "fingerprint.keys").write_text("zz\n", encoding="ascii")
    result = fengsui("fingerprints", "rotate")
    assert result.status == 2
    assert "restore it from the backup" in result.err
    assert (data / "fingerprint.keys").read_text(encoding="ascii") == "zz\n"
