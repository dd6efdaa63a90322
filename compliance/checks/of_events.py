"""Checks over a system's events."""

from __future__ import annotations

from compliance.checks.verdicts import Counted, Required, named_missing, share_outcome, unknown
from compliance.event_figures import EventFigures
from compliance.evidence import CheckOutcome
from compliance.judgment import Judgment
from events import timestamp_ms
from policies.compliance.checks import (
    AbsentCheck,
    BurstsCheck,
    ClockCheck,
    DailyCheck,
    FamiliesCheck,
    RecentCheck,
    SeenCheck,
    ShareCheck,
)

_MS_PER_DAY = 86_400_000


def share(name: str, check: ShareCheck, found: EventFigures) -> CheckOutcome:
    """Of the events so many hold."""
    rows, of = (found.row(name, "of"), found.row(name, "held")), found.count(name, "of")
    if of == 0:
        return unknown(name, "no_events", rows)
    if of < check.minimum:
        return unknown(name, "too_few", rows, of=of, minimum=check.minimum)
    counted = Counted(found.count(name, "held"), of, "share")
    return share_outcome(name, counted, Required(check.fulfilled, check.partly), rows)


def seen(name: str, check: SeenCheck, found: EventFigures) -> CheckOutcome:
    """Where the one kind of events is, the other must be too."""
    rows, given = (found.row(name, "given"), found.row(name, "seen")), found.count(name, "given")
    count = found.count(name, "seen")
    if given == 0:
        return unknown(name, "no_events", rows)
    if count:
        return CheckOutcome(name, Judgment.FULFILLED, "seen", {"given": given, "seen": count}, rows)
    if given < check.minimum:
        return unknown(name, "too_few", rows, of=given, minimum=check.minimum)
    return CheckOutcome(name, Judgment.FAILED, "not_seen", {"given": given}, rows)


def absent(name: str, check: AbsentCheck, found: EventFigures) -> CheckOutcome:
    """Something bad does not occur; one that occurs counts however few events there are."""
    rows, given = (found.row(name, "given"), found.row(name, "absent")), found.count(name, "given")
    count = found.count(name, "absent")
    if count:
        held = Judgment.PARTLY if count <= check.partly * given else Judgment.FAILED
        return CheckOutcome(name, held, "found", {"given": given, "found": count}, rows)
    if given == 0:
        return unknown(name, "no_events", rows)
    if given < check.minimum:
        return unknown(name, "too_few", rows, of=given, minimum=check.minimum)
    return CheckOutcome(name, Judgment.FULFILLED, "absent", {"given": given}, rows)


def recent(name: str, check: RecentCheck, found: EventFigures) -> CheckOutcome:
    """The last one is not long ago."""
    row, last = found.row(name, "seen"), found.last_ms(name, "seen")
    if last is None:
        return unknown(name, "no_events", (row,))
    days = max(found.now - last, 0) / _MS_PER_DAY
    judgment = Judgment.FAILED
    if days <= check.partly_days:
        judgment = Judgment.FULFILLED if days <= check.fulfilled_days else Judgment.PARTLY
    return CheckOutcome(name, judgment, "recent", {"days": int(days), "required": f"{check.fulfilled_days:g}"}, (row,))


def families(name: str, check: FamiliesCheck, found: EventFigures) -> CheckOutcome:
    """Each family of logs arrives."""
    rows = tuple(found.row(name, family) for family in check.families)
    missing = [figure for family, figure in check.families.items() if not found.count(name, family)]
    total = len(check.families)
    if len(missing) == total:
        return unknown(name, "no_events", rows)
    if not missing:
        return CheckOutcome(name, Judgment.FULFILLED, "families_all", {"total": total}, rows)
    judgment = Judgment.PARTLY if total - len(missing) >= check.partly else Judgment.FAILED
    figures: dict[str, int | str] = {"total": total, "found": total - len(missing), **named_missing(missing)}
    return CheckOutcome(name, judgment, "families", figures, rows)


def daily(name: str, check: DailyCheck, found: EventFigures) -> CheckOutcome:
    """There are events on each day; the days of UTC at both ends are cut, so one more than the days may have some."""
    row = found.row(name, "of")
    held = min(len(found.detail(name, "of")["buckets"]), check.days)
    if not held:
        return unknown(name, "no_events", (row,))
    required = Required(check.fulfilled, check.partly)
    return share_outcome(name, Counted(held, check.days, "daily"), required, (row,), days=check.days)


def bursts(name: str, check: BurstsCheck, found: EventFigures) -> CheckOutcome:
    """Failed sign-ins stop at a limit."""
    rows, of = (found.row(name, "of"), found.row(name, "lockout")), found.count(name, "of")
    locked = found.count(name, "lockout")
    if not of and not locked:
        return unknown(name, "no_events", rows)
    accounts = found.detail(name, "of")["buckets"]
    most = max((each["doc_count"] for account in accounts for each in account["times"]["buckets"]), default=0)
    if most > check.limit:
        judgment = Judgment.PARTLY if locked else Judgment.FAILED
        return CheckOutcome(name, judgment, "burst", _figures(check, most), rows)
    if not locked:
        return unknown(name, "never_locked", rows, of=of)
    return CheckOutcome(name, Judgment.FULFILLED, "locked", {**_figures(check, most), "locked": locked}, rows)


def clock(name: str, check: ClockCheck, found: EventFigures) -> CheckOutcome:
    """Times are believable: the record has one of its own that lies before its receipt."""
    row = found.row(name, "of")
    hits = [each["_source"] for each in found.detail(name, "of")["hits"]["hits"]]
    told = [each for each in hits if "event.ingested" in each]
    if not told:
        return unknown(name, "no_events", (row,))
    tolerance = check.tolerance_seconds * 1000
    held = sum(
        "fengsui.time.quality" not in each
        and timestamp_ms(str(each["@timestamp"])) <= timestamp_ms(str(each["event.ingested"])) + tolerance
        for each in told
    )
    required = Required(check.fulfilled, check.partly)
    return share_outcome(name, Counted(held, len(told), "clock"), required, (row,))


def _figures(check: BurstsCheck, most: int) -> dict[str, int | str]:
    return {"minutes": check.minutes, "limit": check.limit, "most": most}
