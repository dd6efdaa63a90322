"""The audit trail over HTTP and on its page: found, checked, taken out; looking is recorded too."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import run
from typing import TYPE_CHECKING, Any

import httpx
from sqlalchemy import text

from audit import verify_export

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]


def _records(client: httpx.Client, **query: str) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/audit-records", params=query)
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()["records"]
    return listed


def test_finds_by_actor_action_outcome_and_time(site: Site, sign_in: SignedIn) -> None:
    with site.client() as client:
        client.post("/api/v1/sessions", json={"name": "analyst", "password": "wrong"})
    sign_in()
    auditor = sign_in("auditor")
    failed = _records(auditor, action="session:create", outcome="failure")
    assert [each["reason"] for each in failed] == ["wrong_password"]
    assert {each["actor"]["name"] for each in _records(auditor, actor_name="analyst")} == {"analyst"}
    assert _records(auditor, **{"from": "now-1h"})
    assert _records(auditor, to="now-1h") == []
    assert auditor.get("/api/v1/audit-records", params={"from": "never"}).status_code == 422


def test_an_export_is_checked_by_the_stand_alone_program_and_recorded(sign_in: SignedIn, tmp_path: Path) -> None:
    auditor = sign_in("auditor")
    answer = auditor.get("/api/v1/audit-records/export")
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines[0]["kind"] == "export"
    assert lines[-1]["action"] == "audit:export"
    (tmp_path / "trail.ndjson").write_text(answer.text, encoding="utf-8")
    command = [sys.executable, "-I", verify_export.__file__, tmp_path / "trail.ndjson", "--public-key", "00" * 32]
    checked = run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_the_page_names_the_first_bad_record(site: Site, sign_in: SignedIn) -> None:
    auditor = sign_in("auditor")
    form = {"csrf_token": auditor.headers.pop("X-CSRF-Token")}
    assert "审计轨迹完整" in auditor.post("/audit-trail/verification", data=form).text
    with site.records.begin() as session:
        session.execute(text("DROP TRIGGER audit_records_no_update"))
        session.execute(text("UPDATE audit_records SET actor_name = 'nobody' WHERE sequence = 2"))
    page = auditor.post("/audit-trail/verification", data=form).text
    assert "审计轨迹不完整" in page
    assert "第 2 条" in page
    verdict = auditor.get("/api/v1/audit-records/verification").json()
    assert (verdict["holds"], verdict["first_bad_sequence"]) == (False, 2)
    checks = _records(auditor, action="audit:verify")
    assert [each["after"]["first_bad"] for each in checks] == [2, 2, None]


def test_pages_are_turned_and_only_readers_of_the_trail_see_it(sign_in: SignedIn) -> None:
    auditor = sign_in("auditor")
    first = auditor.get("/audit-trail", params={"limit": 2}).text
    assert 'rel="next"' in first
    assert sign_in().get("/audit-trail").status_code == 403
    assert auditor.post("/audit-trail/verification", data={}).status_code == 403
