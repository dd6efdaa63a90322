"""``gateway-access.ndjson``: the data-sharing gateway's access log, one JSON document a call, local time with zone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from samples.generate import story
from samples.generate.clock import every, local_milliseconds, moments


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who may call which interface for what: a grant as the gateway knows it."""

    app: str
    unit: str
    account: str
    address: str
    interface: str
    resource: str
    fields: tuple[str, ...]
    purpose: str
    grant: str


_CONSUMERS = (
    Consumer("app-gjj", "岚湖市住房公积金中心", "svc-gjj", "10.50.3.10", "pop.person.verify", "population.resident",
             ("name", "id_number"), "公积金提取核验", "G-2026-0031"),
    Consumer("app-rs", "岚湖市人力资源和社会保障局", "svc-rs", "10.50.4.10", "soc.insured.query", "social.insured",
             ("name", "insured_status"), "待遇资格认证", "G-2026-0042"),
    Consumer("app-jy", "岚湖市教育局", "svc-jy", "10.50.5.10", "pop.household.query", "population.household",
             ("household_id", "district"), "义务教育入学", "G-2026-0057"),
    Consumer(story.CONTRACTOR_APP, story.CONTRACTOR_UNIT, story.CONTRACTOR, story.CONTRACTOR_USUAL_ADDRESS,
             "med.insured.query", "medical.insured", ("name", "insured_status"), "医保系统运维核对", "G-2026-0063"),
)  # fmt: skip
_SYNCHRONIZED = Consumer("app-sync", "岚湖市大数据中心", "svc-sync", "10.20.5.60", "cat.code.export", "catalog.code",
                         ("code", "label"), "目录同步", "G-2026-0001")  # fmt: skip
_BEYOND_GRANT = ("name", "id_number", "mobile", "home_address", "diagnosis")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call brought: how many rows, masked or not, with which status."""

    rows: int
    masked: bool = True
    status: int = 200


def render() -> bytes:
    """The file's bytes; one record in the middle has lost its time."""
    random = Random("gateway-access.ndjson")
    calls = [*_daily(random), *_nightly(random), *_misuse(random)]
    calls.sort(key=lambda call: str(call["time"]))
    calls.insert(len(calls) // 2, {name: value for name, value in calls[7].items() if name != "time"})
    lines = [json.dumps(call, ensure_ascii=False, separators=(",", ":")) for call in calls]
    return ("\n".join(lines) + "\n").encode()


def _call(moment: datetime, consumer: Consumer, answer: Answer, random: Random) -> dict[str, object]:
    return {
        "time": local_milliseconds(moment),
        "request_id": str(UUID(int=random.getrandbits(128))),
        "app_id": consumer.app,
        "consumer_unit": consumer.unit,
        "account": consumer.account,
        "api_id": consumer.interface,
        "api_path": "/share/v1/" + consumer.interface.replace(".", "/"),
        "method": "POST",
        "resource": consumer.resource,
        "fields": list(consumer.fields) if answer.status == 200 else [],
        "purpose": consumer.purpose,
        "status": answer.status,
        "rows": answer.rows,
        "bytes": answer.rows * 41 * len(consumer.fields) + 220,
        "latency_ms": 18 + answer.rows // 20 + random.randrange(60),
        "client_ip": consumer.address,
        "masked": answer.masked,
        "grant_id": consumer.grant,
    }


def _daily(random: Random) -> list[dict[str, object]]:
    calls: list[dict[str, object]] = []
    for moment in moments(random, 880):
        refused = random.randrange(60) == 0
        answer = Answer(0, status=403) if refused else Answer(random.choice((1, 1, 1, 1, 2, 5, 20)))
        calls.append(_call(moment, random.choice(_CONSUMERS), answer, random))
    return calls


def _nightly(random: Random) -> list[dict[str, object]]:
    """A large transfer at night that is meant to be: a code list, without any person in it."""
    begun = every(story.at("01:00"), story.at("04:00"), 1800, random)
    return [_call(moment, _SYNCHRONIZED, Answer(random.randrange(300, 900)), random) for moment in begun]


def _misuse(random: Random) -> list[dict[str, object]]:
    consumer = Consumer(story.CONTRACTOR_APP, story.CONTRACTOR_UNIT, story.CONTRACTOR,
                        story.CONTRACTOR_UNUSUAL_ADDRESS, "med.insured.query", "medical.insured",
                        _BEYOND_GRANT, "医保系统运维核对", "G-2026-0063")  # fmt: skip
    calls: list[dict[str, object]] = []
    for moment in every(story.MISUSE_FIRST_CALL, story.MISUSE_LAST_CALL, 75, random, jitter=25):
        rows = random.randrange(5_000, 9_999)
        calls.append(_call(moment, consumer, Answer(rows, masked=False), random))
    ungranted = every(story.MISUSE_UNGRANTED, story.BULK_EXPORT, 55, random, jitter=20)
    return [*calls, *(_ungranted(moment, random) for moment in ungranted)]


def _ungranted(moment: datetime, random: Random) -> dict[str, object]:
    """A call of the population interface, for which the contractor has no grant at all; the gateway counts people."""
    consumer = Consumer(story.CONTRACTOR_APP, story.CONTRACTOR_UNIT, story.CONTRACTOR,
                        story.CONTRACTOR_UNUSUAL_ADDRESS, "pop.person.verify", "population.resident",
                        ("name", "id_number"), "医保系统运维核对", "G-2026-0063")  # fmt: skip
    rows = random.randrange(600, 1_200)
    return _call(moment, consumer, Answer(rows, masked=False), random) | {"subjects": rows - random.randrange(40)}
