"""Findings over the API: listed within the caller's units, decided by two people, exported, tried without a trace."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import openpyxl
import pytest
from sqlalchemy import select

from api.identity.models import User
from audit import Actor
from audit.authorship import ChangedBy
from classification.columns import ColumnFinding, Evidence
from classification.review import FieldFinding, Finding, ResourceScan, by_itself, suggest
from events import now_ms
from registry import ResourceKind, UnitLevel, UnitScope
from registry.entries import ResourceEntry, UnitEntry
from registry.registers import RESOURCES, UNITS, Editor, put

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
BASE = "/api/v1/classification"
CANARIES = ("11010519491231002X", "13800138000", "6222021234567890128", "欧阳娜娜")


def _seen(field: str, category: str, *samples: str) -> FieldFinding:
    reasons = (Evidence("checksum", 0.95, "the check digit holds for 50 of 100"),)
    return FieldFinding(field, ColumnFinding(category, 0.97, 0.5, (0.4, 0.6), 50, 100, reasons), samples)


@pytest.fixture
def city(site: Site) -> Site:
    """Two offices with a table each, scanned; lin and wang are data administrators, zhao is of the second office."""
    editor = Editor(ChangedBy(Actor("system", "test", "test"), now_ms()), UnitScope.everything())
    with site.records.begin() as session:
        for unit_id, parent in (("lanhu", None), ("gjj", "lanhu"), ("wjw", "lanhu")):
            level = UnitLevel.CITY if parent is None else UnitLevel.COUNTY
            put(session, UNITS, UnitEntry(id=unit_id, name=f"单位{unit_id}", level=level, parent_id=parent), editor)
        for resource_id, provider in (("person", "gjj"), ("visits", "wjw")):
            entry = ResourceEntry(
                id=resource_id, name=f"={resource_id}", kind=ResourceKind.TABLE, provider_id=provider, table=resource_id
            )
            put(session, RESOURCES, entry, editor)
        found = [
            _seen("sfzh", "resident_id", CANARIES[0]),
            _seen("xm", "person_name", CANARIES[3]),
            _seen("dh", "mobile_phone", CANARIES[1]),
        ]
        scan = ResourceScan("person", "人口表", "s1", "1", ["sfzh", "xm", "dh", "bz"], found, subjects=150_000)
        suggest(session, scan, by_itself(now_ms()))
        card = ResourceScan("visits", "就诊表", "s1", "1", ["card"], [_seen("card", "bank_card", CANARIES[2])])
        suggest(session, card, by_itself(now_ms()))
        for name, roles, units in (
            ("lin", ["data_administrator"], []),
            ("wang", ["data_administrator"], []),
            ("zhao", ["unit_data_officer"], ["wjw"]),
        ):
            session.add(_account(session.scalars(select(User)).first(), name, roles, units))
    return site


def _account(like: User | None, name: str, roles: list[str], units: list[str]) -> User:
    """An account with another's password; to make its digest anew takes long."""
    assert like is not None
    return User(
        id=f"id-{name}",
        name=name,
        display_name=name,
        password_hash=like.password_hash,
        roles=roles,
        units=units,
        created_ms=0,
        failed_sign_ins=0,
        disabled=False,
    )


@pytest.fixture
def ids(city: Site) -> dict[str, str]:
    """The findings' ids, by field."""
    with city.records.read() as session:
        return {row.field: row.id for row in session.scalars(select(Finding))}


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Whatever any logger of the process says meanwhile."""
    texts: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            texts.append(self.format(record))

    handler = Keep(level=0)
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(0)
    yield texts
    root.setLevel(before)
    root.removeHandler(handler)
    texts.append(caplog.text)


@pytest.mark.usefixtures("city")
def test_findings_are_listed_the_highest_grade_first(sign_in: SignedIn) -> None:
    client = sign_in("lin")
    page = client.get(f"{BASE}/findings", params={"limit": 3}).json()
    assert [each["field"] for each in page["findings"]][:2] == ["card", "sfzh"]
    assert page["counts"] == {"suggested": 4}
    rest = client.get(f"{BASE}/findings", params={"limit": 3, "cursor": page["next_cursor"]}).json()
    assert len(rest["findings"]) == 1
    assert rest["next_cursor"] is None
    other = client.get(f"{BASE}/findings", params={"limit": 3, "cursor": page["next_cursor"], "text": "x"})
    assert (other.status_code, other.json()["code"]) == (400, "invalid_cursor")
    for params, fields in (
        ({"category": "bank_card"}, {"card"}),
        ({"resource": "person", "grade": "general_2"}, {"xm", "dh"}),
        ({"text": "人口"}, {"sfzh", "xm", "dh"}),
        ({"state": "confirmed"}, set()),
        ({"disagreeing": "true"}, set()),
        ({"due": "true"}, set()),
    ):
        found = client.get(f"{BASE}/findings", params=params).json()["findings"]
        assert {each["field"] for each in found} == fields, params


def test_two_people_confirm_and_the_catalog_has_it(sign_in: SignedIn, ids: dict[str, str]) -> None:
    lin, wang = sign_in("lin"), sign_in("wang")
    address = f"{BASE}/findings/{ids['sfzh']}"
    amended = lin.post(f"{address}:amend", json={"grade": "general_4", "comment": f"含 {CANARIES[0]}"})
    assert amended.status_code == 200, amended.text
    assert amended.json()["comment"] == "含 110*************2X"
    refused = lin.post(f"{address}:confirm", json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "same_person")
    confirmed = wang.post(f"{address}:confirm", json={"comment": "核对无误"}).json()
    assert (confirmed["state"], confirmed["grade"], confirmed["decided_by"], confirmed["in_force"]) == (
        "confirmed",
        "general_4",
        "wang",
        True,
    )
    assert [step["kind"] for step in confirmed["history"]] == ["suggest", "amend", "confirm"]
    assert confirmed["resource_grade"] == "important"  # grade 4 of 150,000 people
    assert any("100,000" in each["en"] and each["unverified"] for each in confirmed["resource_reasons"])
    entry = wang.get("/api/v1/registry/resources/person").json()
    assert entry["grade"] == "important"
    assert [(each["name"], each["grade"], each["categories"]) for each in entry["fields"]] == [
        ("sfzh", "general_4", ["resident_id"])
    ]


def test_a_rejection_has_a_typed_reason(sign_in: SignedIn, ids: dict[str, str]) -> None:
    client = sign_in("lin")
    address = f"{BASE}/findings/{ids['dh']}"
    assert client.post(f"{address}:reject", json={"reason": "whim"}).json()["code"] == "invalid_parameters"
    body = {"reason": "wrong_category", "instead": "landline_phone"}
    rejected = client.post(f"{address}:reject", json=body).json()
    assert (rejected["state"], rejected["reason"], rejected["in_force"]) == ("rejected", "wrong_category", False)
    [proposed] = client.get(f"{BASE}/findings", params={"category": "landline_phone"}).json()["findings"]
    assert (proposed["field"], proposed["proposed_by"], proposed["evidence"]) == ("dh", "lin", {})
    again = client.post(f"{address}:reject", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "review_conflict")


def test_many_are_decided_at_once(sign_in: SignedIn, ids: dict[str, str]) -> None:
    client = sign_in("lin")
    client.post(f"{BASE}/findings/{ids['xm']}:amend", json={"comment": "等级存疑"})
    outcome = client.post(f"{BASE}/findings:bulk", json={"finding_ids": list(ids.values())}).json()
    assert set(outcome["changed"]) == {ids["sfzh"], ids["dh"], ids["card"]}
    assert list(outcome["failed"]) == [ids["xm"]]
    assert client.get(f"{BASE}/findings").json()["counts"] == {"confirmed": 3, "suggested": 1}


def test_a_person_proposes(sign_in: SignedIn, ids: dict[str, str]) -> None:
    body = {"resource_id": "visits", "field": "bz", "category": "secret_key", "comment": "业务要求"}
    made = sign_in("lin").post(f"{BASE}/findings", json=body)
    assert made.status_code == 201, made.text
    assert ids
    assert sign_in("wang").post(f"{BASE}/findings/{made.json()['id']}:confirm", json={}).json()["state"] == "confirmed"
    for change, code in (({"category": "x"}, "invalid_review"), ({"grade": "L9", "field": "y"}, "unknown_grade")):
        assert sign_in("lin").post(f"{BASE}/findings", json=body | change).json()["code"] == code


@pytest.mark.usefixtures("city")
def test_the_catalogs_names_and_comments_suggest(sign_in: SignedIn) -> None:
    client = sign_in("zhao")
    entry = client.get("/api/v1/registry/resources/visits").json()
    fields = [{"name": "f1", "label": "居民身份证号"}, {"name": "card"}, {"name": "email"}, {"name": "f2"}]
    assert client.put("/api/v1/registry/resources/visits", json=entry | {"fields": fields}).status_code == 200
    address = f"{BASE}/findings:from-catalog"
    assert client.post(address, json={"resource_ids": ["person"]}).json() == {"suggested": {}}
    suggested = client.post(address, json={}).json()["suggested"]
    assert set(suggested["visits"]) >= {"f1: resident_id", "email: email"}
    assert "card: bank_card" not in suggested["visits"]  # a scan has seen it
    assert client.post(address, json={}).json() == {"suggested": {}}


def test_a_unit_sees_and_decides_its_own(sign_in: SignedIn, ids: dict[str, str]) -> None:
    zhao = sign_in("zhao")
    page = zhao.get(f"{BASE}/findings").json()
    assert ([each["field"] for each in page["findings"]], page["counts"]) == (["card"], {"suggested": 1})
    for method, path, body in (
        ("GET", f"/{ids['sfzh']}", None),
        ("POST", f"/{ids['sfzh']}:confirm", {}),
        ("POST", f"/{ids['sfzh']}:reject", {"reason": "context"}),
        ("POST", f"/{ids['sfzh']}:amend", {"comment": "x"}),
        ("POST", "", {"resource_id": "person", "field": "a", "category": "email"}),
    ):
        refused = zhao.request(method, f"{BASE}/findings{path}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (404, "finding_not_found"), path
    assert zhao.post(f"{BASE}/findings/{ids['card']}:confirm", json={}).status_code == 200
    assert sign_in("analyst").post(f"{BASE}/findings/{ids['sfzh']}:confirm", json={}).status_code == 403
    assert sign_in("analyst").get(f"{BASE}/findings").status_code == 200


@pytest.mark.usefixtures("city")
def test_schemes_and_categories_are_told(sign_in: SignedIn) -> None:
    client = sign_in("lin")
    schemes = client.get(f"{BASE}/schemes").json()
    assert [(each["name"], each["default"]) for each in schemes] == [("gbt43697", True), ("l1_l4", False)]
    whole = client.get(f"{BASE}/schemes/l1_l4").json()
    assert [grade["id"] for grade in whole["grades"]] == ["L1", "L2", "L3", "L4"]
    assert client.get(f"{BASE}/schemes/none").json()["code"] == "scheme_not_found"
    categories = {each["id"]: each for each in client.get(f"{BASE}/categories", params={"scheme": "l1_l4"}).json()}
    assert (categories["bank_card"]["grade"], categories["bank_card"]["shown_tail"]) == ("L4", 4)


def test_the_register_of_important_data_is_listed_and_exported(sign_in: SignedIn, ids: dict[str, str]) -> None:
    client = sign_in("lin")
    assert client.get(f"{BASE}/important-data").json() == []
    client.post(f"{BASE}/findings:bulk", json={"finding_ids": list(ids.values())})
    [line] = client.get(f"{BASE}/important-data").json()
    assert (line["resource_id"], line["grade"], line["unit"], line["subjects"]) == (
        "person",
        "important",
        "单位gjj",
        150_000,
    )
    assert line["confirmed_by"] == ["lin"]
    answer = client.get(f"{BASE}/important-data.xlsx", params={"language": "zh"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    header, row = list(sheet.iter_rows())
    assert [cell.value for cell in header[:3]] == ["资源编号", "资源名称", "提供单位"]
    assert (row[1].value, row[1].data_type) == ("=person", "s")  # a name is never computed
    assert row[4].value == "重要数据"
    assert "sfzh: 居民身份证号" in str(row[5].value)
    assert sign_in("zhao").get(f"{BASE}/important-data").json() == []


@pytest.mark.usefixtures("city")
def test_detectors_are_tried_on_a_column(sign_in: SignedIn) -> None:
    values: list[Any] = [CANARIES[0], None, "", 7, "440524188001010014"]
    answer = sign_in("lin").post("/api/v1/classify/try", json={"name": "身份证号", "values": values}).json()
    found = answer["findings"][0]
    assert (found["category"], found["grade"], found["hits"], answer["complete"]) == (
        "resident_id",
        "general_3",
        2,
        True,
    )
    assert found["samples"][0] == "110*************2X"
    assert {each["kind"] for each in found["evidence"]} >= {"checksum", "name"}
    named = sign_in("lin").post("/api/v1/classify/try", json={"name": "mobile_phone", "scheme": "l1_l4"}).json()
    assert (named["findings"][0]["category"], named["findings"][0]["grade"]) == ("mobile_phone", "L2")
    assert (named["findings"][0]["hits"], named["findings"][0]["samples"]) == (0, [])


@pytest.mark.usefixtures("city")
def test_detectors_are_tried_on_a_text(sign_in: SignedIn) -> None:
    text = f"联系电话{CANARIES[1]}，身份证{CANARIES[0]}。"
    answer = sign_in("lin").post("/api/v1/classify/try", json={"text": text}).json()
    assert answer["masked_text"] == "联系电话138******00，身份证110*************2X。"
    assert [(hit["category"], hit["start"], hit["end"], hit["masked"]) for hit in answer["hits"]] == [
        ("mobile_phone", 4, 15, "138******00"),
        ("resident_id", 19, 37, "110*************2X"),
    ]


def test_what_is_too_much_is_refused_without_repeating_it(sign_in: SignedIn) -> None:
    client = sign_in("analyst")
    refusals: list[tuple[dict[str, Any], int]] = [
        ({"text": "a", "values": []}, 422),
        ({"name": "n", "values": [""] * 10_001}, 422),
        ({"text": "字" * 500_001}, 413),
        ({"text": "x" * 500_001}, 422),
        ({"name": "n", "values": [{"a": CANARIES[0]}]}, 422),
        ({"name": "n", "scheme": "none"}, 404),
    ]
    for body, status in refusals:
        answer = client.post("/api/v1/classify/try", json=body)
        assert answer.status_code == status, list(body)
        assert CANARIES[0] not in answer.text


def test_no_value_is_anywhere_unmasked(
    city: Site, sign_in: SignedIn, ids: dict[str, str], everything_logged: list[str]
) -> None:
    """Values given to a scan, to the try-out and in people's words are in no file, log or answer."""
    lin, wang, bodies = sign_in("lin"), sign_in("wang"), []
    sentence = "，".join(f"样例{value}" for value in CANARIES)
    requests: list[tuple[httpx.Client, str, dict[str, Any]]] = [
        (lin, "/api/v1/classify/try", {"name": "身份证号", "comment": sentence, "values": list(CANARIES)}),
        (lin, "/api/v1/classify/try", {"text": sentence}),
        (lin, "/api/v1/classify/try", {"text": sentence, "values": [CANARIES[0]]}),
        (lin, "/api/v1/classify/try", {"values": [[CANARIES[0]]]}),
        (lin, f"{BASE}/findings/{ids['sfzh']}:amend", {"comment": sentence}),
        (wang, f"{BASE}/findings/{ids['sfzh']}:confirm", {"comment": sentence}),
        (wang, f"{BASE}/findings/{ids['dh']}:reject", {"reason": "context", "comment": sentence}),
        (lin, f"{BASE}/findings", {"resource_id": "visits", "field": "b", "category": "email", "comment": sentence}),
        (lin, f"{BASE}/findings:bulk", {"finding_ids": [ids["xm"]], "comment": sentence}),
        (lin, f"{BASE}/findings:bulk", {"finding_ids": [CANARIES[0]]}),
    ]
    for number, (client, path, body) in enumerate(requests):
        bodies.append(client.post(path, json=body, headers={"Idempotency-Key": f"k{number}"}).text)
    bodies += [lin.get(f"{BASE}{path}").text for path in ("/findings", f"/findings/{ids['sfzh']}", "/important-data")]
    bodies.append(sign_in("auditor").get("/api/v1/audit-records").text)
    written = b"".join(path.read_bytes() for path in _files(city))
    logged = "\n".join(everything_logged)
    for canary in CANARIES:
        assert [body for body in bodies if canary in body] == [], canary
        assert canary not in logged, canary
        for encoded in (canary.encode(), canary.encode("unicode_escape"), canary.encode("utf-16-le")):
            assert encoded not in written, canary


def _files(site: Site) -> list[Path]:
    folder = Path(str(site.records.url.database)).parent
    return [path for path in folder.rglob("*") if path.is_file()]
