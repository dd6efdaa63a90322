"""A kept database is the compiled one; what is damaged, foreign or unreadable is compiled anew."""

from __future__ import annotations

from pathlib import Path

import hyperscan
import pytest

from detection.match import database
from detection.match.database import Compiled, DatabaseCache, default_cache

PATTERNS: list[Compiled] = [(3, b"fo+", 0), (8, b"bar", hyperscan.HS_FLAG_CASELESS)]


@pytest.fixture(autouse=True)
def keep_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_WORTH_KEEPING_SECONDS", 0.0)


def _found(compiled: hyperscan.Database | None, text: bytes) -> set[int]:
    found: set[int] = set()
    assert compiled is not None
    compiled.scan(text, match_event_handler=lambda number, *_: found.add(number))
    return found


def _compilations(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    made: list[object] = []
    compile_really = database._compile

    def compile_counted(patterns: list[Compiled]) -> hyperscan.Database | None:
        made.append(patterns)
        return compile_really(patterns)

    monkeypatch.setattr(database, "_compile", compile_counted)
    return made


def test_a_kept_database_is_not_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _compilations(monkeypatch)
    cache = DatabaseCache(tmp_path / "deep" / "cache")
    assert _found(cache.database(PATTERNS), b"xfoo BAR") == {3, 8}
    assert _found(DatabaseCache(cache.folder).database(PATTERNS), b"xfoo BAR") == {3, 8}
    assert len(made) == 1
    (file,) = (tmp_path / "deep" / "cache").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "other",
    [[(3, b"fo+", 0)], [(4, b"fo+", 0), PATTERNS[1]], [(3, b"fo*", 0), PATTERNS[1]], [(3, b"fo+", 1), PATTERNS[1]]],
)
def test_any_difference_is_another_database(tmp_path: Path, other: list[Compiled]) -> None:
    cache = DatabaseCache(tmp_path)
    cache.database(PATTERNS)
    cache.database(other)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"x" * 40, None])
def test_what_is_damaged_is_compiled_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes | None
) -> None:
    cache = DatabaseCache(tmp_path)
    cache.database(PATTERNS)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b"\xff" if damage is None else damage)
    made = _compilations(monkeypatch)
    assert _found(cache.database(PATTERNS), b"foo") == {3}
    assert len(made) == 1
    assert file.read_bytes() == whole


def test_what_others_may_write_to_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = DatabaseCache(tmp_path)
    cache.database(PATTERNS)
    (file,) = tmp_path.iterdir()
    file.chmod(0o666)
    made = _compilations(monkeypatch)
    assert _found(cache.database(PATTERNS), b"foo") == {3}
    assert len(made) == 1
    assert file.stat().st_mode & 0o077 == 0


def test_without_a_folder_to_write_to_databases_are_compiled(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for cache in (DatabaseCache(), DatabaseCache(tmp_path / "file" / "cache")):
        assert _found(cache.database(PATTERNS), b"foo") == {3}
        assert cache.database([]) is None
        assert cache.database([(1, b"(", 0)]) is None


def test_the_default_is_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache().folder == tmp_path / "fengsui" / "hyperscan"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache().folder == Path.home() / ".cache" / "fengsui" / "hyperscan"


def test_the_oldest_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_MOST_KEPT", 3)
    for number in range(6):
        DatabaseCache(tmp_path).database([(number, b"x", 0)])
    assert len(list(tmp_path.iterdir())) == 3
