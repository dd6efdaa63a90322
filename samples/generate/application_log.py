"""``gb18030-app.log``: the case-handling system's own log through rsyslog, which leaves its GB18030 as it is."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from random import Random

from samples.generate import story
from samples.generate.clock import after, local_milliseconds, moments
from samples.generate.people import citizen_name, identity_number, telephone_number

Line = tuple[datetime, str]

_DEPARTMENTS = ("综合窗口", "社保窗口", "不动产窗口", "医保窗口")


def render() -> bytes:
    """The file's bytes."""
    random = Random("gb18030-app.log")
    lines = [line for moment in moments(random, 130) for line in _case(moment, random)]
    lines += [_line(moment, "WARN", "Pool", "数据库连接池使用率超过百分之八十") for moment in moments(random, 6)]
    slow = after(story.BULK_EXPORT, 190)
    lines.append(_line(slow, "ERROR", "Pool", "办件库响应超时:整表读取占满连接,请检查来源账号"))
    return "".join(f"{line}\n" for _, line in sorted(lines, key=itemgetter(0))).encode("gb18030")


def _line(moment: datetime, level: str, logger: str, message: str) -> Line:
    head = f"{local_milliseconds(moment)} {story.APPLICATION.name} cases[1873]:"
    return moment, f"{head} {level:<5} [http-nio-8080-exec-{moment.second % 8 + 1}] cases.{logger} - {message}"


def _case(moment: datetime, random: Random) -> list[Line]:
    """An application is filed and accepted; the applicant's data is written masked, as the product asks of others."""
    number, window = f"BJ20261118{random.randrange(10**6):06d}", random.choice(_DEPARTMENTS)
    identity, telephone = identity_number(random), telephone_number(random)
    masked = f"证件 {identity[:6]}********{identity[-4:]},电话 {telephone[:3]}****{telephone[-4:]}"
    applicant = f"{citizen_name(random)[:2]}**,{masked}"
    return [
        _line(moment, "INFO", "Filing", f"{window}收到申请 {number}:申请人 {applicant}"),
        _line(after(moment, random.randrange(40, 900)), "INFO", "Handling", f"申请 {number} 已受理,转{window}办理"),
    ]
