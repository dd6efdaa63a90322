"""Records of the month as the gateway and the databases write them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from random import Random

from classification.identifiers.persons import mod_11_2


@dataclass(frozen=True, slots=True)
class Written:
    """A record with its moment."""

    moment: datetime
    line: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls what under which grant, as the gateway's settings have it."""

    app: str
    address: str
    path: str
    fields: tuple[str, ...]
    purpose: str
    masked: bool = True
    method: str = "POST"


CALLERS = {
    "gjj": Caller("app-gjj", "10.50.3.10", "/share/v1/pop/person/verify", ("name", "id_number"), "公积金提取核验"),
    "rs": Caller("app-rs", "10.50.4.10", "/share/v1/soc/insured/query", ("name", "insured_status"), "待遇资格认证"),
    "jy": Caller("app-jy", "10.50.5.10", "/share/v1/pop/household/query", ("household_id", "district"), "义务教育入学"),
    "mz": Caller("app-mz", "10.50.7.10", "/share/v1/social/benefit/query", ("name", "id_number"), "社会救助核对"),
    "zr": Caller(
        "app-zr", "10.50.9.10", "/share/v1/persons/{id}", ("name", "sex"), "不动产登记核验", masked=False, method="GET"
    ),
    "qx": Caller("app-qx", "10.60.1.10", "/share/v1/finance/subsidy/query", ("name", "amount"), "惠民补贴发放"),
    "dl": Caller("app-dl", "10.60.2.10", "/share/v1/finance/subsidy/query", ("name", "amount"), "惠民补贴发放"),
    "contractor": Caller(
        "ctr-wb03", "10.40.8.33", "/share/v1/med/insured/query", ("name", "insured_status"), "医保系统运维核对"
    ),
    "seasonal": Caller("app-seasonal", "10.50.3.12", "/share/v1/pop/person/verify", ("name",), "年度核验"),
    "yearly": Caller("app-yearly", "10.50.3.13", "/share/v1/pop/person/verify", ("name",), "年度核验"),
    "school": Caller("app-sc", "10.50.8.10", "/share/v1/education/school/query", ("name",), "名录同步"),
}


def call(random: Random, moment: datetime, caller: Caller, **changed: object) -> Written:
    """One call through the gateway."""
    path = caller.path.replace("{id}", identity_number(random)) if "{id}" in caller.path else caller.path
    document: dict[str, object] = {
        "time": moment.isoformat(timespec="milliseconds"),
        "request_id": f"{random.getrandbits(64):016x}",
        "app_id": caller.app,
        "client_ip": caller.address,
        "method": caller.method,
        "path": path,
        "status": 200,
        "fields": list(caller.fields),
        "records": 1,
        "masked": caller.masked,
        "purpose": caller.purpose,
        "response_bytes": 300,
        "latency_ms": 20,
    }
    return Written(moment, json.dumps({**document, **changed}, ensure_ascii=False))


def identity_number(random: Random) -> str:
    """A number that every test takes for a resident's, of people born longer ago than any who lives."""
    birth = f"{random.randrange(1900, 1908)}{random.randrange(1, 13):02d}{random.randrange(1, 29):02d}"
    first = f"110101{birth}{random.randrange(1000):03d}"
    return first + mod_11_2(first)


def body(random: Random, records: int) -> str:
    """An answer as a gateway logs it: people with their numbers."""
    people = [{"name": f"测试{number}", "id_number": identity_number(random)} for number in range(records)]
    return json.dumps({"code": 0, "data": people}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Session:
    """A session in a database."""

    user: str
    address: str
    server: str
    database: str
    kind: str = "postgresql"


PORTAL = Session("portal_app", "10.20.3.21", "10.20.4.32", "cases", "mysql")
REPORT = Session("report", "10.20.3.24", "10.20.4.32", "cases", "mysql")
EXCHANGE = Session("exchange_sync", "10.20.5.41", "10.20.4.31", "population")
CONTRACTOR = Session("ctr-wb03", "10.40.8.33", "10.20.4.31", "medical")


def statement(moment: datetime, session: Session, sql: str, rows: int = 1) -> Written:
    """One statement as a database-audit appliance writes it."""
    document = {
        "time": moment.isoformat(timespec="milliseconds"),
        "db_user": session.user,
        "client_ip": session.address,
        "server_ip": session.server,
        "db_type": session.kind,
        "db_name": session.database,
        "sql": sql,
        "rows": rows,
        "result": "0",
    }
    return Written(moment, json.dumps(document, ensure_ascii=False))
