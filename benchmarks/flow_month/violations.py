"""What goes wrong in the month: each kind with how it is done, what finds it, and what comes so close and is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from benchmarks.flow_month.records import (
    CALLERS,
    CONTRACTOR,
    EXCHANGE,
    PORTAL,
    REPORT,
    Written,
    body,
    call,
    statement,
)
from benchmarks.flow_month.world import ABROAD, INTERNET, RECORDS_CAP, SUBJECTS_CAP

Day = datetime
Make = Callable[[Random, Day], list[Written]]


@dataclass(frozen=True, slots=True)
class Violation:
    """A kind of violation.

    Attributes:
        rule: file name of the rule that finds it.
        make: its records on a day; the day given is its first moment.
        near_miss: records that come close, and that the rule must not find.
        beside: further rules that rightly find the same records.
        first_day: on which day of the month it can first happen.
    """

    rule: str
    make: Make
    near_miss: Make
    beside: frozenset[str] = frozenset()
    first_day: int = 0


GJJ, MZ, ZR, QX, DL = (CALLERS[name] for name in ("gjj", "mz", "zr", "qx", "dl"))
STUDENT = replace(MZ, path="/share/v1/education/student/query", fields=("name", "school"))
SUBSIDY = replace(QX, fields=("name", "amount"))
HARDSHIP = replace(
    MZ, path="/share/v1/insight/hardship/8001", fields=("household_id", "amount"), purpose="困难家庭识别",
    masked=False, method="GET",
)  # fmt: skip
INSURED = replace(GJJ, path="/share/v1/med/insured/query", fields=("name", "insured_status"), purpose="社会救助核对")
IN_CLEAR = replace(INSURED, app="app-mz", fields=("name", "id_number", "diagnosis"), masked=False)
FOR_TAX = replace(
    MZ, app="app-cz", path="/share/v1/tax/payer/query", fields=("company",), purpose="财政预算", masked=False
)


def at(day: Day, clock: str) -> datetime:
    """The moment of a day at which the clock shows ``HH:MM``."""
    hours, minutes = clock.split(":")
    return day + timedelta(hours=int(hours), minutes=int(minutes))


def once(caller: object = GJJ, clock: str = "10:17", **changed: object) -> Make:
    """One call, changed."""
    return lambda random, day: [call(random, at(day, clock), caller, **changed)]  # type: ignore[arg-type]  # a Caller


def said(session: object, sql: str, rows: int = 1, clock: str = "10:23") -> Make:
    """One statement."""
    return lambda _, day: [statement(at(day, clock), session, sql, rows)]  # type: ignore[arg-type]  # a Session


def often(caller: object, times: int, **changed: object) -> Make:
    """The same call every two minutes."""
    return lambda random, day: [
        call(random, at(day, "09:00") + timedelta(minutes=2 * number), caller, **changed)  # type: ignore[arg-type]  # as in ``once``
        for number in range(times)
    ]


def asked_about(people: int, *, again: bool = False) -> Make:
    """Lookups of different people one after the other, or of one person again and again."""

    def make(random: Random, day: Day) -> list[Written]:
        one = replace(ZR, path=call(random, day, ZR).line.split('"path": "')[1].split('"')[0])
        moments = (at(day, "09:00") + timedelta(minutes=number) for number in range(people))
        return [call(random, moment, one if again else ZR) for moment in moments]

    return make


_LOWER = frozenset({"flow_unmasked_to_lower_zone"})
_BULK = frozenset({"flow_bulk_export", "flow_records_beyond_day"})
_NIGHT = frozenset({"flow_contractor_at_night"})
_KEPT = frozenset({"flow_contractor_keeps_data", "flow_contractor_exports_data", "flow_no_grant", "flow_bulk_export"})

VIOLATIONS: Mapping[str, Violation] = {
    "no grant": Violation("flow_no_grant", once(STUDENT), once()),
    "grant not yet valid": Violation("flow_no_grant", once(replace(SUBSIDY, app="app-sc", purpose="信用核查")), once()),
    "grant expired": Violation(
        "flow_grant_expired", once(replace(STUDENT, app="app-yb", purpose="参保核对")), once(), first_day=11
    ),
    "contract ended": Violation(
        "flow_grant_expired", once(replace(GJJ, app="ctr-js01", purpose="人口库建设")), once(CALLERS["contractor"])
    ),
    "grant revoked": Violation(
        "flow_grant_revoked", once(replace(STUDENT, app="app-cz", purpose="补贴核对")), once(), first_day=11
    ),
    "grant suspended": Violation(
        "flow_grant_revoked", once(replace(STUDENT, app="app-wj", purpose="儿童接种核对")), once(), first_day=11
    ),
    "account disabled": Violation(
        "flow_grant_revoked", once(replace(SUBSIDY, app="app-yj", purpose="应急救助")), once()
    ),
    "other purpose": Violation("flow_purpose_beyond_grant", once(purpose="营销推广"), once(purpose="公积金 提取核验")),
    "fields beyond": Violation(
        "flow_fields_beyond_grant", once(fields=["name", "id_number", "mobile"]), once(fields=["NAME"])
    ),
    "unmasked beyond grant": Violation(
        "flow_unmasked_beyond_grant", once(masked=False), once(masked=True), beside=_LOWER
    ),
    "records beyond in one call": Violation(
        "flow_records_beyond_grant", once(QX, records=RECORDS_CAP + 1), once(QX, records=RECORDS_CAP), beside=_BULK
    ),
    "records beyond over the day": Violation(
        "flow_records_beyond_day", often(MZ, 41, records=50), often(MZ, 40, records=50)
    ),
    "people beyond in one call": Violation(
        "flow_subjects_beyond_grant", once(DL, subjects=SUBJECTS_CAP + 1), once(DL, subjects=SUBJECTS_CAP)
    ),
    "people beyond over the day": Violation(
        "flow_subjects_beyond_day", asked_about(SUBJECTS_CAP + 2), asked_about(SUBJECTS_CAP + 2, again=True)
    ),
    "dedicated to others": Violation(
        "flow_dedicated_resource_outsider", once(replace(FOR_TAX, app="app-mz")), once(FOR_TAX)
    ),
    "shared with nobody": Violation(
        "flow_dedicated_resource_outsider",
        said(
            EXCHANGE,
            "SELECT name FROM key_person WHERE id_number = 'x'",
        ),
        said(
            EXCHANGE,
            "SELECT name FROM resident WHERE id_number = 'x'",
        ),
    ),
    "to the internet": Violation(
        "flow_unmasked_to_internet",
        once(IN_CLEAR, client_ip=INTERNET),
        once(replace(IN_CLEAR, app="app-gjj", purpose="提取核验"), client_ip=INTERNET),
        beside=_LOWER | {"flow_zone_beyond_grant"},
    ),
    "to abroad": Violation(
        "flow_to_abroad", once(client_ip=ABROAD), once(), beside=frozenset({"flow_zone_beyond_grant"})
    ),
    "to a zone that the grant does not name": Violation(
        "flow_zone_beyond_grant",
        once(client_ip=INTERNET),
        once(replace(IN_CLEAR, app="app-gjj", purpose="提取核验"), client_ip=INTERNET),
    ),
    "own data to a lower zone": Violation(
        "flow_unmasked_to_lower_zone",
        said(
            replace(PORTAL, address="10.50.3.99"), "SELECT name, id_number FROM applicant_contact WHERE id_number = 'x'"
        ),
        said(PORTAL, "SELECT name, id_number FROM applicant_contact WHERE id_number = 'x'"),
    ),
    "unregistered interface": Violation(
        "flow_unregistered_api_sensitive",
        lambda random, day: [call(random, at(day, "11:05"), GJJ, path="/tmp/export", response_body=body(random, 3))],
        once(path="/tmp/health", response_body='{"status": "ok"}'),
    ),
    "unregistered account": Violation("flow_unknown_consumer", once(app_id="app-nobody"), once()),
    "contractor at night": Violation(
        "flow_contractor_at_night", once(CALLERS["contractor"], "23:30"), once(CALLERS["contractor"], "21:59")
    ),
    "contractor at night beyond its grant": Violation(
        "flow_contractor_at_night_ungranted",
        once(CALLERS["contractor"], "23:40", fields=["name", "id_number"]),
        once(CALLERS["contractor"], "21:57"),
        beside=_NIGHT | {"flow_fields_beyond_grant"},
    ),
    "contractor keeps": Violation(
        "flow_contractor_keeps_data",
        said(CONTRACTOR, "CREATE TABLE mine AS SELECT name, mobile FROM insured WHERE insured_status = '1'", 40),
        once(CALLERS["contractor"]),
        beside=frozenset({"flow_no_grant", "flow_derived_beyond_parents"}),
    ),
    "contractor exports": Violation(
        "flow_contractor_exports_data",
        said(CONTRACTOR, "COPY insured (name, id_number) TO '/tmp/insured.csv'", 900),
        once(CALLERS["contractor"]),
        beside=_KEPT | _LOWER,
    ),
    "bulk export": Violation(
        "flow_bulk_export",
        said(REPORT, "SELECT * FROM case_application INTO OUTFILE '/tmp/cases'", 80),
        said(REPORT, "SELECT status, COUNT(*) FROM case_application GROUP BY status", 4),
        beside=frozenset({"database_whole_table_read"}),
    ),
    "dormant account": Violation("flow_dormant_account", once(CALLERS["seasonal"]), once(CALLERS["yearly"])),
    "derived beyond its parents": Violation(
        "flow_derived_beyond_parents", once(HARDSHIP), once(replace(HARDSHIP, app="app-wj", address="10.20.5.90"))
    ),
    "derived without saying so": Violation(
        "flow_derived_beyond_parents",
        said(PORTAL, "CREATE TABLE people_copy AS SELECT name, id_number FROM applicant_contact"),
        said(PORTAL, "CREATE TABLE kinds_copy AS SELECT code, label FROM case_kind"),
    ),
    "destroyed without approval": Violation(
        "flow_destruction_without_approval",
        said(PORTAL, "TRUNCATE TABLE case_attachment", 0),
        said(REPORT, "TRUNCATE TABLE case_attachment", 0),
    ),
}
"""By kind; every kind is planted on days of its own."""
