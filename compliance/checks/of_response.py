"""Checks over how the center responds: alerts, incidents, notices, and whether its sources are alive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network

from sqlalchemy import func, or_, select

from collectors.delivery.models import SourceStatusRow
from compliance.checks.context import CheckContext
from compliance.checks.verdicts import Counted, Required, share_outcome, unknown
from compliance.evidence import CheckOutcome
from detection.alerts import Alert, AlertTransition
from incidents import Incident, IncidentState, Notice, NoticeState
from registry.models import AccountRecord, ResourceRecord

_MS_PER_HOUR = 3_600_000
_MS_PER_DAY = 24 * _MS_PER_HOUR
_IDS_A_QUERY = 500
_NUMBERS_NAMED = 100


def alert_handling(context: CheckContext) -> CheckOutcome:
    """Alerts about the system are taken up by a person soon enough; those that may still wait do not count."""
    limit_ms = int(context.limit("hours") * _MS_PER_HOUR)
    statement = select(Alert).where(Alert.created >= context.since, Alert.created <= context.now)
    about = _About(context)
    found = context.session.scalars(statement)
    alerts = [each for each in found if each.system_id == context.system.id or about.names(each.entity.values())]
    taken_up = _first_steps(context, [each.id for each in alerts])
    decided = [each for each in alerts if each.id in taken_up or context.now - each.created > limit_ms]
    row = context.row(f"alerts: created in the period, about {context.system.id}", len(alerts), _sample(alerts))
    if not decided:
        return unknown(context.name, "no_alerts", (row,))
    held = sum(each.id in taken_up and taken_up[each.id] - each.created <= limit_ms for each in decided)
    hours = round(context.limit("hours"))
    return share_outcome(context.name, Counted(held, len(decided), "alerts"), _required(context), (row,), hours=hours)


def incident_handling(context: CheckContext) -> CheckOutcome:
    """Incidents of the system have an owner, and do not stay open for long."""
    statement = select(Incident).where(
        Incident.system_id == context.system.id,
        Incident.opened_ms >= context.since,
        Incident.opened_ms <= context.now,
        Incident.state != IncidentState.MERGED.value,
    )
    found = context.session.scalars(statement.order_by(Incident.number)).all()
    row = context.row(f"incidents: system {context.system.id}", len(found), _numbers([each.number for each in found]))
    if not found:
        return unknown(context.name, "no_incidents", (row,))
    longest = context.limit("open_days") * _MS_PER_DAY
    held = sum(
        each.owner_id is not None and (each.closed_ms or context.now) - each.opened_ms <= longest for each in found
    )
    return share_outcome(context.name, Counted(held, len(found), "incidents"), _required(context), (row,))


def notice_handling(context: CheckContext) -> CheckOutcome:
    """Notices to the accountable units are answered in time; those that may still wait do not count.

    Those over incidents of the system count whomever they went to: a contractor's unit is none of the accountable ones.
    """
    units = sorted(context.system.unit_ids)
    of_system = select(Incident.id).where(Incident.system_id == context.system.id)
    statement = select(Notice).where(
        or_(Notice.unit_id.in_(units), Notice.incident_id.in_(of_system)),
        Notice.issued_ms >= context.since,
        Notice.issued_ms <= context.now,
        Notice.state != NoticeState.WITHDRAWN.value,
    )
    found = context.session.scalars(statement.order_by(Notice.number)).all()
    decided = [each for each in found if each.answered_ms is not None or each.deadline_ms < context.now]
    query = f"notices: units {', '.join(units)}, or over an incident of {context.system.id}"
    row = context.row(query, len(found), _numbers([each.number for each in found]))
    if not decided:
        return unknown(context.name, "no_notices", (row,))
    held = sum(each.answered_ms is not None and each.answered_ms <= each.deadline_ms for each in decided)
    return share_outcome(context.name, Counted(held, len(decided), "notices"), _required(context), (row,))


def sources_alive(context: CheckContext) -> CheckOutcome:
    """The sources of logs delivered something lately."""
    total = context.session.scalar(select(func.count()).select_from(SourceStatusRow)) or 0
    alive = select(func.count()).select_from(SourceStatusRow).where(SourceStatusRow.last_delivered_ms >= context.since)
    held = context.session.scalar(alive) or 0
    row = context.row("source_status: last_delivered_ms in the period", held)
    if not total:
        return unknown(context.name, "no_sources", (row,))
    return share_outcome(context.name, Counted(held, total, "sources"), _required(context), (row,))


class _About:
    """Tells what names a system: an address of its networks, its id, a resource or an account of its own."""

    def __init__(self, context: CheckContext) -> None:
        system_id = context.system.id
        self._networks = [ip_network(each) for each in context.system.entry.addresses]
        resources = context.session.scalars(select(ResourceRecord.id).where(ResourceRecord.system_id == system_id))
        accounts = context.session.scalars(select(AccountRecord.id).where(AccountRecord.system_id == system_id))
        own = {each.partition("@")[0] for each in accounts}
        self._names = {system_id, *resources, *own}

    def names(self, values: Iterable[object]) -> bool:
        """Whether one of these values does."""
        return any(str(value) in self._names or self._is_address(str(value)) for value in values)

    def _is_address(self, value: str) -> bool:
        try:
            address = ip_address(value)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def _first_steps(context: CheckContext, alert_ids: Sequence[str]) -> dict[str, int]:
    """When a person first did something with each of these alerts."""
    first = func.min(AlertTransition.at)
    found: dict[str, int] = {}
    for start in range(0, len(alert_ids), _IDS_A_QUERY):
        ids = alert_ids[start : start + _IDS_A_QUERY]
        wanted = select(AlertTransition.alert_id, first).where(AlertTransition.alert_id.in_(ids))
        found |= {row[0]: row[1] for row in context.session.execute(wanted.group_by(AlertTransition.alert_id))}
    return found


def _numbers(found: Sequence[int]) -> dict[str, str]:
    """The numbers of all of them, the latest first; of very many the latest, and how many more."""
    latest = [f"#{number}" for number in reversed(found)]
    named = ", ".join(latest[:_NUMBERS_NAMED])
    more = f" (+{len(latest) - _NUMBERS_NAMED})" if len(latest) > _NUMBERS_NAMED else ""
    return {"numbers": named + more} if latest else {}


def _sample(alerts: Sequence[Alert]) -> dict[str, str]:
    if not alerts:
        return {}
    last = max(alerts, key=lambda each: each.created)
    return {"alert.id": last.id, "level": last.level, "state": last.state}


def _required(context: CheckContext) -> Required:
    return Required(context.limit("fulfilled"), context.limit("partly"))
