"""Data sources and scans over the API, and the worker beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from api.identity.accounts import NewAccount, create_user
from audit import Actor
from classification.scans import DataSourceRegister
from classification.scans.worker import ScanWorkers
from classification.source_limits import SourceLimits
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from conftest import Site

PASSWORD = "correct horse battery"
SETUP = Actor("system", "test", "test")

SignedIn = Callable[..., httpx.Client]
SOURCES, SCANS = "/api/v1/classification/sources", "/api/v1/classification/scans"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "people.csv").write_text("sfzh\n11010519491231002X\n440524188001010014\n", encoding="utf-8")
    return folder


@pytest.fixture
def officer(site: Site, sign_in: SignedIn) -> httpx.Client:
    with site.records.begin() as session:
        create_user(session, NewAccount("officer", PASSWORD, ["data_administrator"]), SETUP)
    return sign_in("officer")


@contextmanager
def working(site: Site, data: Path) -> Iterator[None]:
    workers = ScanWorkers(site.records, DataSourceRegister(b"s" * 32, SourceLimits((data,))))
    workers.start()
    try:
        yield
    finally:
        workers.stop()


def _register(client: httpx.Client, address: str | Path, **options: Any) -> httpx.Response:  # noqa: ANN401 (any field)
    return client.post(SOURCES, json={"name": "people", "address": str(address), **options})


def _finished(client: httpx.Client, scan_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        scan: dict[str, Any] = client.get(f"{SCANS}/{scan_id}").json()
        if scan["state"] not in ("queued", "running"):
            return scan
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_source_is_registered_scanned_and_its_progress_seen(site: Site, officer: httpx.Client, data: Path) -> None:
    source = _register(officer, data)
    assert source.status_code == 201, source.text
    started = officer.post(SCANS, json={"source_id": source.json()["id"], "sample": "all"})
    assert started.status_code == 201, started.text
    assert (started.json()["state"], started.json()["resources"]) == ("queued", None)
    with working(site, data):
        scan = _finished(officer, started.json()["id"])
    assert (scan["state"], scan["resources"], scan["resources_done"], scan["rows"]) == ("finished", 1, 1, 2)
    [looked_at] = scan["looked_at"]
    assert (Path(looked_at["name"]).name, looked_at["state"], looked_at["findings"]) == ("people.csv", "done", 1)
    listed = officer.get(SCANS, params={"source": source.json()["id"]}).json()
    assert [each["id"] for each in listed["scans"]] == [scan["id"]]
    trail = officer.get(f"{SOURCES}/{source.json()['id']}").json()
    assert trail["created_by"] == "officer"


def test_a_scan_is_cancelled_and_resumed(site: Site, officer: httpx.Client, data: Path) -> None:
    source_id = _register(officer, data).json()["id"]
    scan_id = officer.post(SCANS, json={"source_id": source_id}).json()["id"]
    again = officer.post(SCANS, json={"source_id": source_id})
    assert (again.status_code, again.json()["code"]) == (409, "scan_conflict")
    assert officer.post(f"{SCANS}/{scan_id}:cancel").json()["state"] == "cancelled"
    assert officer.post(f"{SCANS}/{scan_id}:cancel").json()["code"] == "scan_conflict"
    assert officer.post(f"{SCANS}/{scan_id}:resume").json()["state"] == "queued"
    with working(site, data):
        assert _finished(officer, scan_id)["state"] == "finished"
    assert officer.post(f"{SOURCES}/{source_id}:retire").json()["retired"] is not None
    assert officer.get(SOURCES).json() == []
    assert len(officer.get(SOURCES, params={"retired": True}).json()) == 1


def test_a_password_never_comes_back(officer: httpx.Client) -> None:
    made = _register(officer, "postgresql+psycopg://reader@db.example/city", password="s3cr3t")
    assert made.status_code == 201, made.text
    answers = [made, officer.get(SOURCES), officer.get(f"{SOURCES}/{made.json()['id']}")]
    assert not any("s3cr3t" in answer.text or "reader" in answer.text for answer in answers)
    assert made.json()["location"] == "postgresql://db.example/city"


@pytest.mark.parametrize(
    ("address", "options", "status", "code"),
    [
        ("/etc", {}, 422, "invalid_data_source"),
        ("sqlite:////etc/passwd", {}, 422, "invalid_data_source"),
        ("postgresql://h/d", {"password_from": "file:/etc/shadow"}, 422, "invalid_data_source"),
        ("postgresql://h/d", {"name": " "}, 422, "invalid_data_source"),
        ("postgresql://h/d", {"name": "x" * 300}, 422, "invalid_parameters"),
    ],
)
def test_what_may_not_be_scanned_is_refused(
    officer: httpx.Client, address: str, options: dict[str, str], status: int, code: str
) -> None:
    answer = _register(officer, address, **options)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_scopes_and_units_are_kept(site: Site, officer: httpx.Client, sign_in: SignedIn, data: Path) -> None:
    source_id = _register(officer, data).json()["id"]
    scan_id = officer.post(SCANS, json={"source_id": source_id}).json()["id"]
    analyst = sign_in()
    assert analyst.get(f"{SCANS}/{scan_id}").status_code == 200
    assert _register(analyst, data, name="other").status_code == 403
    assert sign_in("nobody").get(SCANS).status_code == 403
    with site.records.begin() as session:
        account = NewAccount("unit-officer", PASSWORD, ["unit_data_officer"], units=["u-1"])
        create_user(session, account, SETUP)
    outsider = sign_in("unit-officer")
    assert outsider.get(SCANS).json() == {"scans": [], "next_cursor": None}
    assert outsider.get(f"{SCANS}/{scan_id}").json()["code"] == "scan_not_found"
    assert outsider.post(SCANS, json={"source_id": source_id}).json()["code"] == "data_source_not_found"
    assert _register(outsider, data, name="other").json()["code"] == "unit_not_yours"
    own = _register(outsider, data, name="own", unit_id="u-1")
    assert own.status_code == 201, own.text


def test_pages_of_scans_lead_on(officer: httpx.Client, data: Path) -> None:
    ids = []
    for number in range(3):
        source_id = _register(officer, data, name=f"s{number}").json()["id"]
        ids.append(officer.post(SCANS, json={"source_id": source_id}).json()["id"])
    seen: list[str] = []
    cursor = None
    while True:
        page = officer.get(SCANS, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [each["id"] for each in page["scans"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(ids)
    assert officer.get(SCANS, params={"cursor": "x"}).json()["code"] == "invalid_cursor"
