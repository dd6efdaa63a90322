"""Two units with a row of every kind each; every text of the second holds a mark that the first may never see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from detection.alerts import AlertUpdate, record_matches
from events import now_ms
from store.records import RecordsDatabase

OWN, OTHER = "yi-fang", "jia-fang"
MARK = "甲方内部文字"
Ids = Mapping[str, list[str]]
SignedIn = Callable[..., httpx.Client]
PLAYBOOK = "playbook--3b041641-1788-44f2-a60d-f25453fe2e85"
CLASS = {"class_code": "data_security", "subclass_code": "data_misuse"}


def settle(records: RecordsDatabase, sign_in: SignedIn) -> Ids:
    """Make everything, by those whose work it is; ids by the names that paths have for them, one's of each unit."""
    ids: dict[str, list[str]] = defaultdict(list)
    officer, chief = sign_in("data_administrator"), sign_in("security_administrator")
    for unit in (OWN, OTHER):
        _register(officer, unit)
        _respond(records, chief, unit, ids)
        for name in ("entry_id", "system_id"):
            ids[name] += [unit, f"sys-{unit}"]
        ids["entry_id"] += [f"{kind}-{unit}" for kind in ("res", "con", "acc")]
        ids["grant_id"].append(f"G-{unit}")
        finding = {"resource_id": f"res-{unit}", "field": "f", "category": "person_name", "comment": _text(unit)}
        ids["finding_id"].append(_made(officer, "classification/findings", finding)["id"])
    ids["playbook_id"].append(PLAYBOOK)
    return ids


def _text(unit: str) -> str:
    return MARK if unit == OTHER else "乙方公开文字"


def _made(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"/api/v1/{path}", json=body)
    assert answer.is_success, (path, answer.text)
    found: dict[str, Any] = answer.json()
    return found


def _register(officer: httpx.Client, unit: str) -> None:
    text, parties = _text(unit), dict.fromkeys(("operator_id", "owner_id", "supervisor_id"), unit)
    for kind, entry in (
        ("units", {"id": unit, "name": text, "level": "county"}),
        ("systems", {"id": f"sys-{unit}", "name": text, "level_s": 3, "level_a": 3, **parties}),
        (
            "resources",
            {
                "id": f"res-{unit}",
                "name": text,
                "kind": "table",
                "provider_id": unit,
                "table": f"t-{unit}",
                "description": text,
                "fields": [{"name": "f", "label": text}],
            },
        ),
        ("consumers", {"id": f"con-{unit}", "name": text, "kind": "application", "unit_id": unit}),
        ("accounts", {"id": f"acc-{unit}", "consumer_id": f"con-{unit}"}),
        (
            "grants",
            {
                "id": f"G-{unit}",
                "consumer_id": f"con-{unit}",
                "provider_id": unit,
                "resource_id": f"res-{unit}",
                "fields": ["f"],
                "purpose": text,
                "valid_from": "2026-01-01",
                "valid_to": "2030-12-31",
            },
        ),
    ):
        _made(officer, f"registry/{kind}", entry)


def _respond(records: RecordsDatabase, chief: httpx.Client, unit: str, ids: dict[str, list[str]]) -> None:
    text, system = _text(unit), f"sys-{unit}"
    entity = {"fengsui.consumer.id": text}
    alert = AlertUpdate(
        f"alert-{unit}", "r", text, "high", 3, [], [], "d", entity, [], [(f"e-{unit}", 1)], unit, system
    )
    with records.begin() as session:
        record_matches(session, [alert], now_ms())
    ids["alert_id"].append(alert.alert_id)
    of_unit = {"title": text, "unit_id": unit}
    incident = _made(chief, "incidents", of_unit | CLASS | {"system_id": system, "alert_ids": [alert.alert_id]})
    ids["incident_id"].append(incident["id"])
    _made(chief, f"incidents/{incident['id']}/comments", {"text": text})
    ids["task_id"].append(_made(chief, f"incidents/{incident['id']}/tasks", {"title": text})["id"])
    notice = _made(chief, "notices", of_unit | {"demand": text, "incident_id": incident["id"]})
    ids["notice_id"].append(notice["id"])
    ids["assessment_id"].append(_made(chief, f"systems/{system}/assessments", {})["id"])
    attested = {"ref": "8.1.1.1a", "judgment": "met", "statement": text, "document": text, "document_digest": "0" * 64}
    chief.post(f"/api/v1/systems/{system}/attestations", json=attested)
    variables = {"__consumer__": f"con-{unit}", "__unit__": unit, "__account__": text}
    ids["run_id"].append(_made(chief, "runs", {"playbook_id": PLAYBOOK, "unit_id": unit, "variables": variables})["id"])
