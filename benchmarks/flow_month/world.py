"""The demo city's registry as the month finds it: its units, systems and resources, with grants of the month's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from ipaddress import ip_network
from pathlib import Path

from fengsui.flows import index_of_files
from registry import (
    Account,
    AccountState,
    Consumer,
    ConsumerKind,
    Grant,
    GrantState,
    RegistryIndex,
    Resource,
    sharing_policy,
    zone_policy,
)
from registry.comparison import comparable
from registry.index.catalog import Catalog
from registry.index.grants import GrantTable
from registry.index.organization import Organization
from registry.index.snapshot import Consumers
from registry.policy import ZoneRange

CITY = Path(__file__).resolve().parents[2] / "samples" / "registry"
ZONE = timezone(timedelta(hours=8))
MONTH = datetime(2026, 10, 1, tzinfo=ZONE)
DAYS = 30
ABROAD = "198.51.100.77"
INTERNET = "203.0.113.200"
_DAY_MS = 86_400_000
_YEAR = (datetime(2026, 1, 1, tzinfo=ZONE), datetime(2027, 1, 1, tzinfo=ZONE))
RECORDS_CAP, SUBJECTS_CAP = 2_000, 30


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 UTC."""
    return round(moment.timestamp() * 1000)


def _grant(number: int, consumer: str, resource: Resource, purpose: str, **changed: object) -> Grant:
    grant = Grant(
        id=f"M-{number:06d}",
        consumer_id=consumer,
        resource_id=resource.id,
        provider_id=resource.provider_id,
        fields=frozenset(resource.fields),
        purpose=purpose,
        comparable_purpose=comparable(purpose),
        valid_from_ms=milliseconds(_YEAR[0]),
        valid_to_ms=milliseconds(_YEAR[1]),
        state=GrantState.APPROVED,
        state_since_ms=milliseconds(_YEAR[0]),
        approved_ms=milliseconds(_YEAR[0]),
        masked=True,
    )
    return replace(grant, **changed)  # type: ignore[arg-type]  # the fields of a grant


def _grants(resources: dict[str, Resource]) -> Iterator[Grant]:
    """The grants that flows of the month are under; ``number`` is what the flows claim."""
    resident, insured = resources["population.resident"], resources["medical.insured"]
    person, student = resources["population.person"], resources["api.education.student"]
    benefit, subsidy = resources["api.social.benefit"], resources["api.finance.subsidy"]
    middle = MONTH + timedelta(days=10)
    yield _grant(1, "con-gjj", resident, "公积金提取核验", fields=frozenset({"name", "id_number"}))
    yield _grant(2, "con-rs", resources["social.insured"], "待遇资格认证")
    yield _grant(3, "con-jy", resources["population.household"], "义务教育入学")
    yield _grant(4, "ctr-weibao", insured, "医保系统运维核对", fields=frozenset({"name", "insured_status"}))
    yield _grant(5, "con-mz", benefit, "社会救助核对", records_per_day=RECORDS_CAP)
    yield _grant(6, "con-zr", person, "不动产登记核验", subjects_per_day=SUBJECTS_CAP, masked=False)
    yield _grant(7, "con-yb", student, "参保核对", valid_to_ms=milliseconds(middle))
    yield _grant(8, "con-cz", student, "补贴核对", state=GrantState.REVOKED, state_since_ms=milliseconds(middle))
    yield _grant(9, "con-wj", student, "儿童接种核对", state=GrantState.SUSPENDED, state_since_ms=milliseconds(middle))
    yield _grant(10, "con-sc", subsidy, "信用核查", valid_from_ms=milliseconds(MONTH + timedelta(days=25)))
    yield _grant(11, "unit-yjj", subsidy, "应急救助")
    yield _grant(12, "con-qx", subsidy, "惠民补贴发放", records_per_day=RECORDS_CAP)
    yield _grant(13, "con-dl", subsidy, "惠民补贴发放", subjects_per_day=SUBJECTS_CAP)
    yield _grant(14, "con-report", resources["table.cases.case_attachment"], "数据销毁", masked=False)
    yield _grant(15, "ctr-jianshe", resident, "人口库建设")
    yield _grant(16, "con-exchange", resources["table.population.resident"], "共享交换", masked=False)
    yield _grant(17, "con-seasonal", resident, "年度核验", fields=frozenset({"name", "id_number"}))
    yield _grant(18, "con-yearly", resident, "年度核验", fields=frozenset({"name", "id_number"}))
    yield _grant(19, "con-mz", insured, "社会救助核对", masked=False)
    yield _grant(20, "con-mz", resources["insight.family_hardship"], "困难家庭识别", masked=False)
    yield _grant(21, "con-wj", resources["insight.family_hardship"], "困难家庭识别", masked=False)
    yield _grant(22, "con-cz", resources["api.tax.payer"], "财政预算", masked=False)
    yield _grant(23, "con-gjj", insured, "提取核验", masked=False, zones=frozenset({"internet", "government_extranet"}))


def _further_consumers() -> list[Consumer]:
    return [
        Consumer("con-seasonal", "年度核验程序", ConsumerKind.APPLICATION, "lh-gjj"),
        Consumer("con-yearly", "年度核验程序二", ConsumerKind.APPLICATION, "lh-gjj"),
        Consumer("con-hospital", "医疗机构接口", ConsumerKind.APPLICATION, "lh-wjw"),
    ]


def _further_accounts(consumers: dict[str, Consumer]) -> list[Account]:
    used = milliseconds(MONTH)
    return [
        Account("app-seasonal", consumers["con-seasonal"], AccountState.ACTIVE, None, used - 120 * _DAY_MS),
        Account("app-yearly", consumers["con-yearly"], AccountState.ACTIVE, None, used - 60 * _DAY_MS),
    ]


def _fillers(resources: dict[str, Resource], count: int) -> Iterator[Grant]:
    """Grants of consumers that take nothing this month, so that the index is as large as a province's."""
    several = list(resources.values())
    for number in range(count):
        resource = several[number % len(several)]
        yield _grant(500_000 + number, f"other-{number // len(several)}", resource, "核对")


def world(grants: int = 0) -> RegistryIndex:
    """The registry of the month; ``grants`` fills it up to so many."""
    city = index_of_files(CITY)
    resources = dict(city.catalog.resources)
    further = _further_consumers()
    consumers = dict(city.consumers.consumers) | {each.id: each for each in further}
    accounts = [*city.consumers.accounts.values(), *_further_accounts(consumers)]
    own = list(_grants(resources))
    table = {each.id: each for each in (*own, *_fillers(resources, max(0, grants - len(own))))}
    zones = zone_policy()
    abroad = ZoneRange(network=ip_network("198.51.100.0/24"), zone="abroad")
    zones = zones.model_copy(update={"ranges": (*zones.ranges, abroad)})
    organization = Organization(city.organization.units.values(), city.organization.systems.values(), zones)
    parts = (
        organization,
        Catalog(resources.values()),
        Consumers.of(accounts, consumers.values()),
        GrantTable(table, consumers.values()),
    )
    return RegistryIndex(1, parts, sharing_policy())
