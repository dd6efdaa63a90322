"""The site with the sample city registered, some of it classified and graded, and a day of flows."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from api.identity.models import User
from audit import Actor
from audit.authorship import ChangedBy
from classification.columns import ColumnFinding, Evidence
from classification.review import (
    Amendment,
    Confirmation,
    FieldFinding,
    Finding,
    Rejection,
    RejectReason,
    ResourceScan,
    amend,
    by_itself,
    confirm,
    reject,
    suggest,
)
from collectors.enrichment.flows.policy import flow_policy
from detection.alerts import AlertUpdate, record_matches
from events import Event, event_id, format_timestamp, now_ms, timestamp_ms
from registry import UnitScope
from registry.importing import ImportKind, import_file
from registry.models import ResourceRecord
from registry.registers import Editor
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SETUP = Actor("system", "test", "test")
TABLE = "table.population.resident"
_PEOPLE = {
    "officer": (["data_administrator"], []),
    "second": (["data_administrator"], []),
    "watcher": (["auditor"], []),
    "housing": (["unit_user"], ["lh-gjj"]),
    "police": (["unit_data_officer"], ["lh-gaj"]),
}
CANARY = "11010519491231002X"


@dataclass(frozen=True, slots=True)
class City:
    """What the tests of the data half know of the city."""

    resources: int
    findings: dict[str, str]
    alert_id: str
    grant_id: str = "G-2026-0031"
    table: str = TABLE


@pytest.fixture(scope="session")
def filled(filled: Path, tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """The folder of the site, with the city in it."""
    folder = tmp_path_factory.mktemp("city") / "site"
    shutil.copytree(filled, folder)
    records, events = RecordsDatabase(f"sqlite:///{folder}/records.db"), EmbeddedEventStore(folder / "events")
    with records.begin() as session:
        _add_people(session)
    editor = Editor(ChangedBy(SETUP, now_ms()), UnitScope.everything())
    for kind in ImportKind:
        assert import_file(records, kind, (project / f"samples/registry/{kind}.csv").read_bytes(), editor).taken
    with records.begin() as session:
        _classify(session)
    flows = _flows(now_ms())
    events.write(flows)
    with records.begin() as session:
        record_matches(session, [_alert(flows[2])], now_ms())
    events.close()
    records.close()
    return folder


@pytest.fixture
def data_city(filled: Path) -> City:
    """What there is in it."""
    records = RecordsDatabase(f"sqlite:///{filled}/records.db")
    with records.read() as session:
        resources = session.scalar(select(func.count()).select_from(ResourceRecord)) or 0
        findings = {f"{row.field}:{row.category}": row.id for row in session.scalars(select(Finding))}
    records.close()
    return City(resources, findings, event_id("flow", 2, b"alert"))


def _add_people(session: Session) -> None:
    like = session.scalars(select(User)).first()
    assert like is not None
    for name, (roles, units) in _PEOPLE.items():
        session.add(
            User(
                id=f"id-{name}",
                name=name,
                display_name=name,
                password_hash=like.password_hash,  # another's: to make a digest takes long
                roles=roles,
                units=units,
                created_ms=0,
                failed_sign_ins=0,
                disabled=False,
            )
        )


def _seen(field: str, category: str, *samples: str, hits: int = 50) -> FieldFinding:
    reasons = (Evidence("checksum", 0.95, f"the check digit holds for {hits} of 100"),)
    return FieldFinding(field, ColumnFinding(category, 0.97, hits / 100, (0.4, 0.6), hits, 100, reasons), samples)


def _classify(session: Session) -> None:
    """Two fields decided, of which a later scan disagrees with one; two wait, one of them amended by ``officer``."""
    first = [_seen("id_number", "resident_id", CANARY), _seen("name", "person_name", "欧阳娜娜")]
    first += [_seen("mobile", "mobile_phone", "13800138000"), _seen("home_address", "address", "岚湖市中心路1号")]
    fields = ["id_number", "name", "mobile", "home_address", "district"]
    suggest(session, ResourceScan(TABLE, "常住人口基本信息", "scan-1", "1", fields, first), by_itself(now_ms()))
    ids = {row.field: row.id for row in session.scalars(select(Finding))}
    second = _person("second")
    confirm(session, UnitScope.everything(), ids["id_number"], Confirmation("身份证号列"), second)
    reject(session, UnitScope.everything(), ids["name"], Rejection(RejectReason.FALSE_POSITIVE, "是机构名"), second)
    amend(session, UnitScope.everything(), ids["mobile"], Amendment("级别应更高", "general_3"), _person("officer"))
    again = [_seen("name", "person_name", "欧阳娜娜", hits=90), *(each for each in first if each.field != "name")]
    suggest(session, ResourceScan(TABLE, "常住人口基本信息", "scan-2", "2", fields, again), by_itself(now_ms()))


def _person(name: str) -> ChangedBy:
    return ChangedBy(Actor("user", f"id-{name}", name), now_ms())


_COVERED: Event = {
    "event.dataset": "gateway.access",
    "event.category": ["api"],
    "fengsui.data.resource": "population.resident",
    "fengsui.data.resource_name": "人口基本信息核验",
    "fengsui.data.provider": "lh-gaj",
    "fengsui.data.activity": "provide",
    "fengsui.data.grade": "general_3",
    "fengsui.data.categories": ["person_name", "resident_id"],
    "fengsui.data.fields": ["name", "id_number"],
    "fengsui.data.records": 400,
    "fengsui.data.subjects": 20,
    "fengsui.data.masked": True,
    "fengsui.consumer.id": "con-gjj",
    "fengsui.consumer.kind": "application",
    "fengsui.consumer.unit": "lh-gjj",
    "fengsui.consumer.account": "app-gjj",
    "fengsui.zone.source": "unit",
    "fengsui.zone.destination": "internal",
    "fengsui.purpose": "公积金提取核验",
    "fengsui.grant.id": "G-2026-0031",
    "fengsui.grant.status": "valid",
    "fengsui.grant.reason": "covered",
    "fengsui.grant.records_cap": 5000,
    "fengsui.grant.records_share": 8.0,
}
"""A flow of the housing fund that its grant covers."""
_BEYOND: Event = {
    **_COVERED,
    "fengsui.data.fields": ["name", "id_number", "mobile"],
    "fengsui.data.masked": False,
    "fengsui.purpose": "营销分析",
    "fengsui.grant.status": "fields_exceeded",
    "fengsui.grant.reason": "fields",
    "fengsui.grant.findings": ["fields", "purpose"],
    "fengsui.grant.fields_beyond": ["mobile"],
    "message": f"query for {CANARY}",
}
_UNREGISTERED: Event = {
    **{name: value for name, value in _COVERED.items() if name != "fengsui.grant.id"},
    "fengsui.consumer.id": "unregistered",
    "fengsui.consumer.unit": "unregistered",
    "fengsui.data.resource": "credit.score",
    "fengsui.data.provider": "lh-fgw",
    "fengsui.grant.status": "none",
    "fengsui.grant.reason": "no_grant",
    "fengsui.data.records": 7,
}
_REFUSED: Event = {
    "event.dataset": "gateway.access",
    "event.outcome": "failure",
    "fengsui.data.resource": "population.resident",
    "fengsui.data.records": 0,
    "fengsui.grant.id": "G-2026-0031",
}
"""A call that was refused: it names a resource and moved nothing."""


def _flows(now: int) -> list[Event]:
    """Two flows of the housing fund that are covered, one beyond its grant, one of nobody registered, one refused."""
    told = (_COVERED, _COVERED, _BEYOND, _UNREGISTERED, _REFUSED)
    return [_event(place, now - 60_000 * (place + 1), fields) for place, fields in enumerate(told)]


def _event(place: int, at_ms: int, fields: Event) -> Event:
    event: Event = {"@timestamp": format_timestamp(at_ms), "event.id": event_id("flow", place, b"flow")}
    event["event.original"] = f"flow {place}"
    event["fengsui.flow.day"] = f"{datetime.fromtimestamp(now_ms() / 1000, ZoneInfo(flow_policy().zone)):%Y-%m-%d}"
    return event | fields


def _alert(event: Event) -> AlertUpdate:
    return AlertUpdate(
        alert_id=event_id("flow", 2, b"alert"),
        rule_id="11111111-aaaa-4bbb-8ccc-000000000003",
        rule_title="超出授权字段 / Fields beyond the grant",
        level="high",
        severity=3,
        tags=[],
        technique_ids=[],
        dataset="gateway.access",
        entity={"fengsui.consumer.id": "con-gjj"},
        matched_fields=[{"selection": "s", "field": "f", "event_field": "fengsui.grant.status", "value": "x"}],
        events=[(str(event["event.id"]), timestamp_ms(str(event["@timestamp"])))],
    )
