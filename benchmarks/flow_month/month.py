"""The month: what is ordinary, what comes close, and what goes wrong, with its label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from benchmarks.flow_month.records import (
    CALLERS,
    EXCHANGE,
    PORTAL,
    REPORT,
    Written,
    call,
    identity_number,
    statement,
)
from benchmarks.flow_month.violations import VIOLATIONS
from benchmarks.flow_month.world import DAYS, MONTH
from collectors.record import Record
from events import event_id

IDENTITY = "month"
_ORDINARY = ("gjj", "rs", "jy", "school", "contractor")
_STATEMENTS = (
    (PORTAL, "SELECT id, status FROM case_application WHERE id = {number}"),
    (PORTAL, "UPDATE case_application SET status = 'accepted' WHERE id = {number}"),
    (PORTAL, "INSERT INTO case_attachment (case_id, path) VALUES ({number}, '/uploads/{number}.jpg')"),
    (PORTAL, "SELECT name, mobile FROM applicant_contact WHERE id_number = '{person}'"),
    (PORTAL, "DELETE FROM case_attachment WHERE id = {number}"),
    (REPORT, "SELECT COUNT(*) FROM case_application"),
    (REPORT, "SELECT c.label, a.status FROM case_application a JOIN case_kind c ON c.code = a.status"),
    (EXCHANGE, "SELECT name, sex, district FROM resident WHERE id_number = '{person}'"),
)


@dataclass(frozen=True, slots=True)
class Planted:
    """A record of the month; ``kind`` of the violation that it is part of, None for what is right."""

    written: Written
    kind: str | None

    def record(self, position: int) -> Record:
        """As a decoder gives it."""
        raw = self.written.line.encode()
        return Record(position, raw, text=self.written.line)

    def event_id(self, position: int) -> str:
        """The id of its event."""
        return event_id(IDENTITY, position, self.written.line.encode())


def month(seed: int, flows: int, times: int) -> list[Planted]:
    """About ``flows`` ordinary flows, each kind of violation on ``times`` days, its near miss on as many others."""
    random = Random(seed)
    planted = [Planted(each, None) for each in _ordinary(random, flows)]
    for kind, violation in VIOLATIONS.items():
        days = random.sample(range(violation.first_day, DAYS - 5), 2 * times)
        for place, day in enumerate(days):
            make = violation.make if place < times else violation.near_miss
            label = kind if place < times else None
            # Of what depends on time, only one day comes first.
            if violation.rule == "flow_dormant_account" and place not in {0, times}:
                continue
            planted += [Planted(each, label) for each in make(random, MONTH + timedelta(days=day))]
    return sorted(planted, key=lambda each: (each.written.moment, each.written.line))


def _ordinary(random: Random, flows: int) -> Iterator[Written]:
    for _ in range(flows):
        day = MONTH + timedelta(days=random.randrange(DAYS))
        moment = day + timedelta(hours=random.randrange(7, 20), milliseconds=random.randrange(3_600_000))
        if random.randrange(3):
            name = random.choice(_ORDINARY)
            refused = random.randrange(100) == 0
            records = random.choice((1, 1, 1, 2, 5, 20)) if not refused else 0
            yield call(random, moment, CALLERS[name], records=records, status=403 if refused else 200)
        else:
            session, sql = random.choice(_STATEMENTS)
            text = sql.format(number=random.randrange(10**6), person=identity_number(random))
            yield statement(moment, session, text, random.choice((0, 1, 1, 3)))
