"""What of a backup is not taken: cut, swapped, changed, of another passphrase."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fengsui.backup.errors import BackupRefusedError
from fengsui.backup.making import Made, make_backup
from fengsui.backup.passphrase import read_passphrase
from fengsui.backup.restoring import restore_backup
from fengsui.backup.verifying import verify_backup
from fengsui.errors import FengsuiError
from fengsui.settings import Settings
from store.records import RecordsDatabase
from tests.fengsui.backup.installation import PASSPHRASE


def _restore(made: Made, settings: Settings, *, force: bool = False) -> None:
    restored = restore_backup(settings, verify_backup(Path(made.path), PASSPHRASE), force=force)
    assert restored.verdict.holds


def _flip(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def _redate(path: Path) -> None:
    seal = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**seal, "created": "2020-01-01T00:00:00.000Z"}), encoding="utf-8")


def _swap(path: Path) -> None:
    """Exchange two sealed files of the same length."""
    other = path.with_name("signing.key")
    first, second = path.read_bytes(), other.read_bytes()
    assert len(first) == len(second)
    path.write_bytes(second)
    other.write_bytes(first)


@pytest.mark.parametrize(
    ("name", "harm", "told"),
    [
        ("data/records.sqlite3", lambda path: path.write_bytes(path.read_bytes()[:-1]), "data/records.sqlite3 has"),
        ("data/records.sqlite3", _flip, "data/records.sqlite3 was changed"),
        ("data/records.sqlite3", lambda path: path.unlink(), "data/records.sqlite3 is missing"),
        ("data/secrets.key", _swap, "data/secrets.key was changed; data/signing.key was changed"),
        ("manifest.sealed", _flip, "manifest.sealed: cut, or changed"),
        ("manifest.sealed", lambda path: path.write_bytes(path.read_bytes()[:-20]), "manifest.sealed: cut, or changed"),
        ("manifest.sealed", lambda path: path.unlink(), "manifest.sealed: missing"),
        ("seal.json", lambda path: path.write_text("{}", encoding="utf-8"), "seal.json: missing, damaged"),
        ("seal.json", lambda path: path.unlink(), "no whole backup"),
        ("seal.json", _redate, "seal.json: sealed with another passphrase, or changed"),
    ],
)
def test_a_backup_that_was_cut_swapped_or_changed_is_refused_by_name(
    made: Made, elsewhere: Settings, name: str, harm: Callable[[Path], None], told: str
) -> None:
    harm(Path(made.path) / name)
    with pytest.raises(BackupRefusedError, match=told):
        _restore(made, elsewhere)
    assert not elsewhere.data_dir.exists()


def test_a_manifest_and_seal_of_another_backup_open_nothing_of_this_one(
    made: Made, settings: Settings, records: RecordsDatabase
) -> None:
    (settings.spool_dir / "devices" / "1.spool").write_bytes(b"another message!")
    second = make_backup(settings, records, Path(made.path).parent, PASSPHRASE)
    for name in ("seal.json", "manifest.sealed"):
        shutil.copyfile(Path(made.path) / name, Path(second.path) / name)
    with pytest.raises(BackupRefusedError, match=r"checkpoint\.key was changed"):
        verify_backup(Path(second.path), PASSPHRASE)


def test_another_passphrase_opens_nothing_and_one_beside_what_it_seals_is_not_taken(made: Made, tmp_path: Path) -> None:
    with pytest.raises(BackupRefusedError, match="another passphrase"):
        verify_backup(Path(made.path), "a phrase that nobody knows")
    with pytest.raises(BackupRefusedError, match=made.name):
        verify_backup(tmp_path / "backups", PASSPHRASE)
    (tmp_path / "short").write_text("short", encoding="utf-8")
    with pytest.raises(FengsuiError, match="12 characters"):
        read_passphrase(tmp_path / "short")
    within = tmp_path / "backups" / "phrase"
    within.write_text(PASSPHRASE, encoding="utf-8")
    with pytest.raises(FengsuiError, match="keep the passphrase elsewhere"):
        read_passphrase(within, [tmp_path / "backups"])
    assert read_passphrase(within, [tmp_path / "data"]) == PASSPHRASE
