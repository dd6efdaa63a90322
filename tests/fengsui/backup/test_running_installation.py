"""The sample city backed up while it runs, restored elsewhere, and started there."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from store import EmbeddedEventStore
from tests.fengsui.command_line import Ran
from tests.fengsui.running import Running, start_up
from tests.patience import PATIENCE_SECONDS, until

COUNTED = ("alerts", "incidents", "dead_letters", "users", "registry_grants", "playbook_runs")


def _is_passing(name: str) -> bool:
    """Whether a file of the data folder is only of use to what runs: locks, SQLite's logs, segments since merged."""
    return bool(re.search(r"(\.lock|-wal|-shm)$", name)) or name.startswith(("events/", "spool/"))


@pytest.mark.fault
def test_what_was_backed_up_in_mid_ingest_starts_elsewhere_with_its_alerts_its_people_and_a_trail_that_holds(
    started: Callable[..., Running], fengsui: Callable[..., Ran], tmp_path: Path
) -> None:
    phrase = tmp_path / "phrase"
    phrase.write_text("beacon towers along the wall\n", encoding="utf-8")
    up = started("--demo")
    with closing(up.sign_in("analyst")) as client:
        until(lambda: client.get("/api/v1/incidents").json()["incidents"])
        held = {
            path.relative_to(tmp_path / "data").as_posix() for path in (tmp_path / "data").rglob("*") if path.is_file()
        }
        made = fengsui("backup", "backups", "--passphrase-file", "phrase", "--data-dir", "data")
        assert made.status == 0, made.err
    password = up.password_of("analyst")
    up.process.terminate()
    up.process.wait(PATIENCE_SECONDS)
    restored = fengsui("restore", made.lines[0]["path"], "--passphrase-file", "phrase", "--data-dir", "elsewhere/data")
    assert restored.status == 0, restored.err
    assert "the trail holds" in restored.err
    placed = {
        path.relative_to(tmp_path / "elsewhere/data").as_posix() for path in (tmp_path / "elsewhere/data").rglob("*")
    }
    assert {name for name in held - placed if not _is_passing(name)} == set()
    with closing(EmbeddedEventStore(tmp_path / "elsewhere/data/events", "read")) as store:
        assert sum(day.events for day in store.days()) == made.lines[0]["events"] > 0
    with closing(sqlite3.connect(tmp_path / "elsewhere/data/records.sqlite3")) as database:
        counts = {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in COUNTED}  # noqa: S608 (constants)
    assert counts["alerts"] > 0
    assert counts["incidents"] > 0
    again = start_up(tmp_path / "elsewhere")
    try:
        again.said("Ctrl-C")
        with httpx.Client(base_url=again.address, timeout=60) as client:
            answer = client.post("/api/v1/sessions", json={"name": "analyst", "password": password})
            assert answer.status_code == 201
            assert client.get("/readyz").status_code == 200
            alerts = client.get("/api/v1/alerts", params={"limit": 100}).json()["alerts"]
            assert len(alerts) >= min(counts["alerts"], 100)
        assert (tmp_path / "elsewhere/data/demo-accounts.txt").stat().st_mode & 0o077 == 0
    finally:
        again.process.terminate()
        assert again.process.wait(PATIENCE_SECONDS) == 0
    verified = fengsui("audit", "verify", "--data-dir", "elsewhere/data")
    assert (verified.status, verified.lines[0]["holds"]) == (0, True), verified.err
