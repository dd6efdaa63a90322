"""Scans, tried detectors, units and systems: what they show to whom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

SignedIn = Callable[..., httpx.Client]
_PAGES = ("/scans", "/classify", "/units", "/units/lh-gaj", "/systems", "/systems/sys-population")


def _post(client: httpx.Client, path: str, **fields: object) -> httpx.Response:
    token = client.get("/api/v1/sessions/me").json()["csrf_token"]
    return client.post(path, data={"csrf_token": token} | fields)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_renders_in_both_languages(sign_in: SignedIn, language: str) -> None:
    client = sign_in("officer")
    client.cookies.set("fengsui_language", language)
    for path in _PAGES:
        page = client.get(path)
        assert (path, page.status_code) == (path, 200)
        assert 'aria-current="page"' in page.text


def test_a_unit_sees_its_own_part_of_the_tree(sign_in: SignedIn) -> None:
    housing, officer = sign_in("housing"), sign_in("officer")
    assert "lh-gaj" in officer.get("/units").text
    assert "lh-gjj" in housing.get("/units").text
    assert "lh-gaj" not in housing.get("/units").text
    assert housing.get("/units/lh-gaj").status_code == 404
    assert officer.get("/").headers["location"] == "/alerts"
    assert housing.get(housing.get("/").headers["location"]).status_code == 200


def test_a_source_that_is_refused_keeps_what_was_filled_in_but_no_password(sign_in: SignedIn) -> None:
    officer = sign_in("officer")
    refused = _post(officer, "/scans/sources", name="户籍库", address="dm://reader@db.example:5236", password="s3cr3t")
    assert refused.status_code == 422
    assert "pip install dmPython dmSQLAlchemy" in refused.text
    assert ('value="户籍库"' in refused.text, 'value="dm://reader@db.example:5236"' in refused.text) == (True, True)
    within = _post(officer, "/scans/sources", name="户籍库", address="dm://reader:s3cr3t@db.example:5236")
    assert within.status_code == 422
    assert "s3cr3t" not in refused.text + within.text


def test_a_source_is_registered_scanned_cancelled_and_resumed(sign_in: SignedIn, tmp_path: Path) -> None:
    officer, data = sign_in("officer"), tmp_path / "data"
    data.mkdir()
    (data / "people.csv").write_text("sfzh\n11010519491231002X\n", encoding="utf-8")
    assert _post(officer, "/scans/sources", name="people", address=str(data)).status_code == 303
    [source] = officer.get("/api/v1/classification/sources").json()
    started = _post(officer, "/scans", source_id=source["id"], sample="all", rows="")
    scan = started.headers["location"]
    assert 'hx-trigger="every 1s"' in officer.get(scan).text
    assert _post(officer, scan, action="cancel").status_code == 303
    text = officer.get(scan).text
    assert ("已取消" in text, 'value="resume"' in text, "hx-trigger" in text) == (True, True, False)
    assert _post(officer, scan, action="resume").status_code == 303
    assert _post(officer, scan, action="explode").status_code == 422
    assert _post(officer, "/scans", source_id=source["id"], rows="many").status_code == 422
    watcher = sign_in("watcher")
    assert 'action="/scans' not in watcher.get("/scans").text
    assert _post(watcher, scan, action="cancel").status_code == 403
    assert sign_in("police").get(scan).status_code == 404


@pytest.mark.parametrize(
    ("kind", "pasted"), [("column", "11010519491231002X\n440524188001010014"), ("text", "电话13800138000。")]
)
def test_tried_values_come_back_masked_alone(sign_in: SignedIn, kind: str, pasted: str) -> None:
    client = sign_in("watcher")
    answer = _post(client, "/classify", kind=kind, name="sfzh", comment="", pasted=pasted)
    assert answer.status_code == 200
    assert ("居民身份证" if kind == "column" else "手机") in answer.text
    assert not [raw for raw in ("11010519491231002X", "440524188001010014", "13800138000") if raw in answer.text]
    assert "没有识别到" in _post(client, "/classify", kind=kind, pasted="hello").text
    assert _post(client, "/classify", kind="text", pasted="x" * 2_000_000).status_code in {413, 422}
