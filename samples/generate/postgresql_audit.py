"""``postgresql.log``: the population database's server log with pgAudit; local time, named CST by PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from random import Random

from samples.generate import story
from samples.generate.clock import after, moments
from samples.generate.people import identity_number

Line = tuple[datetime, str]

_DATABASE = "population"
_SYNCHRONIZER = ("exchange_sync", story.GATEWAY.address)
_LOOKUP = "SELECT name, sex, district FROM resident WHERE id_number = '{}'"


def render() -> bytes:
    """The file's bytes."""
    random = Random("postgresql.log")
    lines = [*_lookups(random), *_checkpoints(random), *_export()]
    return ("\n".join(line for _, line in sorted(lines, key=itemgetter(0))) + "\n").encode()


def _line(moment: datetime, session: tuple[str, str, int], message: str) -> Line:
    user, address, process = session
    stamp = f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d} CST"
    prefix = f"{stamp} [{process}]: user={user},db={_DATABASE},app=psql,client={address} "
    return moment, f"{prefix}LOG:  {message}"


def _audit(statement: str, table: str, rows: int) -> str:
    quoted = statement.replace('"', '""')
    return f'AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.{table},"{quoted}",<not logged>,{rows}'


def _lookups(random: Random) -> list[Line]:
    lines: list[Line] = []
    for moment in moments(random, 260):
        session = (*_SYNCHRONIZER, random.randrange(3000, 3020))
        statement = _LOOKUP.format(identity_number(random))
        lines.append(_line(moment, session, _audit(statement, "resident", 1)))
    return lines


def _checkpoints(random: Random) -> list[Line]:
    lines: list[Line] = []
    for hour in range(24):
        moment = story.at(f"{hour:02d}:05:00")
        stamp = f"{moment:%Y-%m-%d %H:%M:%S}.{random.randrange(1000):03d} CST"
        lines.append((moment, f"{stamp} [812]: user=,db=,app=,client= LOG:  checkpoint starting: time"))
    return lines


def _export() -> list[Line]:
    session = (story.CONTRACTOR, story.CONTRACTOR_UNUSUAL_ADDRESS, 5120)
    begin = after(story.BULK_EXPORT, 480)
    received = f"connection authorized: user={story.CONTRACTOR} database={_DATABASE} application_name=psql"
    return [
        _line(begin, session, received),
        _line(after(begin, 20), session, _audit("SELECT * FROM resident", "resident", 1_284_417)),
        _line(after(begin, 140), session, _audit("SELECT * FROM insured_person", "insured_person", 986_203)),
    ]
