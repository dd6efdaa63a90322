"""``registry/consumers.csv``, ``accounts.csv`` and ``grants.csv``: who may take what, for what, until when."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from samples.generate import story
from samples.generate.registry_catalog import interfaces, providers, table_id
from samples.generate.registry_tables import TABLES

Row = dict[str, str]
_FROM, _TO = "2026-01-01", "2030-12-31"
_COUNT = 120
_OTHERS = 9
"""From this place on, consumers have no part in the story."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who takes data: number, name, kind, unit and accounts (with the system they belong to, if one alone)."""

    id: str
    name: str
    kind: str
    unit: str
    accounts: tuple[str, ...] = ()
    system: str = ""
    company: str = ""
    contract_end: str = ""


CONSUMERS = (
    Consumer("con-gjj", "公积金业务系统", "application", "lh-gjj", ("app-gjj", "svc-gjj")),
    Consumer("con-rs", "社会保险业务系统", "application", "lh-rsj", ("app-rs", "svc-rs")),
    Consumer("con-jy", "义务教育招生系统", "application", "lh-jyj", ("app-jy", "svc-jy")),
    Consumer("con-sync", "目录同步程序", "application", "lh-dsj", ("app-sync", "svc-sync")),
    Consumer("con-exchange", "共享交换平台同步", "application", "lh-dsj", ("exchange_sync",), "sys-population"),
    Consumer("con-portal", "政务服务门户", "application", "lh-zwj", ("portal_app",), "sys-cases"),
    Consumer("con-report", "办件统计报表", "application", "lh-zwj", ("report",), "sys-cases"),
    Consumer("ctr-weibao", "医保系统维保单位", "contractor", "lh-ybj", (story.CONTRACTOR_APP, story.CONTRACTOR),
             company="岚湖测试信息技术有限公司", contract_end="2030-12-31"),
    Consumer("ctr-jianshe", "人口库建设单位", "contractor", "lh-dsj", ("ctr-js01",), company="北屏测试软件有限公司",
             contract_end="2026-06-30"),
    Consumer("con-mz", "民政救助系统", "application", "lh-mzj", ("app-mz",)),
    Consumer("con-sc", "市场主体登记系统", "application", "lh-scj", ("app-sc",)),
    Consumer("con-zr", "不动产登记系统", "application", "lh-zrj", ("app-zr",)),
    Consumer("con-yb", "医疗保障信息系统", "application", "lh-ybj", ("app-yb",)),
    Consumer("con-wj", "全民健康信息平台", "application", "lh-wjw", ("app-wj",)),
    Consumer("con-cz", "财政补贴系统", "application", "lh-czj", ("app-cz",)),
    Consumer("con-qx", "清溪县政务服务系统", "application", "qx-zwj", ("app-qx",)),
    Consumer("con-dl", "东岭区政务服务系统", "application", "dl-zwj", ("app-dl",)),
    Consumer("unit-qxmz", "清溪县民政局", "unit", "qx-mzj", ("app-qxmz",)),
    Consumer("unit-yjj", "岚湖市应急管理局", "unit", "lh-yjj", ("app-yj",)),
    Consumer("person-window", "综合窗口工作人员", "person", "lh-zwj", ("window01",)),
)  # fmt: skip
_DISABLED = frozenset({"app-yj"})

_OF_THE_STORY = (
    ("G-2026-0001", "con-sync", "catalog.code", ("code", "label"), "目录同步", "100000", "否"),
    ("G-2026-0002", "con-exchange", "table.population.resident", ("name", "sex", "district", "id_number"), "共享交换",
     "200000", "否"),
    ("G-2026-0031", "con-gjj", "population.resident", ("name", "id_number"), "公积金提取核验", "5000", "是"),
    ("G-2026-0042", "con-rs", "social.insured", ("name", "insured_status"), "待遇资格认证", "5000", "是"),
    ("G-2026-0057", "con-jy", "population.household", ("household_id", "district"), "义务教育入学", "5000", "是"),
    ("G-2026-0063", "ctr-weibao", "medical.insured", ("name", "insured_status"), "医保系统运维核对", "5000", "是"),
)  # fmt: skip
_PURPOSES = ("高频事项核验", "社会救助核对", "惠民补贴发放", "一件事一次办", "统计分析", "信用核查")


def consumers() -> list[Row]:
    """The consumers."""
    return [
        {
            "id": each.id,
            "name": each.name,
            "kind": each.kind,
            "unit_id": each.unit,
            "company": each.company,
            "contract_end": each.contract_end,
        }
        for each in CONSUMERS
    ]


def accounts() -> list[Row]:
    """Their accounts."""
    return [
        {
            "id": account,
            "consumer_id": each.id,
            "system_id": each.system,
            "state": "disabled" if account in _DISABLED else "active",
        }
        for each in CONSUMERS
        for account in each.accounts
    ]


def grants() -> list[Row]:
    """The grants: those of the story, and what a city has besides; some not yet approved, ended, paused or revoked."""
    random = Random("registry/grants.csv")
    rows = [_of_the_story(*each) for each in _OF_THE_STORY]
    pairs = {(row["consumer_id"], row["resource_id"]) for row in rows}
    shared = _shareable()
    while len(rows) < _COUNT:
        consumer, (resource, names) = random.choice(CONSUMERS[_OTHERS:]), random.choice(shared)
        if (consumer.id, resource) not in pairs and providers()[resource] != consumer.unit:
            pairs.add((consumer.id, resource))
            rows.append(_drawn(random, 100 + len(rows), consumer, (resource, names)))
    return rows


def _of_the_story(*given: str | tuple[str, ...]) -> Row:
    grant, consumer, resource, names, purpose, cap, masked = given
    terms = {"fields": ";".join(names), "purpose": str(purpose), "records_per_day": str(cap), "masked": str(masked)}
    return _row(str(grant), str(consumer), str(resource), terms)


def _shareable() -> list[tuple[str, tuple[str, ...]]]:
    """Resources that others may ask for: conditionally shared, without a dedicated list."""
    tables = {each.key: each for each in TABLES if each.sharing == "conditional" and not each.dedicated}
    found = [(table_id(key), table.fields) for key, table in tables.items()]
    return found + [(each.id, each.fields) for each in interfaces() if set(each.parents) <= tables.keys()]


def _drawn(random: Random, number: int, consumer: Consumer, resource: tuple[str, tuple[str, ...]]) -> Row:
    names = resource[1]
    chosen = [name for name in names if random.randrange(4)] or [names[0]]
    terms = {
        "fields": ";".join(chosen),
        "purpose": random.choice(_PURPOSES),
        "records_per_day": str(random.choice((200, 1000, 5000, 20000))),
        "subjects_per_day": str(random.choice((100, 500, 2000))),
        "masked": random.choice(("是", "是", "否")),
    }
    row = _row(f"G-2026-{number:04d}", consumer.id, resource[0], terms)
    return row | random.choices(
        ({}, {"valid_from": "2025-01-01", "valid_to": "2025-12-31"}, {"state": "suspended"}, {"state": "revoked"},
         {"state": "requested", "approved_by": "", "approved": ""}),
        (88, 4, 2, 3, 3),
    )[0]  # fmt: skip


def _row(grant: str, consumer: str, resource: str, terms: Row) -> Row:
    return {
        "id": grant,
        "consumer_id": consumer,
        "provider_id": providers()[resource],
        "resource_id": resource,
        "valid_from": _FROM,
        "valid_to": _TO,
        "state": "approved",
        "requested_by": "使用方联络员",
        "approved_by": "提供方审核人",
        "approved": "",
    } | terms
