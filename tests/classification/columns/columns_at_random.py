"""Columns of values made at random, and what they are judged to hold."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from classification.columns import ColumnFinding, ColumnJudge
from tests.classification.valid_identifiers import with_luhn, with_mod_11_2, with_organization_check

CHANCE = random.Random(11)
ROWS = 500


def judged(values: Sequence[object], name: str = "c1", **about: Any) -> dict[str, ColumnFinding]:  # noqa: ANN401 (what a judge is told)
    judge = ColumnJudge(name, **about)
    judge.add(values)
    return {finding.category: finding for finding in judge.findings()}


def digits(count: int) -> str:
    return "".join(CHANCE.choice("0123456789") for _ in range(count))


def resident_id() -> str:
    born = f"{CHANCE.randrange(1940, 2015)}{CHANCE.randrange(1, 13):02d}{CHANCE.randrange(1, 29):02d}"
    return with_mod_11_2("330106" + born + digits(3))


def dotted(limit: int) -> str:
    return ".".join(str(CHANCE.randrange(limit)) for _ in range(4))


HOLDING = {
    "resident_id": resident_id,
    "mobile_phone": lambda: "13" + digits(9),
    "bank_card": lambda: with_luhn("622202" + digits(12)),
    "organization_code": lambda: with_organization_check(digits(8)),
    "email": lambda: f"u{digits(5)}@city.gov.cn",
    "ip_address": lambda: f"10.{CHANCE.randrange(256)}.{CHANCE.randrange(256)}.{CHANCE.randrange(256)}",
    "landline_phone": lambda: "0571-8" + digits(7),
    "license_plate": lambda: "浙A" + digits(5),
    "mac_address": lambda: ":".join(f"{CHANCE.randrange(256):02x}" for _ in range(5)) + ":af",
    "coordinates": lambda: f"120.{digits(6)},30.{digits(6)}",
    "person_name": lambda: CHANCE.choice("王李张刘陈") + CHANCE.choice("伟芳娜敏静") + CHANCE.choice("强磊军洋杰"),
    "address": lambda: f"杭州市西湖区文三路{CHANCE.randrange(1, 900)}号",
    "company_name": lambda: f"杭州{CHANCE.choice('甲乙丙丁')}{CHANCE.choice('东西南北')}科技有限公司",
    "gender": lambda: CHANCE.choice("男女"),
}
