"""``mysql-audit.log``: the case database's audit log in the form of MariaDB's server_audit plugin, local time."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from random import Random

from samples.generate import story
from samples.generate.clock import ROUND_THE_CLOCK, after, moments
from samples.generate.people import identity_number

Line = tuple[datetime, str]

_DATABASE = "cases"
_APPLICATION = ("portal_app", story.APPLICATION.address)
_REPORT = ("report", "10.20.3.24")
_STATEMENTS = (
    "SELECT id, status FROM case_application WHERE id = {number}",
    "UPDATE case_application SET status = 'accepted' WHERE id = {number}",
    "SELECT name FROM applicant_contact WHERE id_number = '{identity}'",
    "INSERT INTO case_attachment (case_id, path) VALUES ({number}, '/uploads/20261118/{number}.jpg')",
    "SELECT code, label FROM case_kind",
)
_DUMP = "SELECT /*!40001 SQL_NO_CACHE */ * FROM `{}`"
_TABLES = ("case_application", "case_attachment", "applicant_contact")


def render() -> bytes:
    """The file's bytes."""
    random = Random("mysql-audit.log")
    lines = [*_application(random), *_reports(random), *_export(random)]
    return ("\n".join(line for _, line in sorted(lines, key=itemgetter(0))) + "\n").encode()


def _line(moment: datetime, session: tuple[str, str, int], operation: str, statement: str = "") -> Line:
    user, address, connection = session
    quoted = "'" + statement.replace("\\", "\\\\").replace("'", "\\'") + "'" if statement else ""
    head = f"{moment:%Y%m%d %H:%M:%S},{story.CASE_DATABASE.name},{user},{address},{connection}"
    query = 0 if operation in {"CONNECT", "DISCONNECT"} else 80_000 + connection * 7 % 9_999
    return moment, f"{head},{query},{operation},{_DATABASE},{quoted},0"


def _application(random: Random) -> list[Line]:
    lines: list[Line] = []
    for moment in moments(random, 480):
        given = {"number": random.randrange(10**6), "identity": identity_number(random)}
        statement = random.choice(_STATEMENTS).format(**given)
        lines.append(_line(moment, (*_APPLICATION, random.randrange(100, 140)), "QUERY", statement))
    return lines


def _reports(random: Random) -> list[Line]:
    """The nightly report: connects, counts, goes; and one look at a code list with all its columns."""
    lines: list[Line] = []
    for moment in moments(random, 24, ROUND_THE_CLOCK):
        session = (*_REPORT, random.randrange(140, 180))
        lines.append(_line(moment, session, "CONNECT"))
        lines.append(_line(after(moment, 1), session, "QUERY", "SELECT COUNT(*) FROM case_application"))
        lines.append(_line(after(moment, 2), session, "QUERY", "SELECT * FROM case_kind WHERE retired = 0"))
        lines.append(_line(after(moment, 3), session, "DISCONNECT"))
    return lines


def _export(random: Random) -> list[Line]:
    session = (story.CONTRACTOR, story.CONTRACTOR_UNUSUAL_ADDRESS, 2213)
    lines = [_line(story.BULK_EXPORT, session, "CONNECT")]
    for number, table in enumerate(_TABLES, 1):
        moment = after(story.BULK_EXPORT, 95 * number + random.randrange(20))
        lines.append(_line(moment, session, "QUERY", _DUMP.format(table)))
    return [*lines, _line(after(story.BULK_EXPORT, 420), session, "DISCONNECT")]
