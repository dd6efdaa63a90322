"""Reminders over the API and in the console: a badge for each person, of what concerns them alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from audit import Actor
from audit.authorship import ChangedBy
from events import now_ms
from incidents import NewNotice, issue_notice
from incidents.clocks.watching import watch_clocks
from registry import UnitScope
from registry.registers import Editor

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]


@pytest.fixture(scope="module")
def filled(filled: Path, tmp_path_factory: pytest.TempPathFactory, with_units: Callable[[Path, Path], Path]) -> Path:
    """The site with units and their people."""
    return with_units(filled, tmp_path_factory.mktemp("reminded") / "site")


def _overdue(site: Site) -> str:
    """A notice to the housing fund whose deadline has just passed."""
    now = now_ms()
    with site.records.begin() as session:
        by = Editor(ChangedBy(Actor("user", "x", "x"), now), UnitScope.everything())
        notice = issue_notice(session, NewNotice("lh-gjj", "脱敏 <b>", "请整改", now + 1000), by).id
        watch_clocks(session, now + 2000)
    return notice


def _reminders(client: httpx.Client, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 (any parameter)
    return dict(client.get("/api/v1/reminders", params=parameters).raise_for_status().json())


def test_people_of_the_unit_and_those_it_escalates_to_are_reminded(site: Site, sign_in: SignedIn) -> None:
    notice = _overdue(site)
    housing, police, analyst = sign_in("housing"), sign_in("police"), sign_in("analyst")
    [late] = [each for each in _reminders(housing)["reminders"] if each["clock"] == "notice_answer"]
    assert (late["subject_id"], late["stage"], late["unit_id"], late["seen"]) == (notice, "late", "lh-gjj", False)
    assert _reminders(police) == {"reminders": [], "unseen": 0}
    assert ("escalated", "analyst") in [(each["stage"], each["role"]) for each in _reminders(analyst)["reminders"]]
    page = housing.get("/reminders").text
    assert (f"/notices/{notice}" in page, "脱敏 &lt;b&gt;" in page, 'id="unseen-reminders">1<' in page) == (True,) * 3
    assert 'id="unseen-reminders"' not in police.get("/reminders").text
    token = housing.headers.pop("X-CSRF-Token")
    other = {"csrf_token": token, "reminder": late["id"], "next": "//evil.example"}
    assert housing.post("/reminders", data={**other, "reminder": "999999"}).headers["location"] == "/alerts"
    assert _reminders(housing)["unseen"] == 1
    seen = housing.post("/reminders", data={**other, "next": f"/notices/{notice}"})
    assert (seen.status_code, seen.headers["location"]) == (303, f"/notices/{notice}")
    assert _reminders(housing, unseen=True) == {"reminders": [], "unseen": 0}
    assert "没有未读提醒" in housing.get("/reminders").text
    assert f"/notices/{notice}" in housing.get("/reminders", params={"every": "true"}).text


def test_all_are_marked_as_seen_for_oneself_alone(site: Site, sign_in: SignedIn) -> None:
    _overdue(site)
    analyst, second = sign_in("analyst"), sign_in("second")
    before = _reminders(analyst)["unseen"]
    assert before > 0
    assert analyst.post("/api/v1/reminders:seen", json={}).json() == {"marked": before}
    assert (_reminders(analyst)["unseen"], _reminders(second)["unseen"]) == (0, before)
    assert _reminders(sign_in("nobody")) == {"reminders": [], "unseen": 0}
