"""A unit's people see the alerts that their unit answers for and no others, in whatever way they ask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from api.identity.accounts import NewAccount, create_user
from audit import Actor
from detection.alerts import AlertUpdate, record_matches
from events import now_ms
from store.records import RecordsDatabase

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
PASSWORD = "correct horse battery"
OWN, BELOW, OTHER, NOBODYS = "own", "below", "other", "nobodys"


@pytest.fixture(scope="module")
def filled(filled: Path, with_units: Callable[[Path, Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with two units, an alert of each, one of the unit above them, and one that nobody answers for."""
    folder = with_units(filled, tmp_path_factory.mktemp("units") / "site")
    records = RecordsDatabase(f"sqlite:///{folder}/records.db")
    now = now_ms()
    with records.begin() as session:
        updates = [
            AlertUpdate(
                name, "rule-of-units", f"Title {name}", "high", 3, [], [], "test", {"host.name": f"host-{name}"}, [],
                [(f"event-{name}", now)], unit, "sys-1",
            )
            for name, unit in ((OWN, "lh-gjj"), (OTHER, "lh-gaj"), (BELOW, "lh"), (NOBODYS, None))
        ]  # fmt: skip
        record_matches(session, updates, now)
        account = NewAccount("mayor", PASSWORD, ["unit_data_officer"], units=["lh"])
        create_user(session, account, Actor("system", "test", "test"))
    records.close()
    return folder


def test_lists_pages_and_counts_hold_the_own_units_alone(sign_in: SignedIn) -> None:
    housing, mayor, analyst = sign_in("housing"), sign_in("mayor"), sign_in("analyst")
    query = {"rule": "rule-of-units"}
    for client, seen in ((housing, {OWN}), (mayor, {OWN, OTHER, BELOW}), (analyst, {OWN, OTHER, BELOW, NOBODYS})):
        listed = client.get("/api/v1/alerts", params=query).json()["alerts"]
        assert {alert["id"] for alert in listed} == seen
        page = client.get("/alerts", params=query).text
        assert {name for name in (OWN, OTHER, BELOW, NOBODYS) if f"Title {name}" in page} == seen
        assert f"<b>{len(seen)}</b>" in page
    assert [alert["unit_id"] for alert in housing.get("/api/v1/alerts").json()["alerts"]] == ["lh-gjj"]
    chosen = analyst.get("/api/v1/alerts", params=query | {"unit": "lh-gaj"}).json()["alerts"]
    assert [alert["id"] for alert in chosen] == [OTHER]
    assert housing.get("/api/v1/alerts", params={"unit": "lh-gaj"}).json()["alerts"] == []


@pytest.mark.parametrize("path", ["/api/v1/alerts/{}", "/api/v1/alerts/{}/transitions", "/alerts/{}"])
def test_an_alert_of_others_is_as_if_it_were_not_there(sign_in: SignedIn, path: str) -> None:
    housing = sign_in("housing")
    assert housing.get(path.format(OWN)).status_code == 200
    assert "analyst" not in housing.get(path.format(OWN)).text
    for name in (OTHER, BELOW, NOBODYS, "never-was"):
        assert housing.get(path.format(name)).status_code == 404, name


def test_a_unit_triages_nothing_and_reads_no_events(sign_in: SignedIn) -> None:
    housing = sign_in("housing")
    for step in ("acknowledge", "reopen", "comment"):
        assert housing.post(f"/api/v1/alerts/{OWN}:{step}", json={"comment": "x"}).status_code == 403
    assert housing.get(f"/api/v1/alerts/{OWN}/events").status_code == 403
    assert 'name="action"' not in housing.get(f"/alerts/{OWN}").text


def test_what_analysts_remark_stays_with_them(site: Site, sign_in: SignedIn) -> None:
    analyst, housing = sign_in("analyst"), sign_in("housing")
    analyst.post(f"/api/v1/alerts/{OWN}:acknowledge", json={"comment": "ask nobody there yet"})
    steps = housing.get(f"/api/v1/alerts/{OWN}/transitions").json()
    assert [(step["to_state"], step["reason"]) for step in steps] == [("acknowledged", None)]
    assert "ask nobody there yet" not in housing.get(f"/alerts/{OWN}").text
    assert analyst.get(f"/api/v1/alerts/{OWN}/transitions").json()[0]["reason"] == "ask nobody there yet"
    assert site.alert_ids


def test_the_stream_counts_the_own_units_alone(sign_in: SignedIn) -> None:
    for name, new in (("housing", 1), ("mayor", 3), ("analyst", 8)):
        with sign_in(name).stream("GET", "/api/v1/alerts/stream") as answer:
            data = next(line for line in answer.iter_lines() if line.startswith("data:"))
        assert f'"new":{new}' in data.replace(" ", ""), name
