"""Tables of the city as files that a scan has something to find in; nobody holds the identity numbers in them.

People were born before identity numbers were given to anyone, telephones are of the range of machines' cards,
and names and codes of enterprises are drawn at random. All of it passes the checks of its kind.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from random import Random

from samples.generate.people import citizen_name

_REGIONS = ("110101", "330106", "440103", "500103")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SURNAMES = "赵钱孙李周吴郑王陈林"
_GIVEN = "伟芳娜敏静强磊洋勇艳杰娟涛明超秀霞平刚桂"
_ROADS = ("湖滨路", "岚山大道", "长岭街", "望湖路")
_DISTRICTS = ("湖东区", "湖西区", "岭南县")
_TRADES = ("科技", "商贸", "物流", "建材")
_MATTERS = ("咨询医保报销", "反映噪音扰民", "查询公积金余额", "申请居住证")


def _identity_number(random: Random) -> str:
    """A number that passes GB 11643-1999, of somebody born before 1900."""
    birth = f"{random.randrange(1860, 1900)}{random.randrange(1, 13):02d}{random.randrange(1, 29):02d}"
    body = f"{random.choice(_REGIONS)}{birth}{random.randrange(1000):03d}"
    return body + _CHECK_DIGITS[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


def _credit_code(random: Random) -> str:
    """A number that passes GB 32100-2015."""
    body = f"91{random.choice(_REGIONS)}MA{''.join(random.choice(_CREDIT_ALPHABET) for _ in range(6))}"
    body += _organization_check(body[8:])
    total = sum(_CREDIT_ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(body))
    return body + _CREDIT_ALPHABET[-total % 31]


def _organization_check(body: str) -> str:
    """The check character of GB 11714-1997."""
    rest = 11 - sum(int(c, 36) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def _mobile(random: Random) -> str:
    """A number of the range of machines' cards."""
    return f"148{random.randrange(10**8):08d}"


def _name(random: Random) -> str:
    return random.choice(_SURNAMES) + "".join(random.sample(_GIVEN, 2))


def _address(random: Random) -> str:
    road, number, room = random.choice(_ROADS), random.randrange(1, 300), random.randrange(101, 2000)
    return f"北京市{random.choice(('朝阳区', '海淀区'))}{road}{number}号{room}室"


def _residents(random: Random) -> Iterator[Sequence[str]]:
    while True:
        person = [_name(random), _identity_number(random), random.choice("男女"), _mobile(random)]
        yield [*person, _address(random), random.choice(_DISTRICTS)]


def _enterprises(random: Random) -> Iterator[Sequence[str]]:
    while True:
        name = f"岚湖{random.choice(_GIVEN)}{random.choice(_GIVEN)}{random.choice(_TRADES)}有限公司"
        yield [
            name,
            _credit_code(random),
            _name(random),
            _mobile(random),
            f"office{random.randrange(999)}@lanhu.example",
        ]


def _calls(random: Random) -> Iterator[Sequence[str]]:
    number = 0
    while True:
        number += 1
        told = f"，来电人身份证号{_identity_number(random)}" if random.randrange(6) == 0 else ""
        day = f"2026-10-{random.randrange(1, 29):02d}"
        yield [f"GD{number:06d}", day, f"{citizen_name(random)}{random.choice(_MATTERS)}{told}，已答复", "已办结"]


def _unnamed(random: Random) -> Iterator[Sequence[str]]:
    number = 700_000
    while True:
        number += random.randrange(1, 9)
        mobile = _mobile(random) if random.randrange(3) else ""
        yield [str(number), _identity_number(random), mobile, f"{random.randrange(10**6) / 100:.2f}"]


def _codes(random: Random) -> Iterator[Sequence[str]]:
    for number in range(1, 41):
        yield [f"C{number:03d}", f"事项{number}", str(random.randrange(2))]


def _table(columns: Sequence[str], rows: Callable[[Random], Iterator[Sequence[str]]], number: int, seed: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(islice(rows(Random(seed)), number))
    return text.getvalue().encode()


FILES: dict[str, Callable[[], bytes]] = {
    "resident.csv": partial(
        _table, ("name", "id_number", "sex", "mobile", "home_address", "district"), _residents, 120, "resident"
    ),
    "enterprise.csv": partial(
        _table, ("企业名称", "统一社会信用代码", "法定代表人", "联系电话", "邮箱"), _enterprises, 80, "enterprise"
    ),
    "hotline.csv": partial(_table, ("工单编号", "日期", "内容", "状态"), _calls, 100, "hotline"),
    "legacy_export.csv": partial(_table, ("c1", "c2", "c3", "c4"), _unnamed, 100, "legacy"),
    "code.csv": partial(_table, ("code", "label", "enabled"), _codes, 40, "code"),
}
"""Name of the file, and what renders its bytes."""
