"""Findings over the API: listed within the caller's units, decided by two people, exported."""

from __future__ import annotations

import io

import openpyxl
import pytest

from tests.api.findings.asking import BASE, CANARIES, SignedIn


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
