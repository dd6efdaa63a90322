"""The system that an incident is under: it gives the duty to report, those accountable, and the proposed level."""

from __future__ import annotations

from sqlalchemy.orm import Session

from incidents.flow import STEPS
from incidents.levels import IncidentFacts, level_policy, propose_level
from incidents.models import Incident
from incidents.response.recording import Recorded, state_of, write_down
from incidents.timeline import TimelineEntry
from incidents.vocabulary import Importance, Operator, TimelineKind
from registry.models import SystemRecord
from registry.registers import Editor


def importance_of(system: SystemRecord | None) -> Importance:
    """How important what an incident affects is, by the registry."""
    policy = level_policy()
    if system is None:
        return policy.importance.otherwise
    return policy.importance_of(system.level, is_critical=system.is_critical)


def stand_under(incident: Incident, system: SystemRecord | None) -> None:
    """Take from a system, None for none, what an incident has from it."""
    is_critical = system is not None and system.is_critical
    incident.system_id = system.id if system else None
    incident.operator = (Operator.CRITICAL_INFRASTRUCTURE if is_critical else Operator.OTHER).value
    incident.accountable = _accountable(system) if system else {}
    propose(incident, IncidentFacts.model_validate(incident.facts), system)


def propose(incident: Incident, facts: IncidentFacts, system: SystemRecord | None) -> None:
    """Propose an incident's level by what is known of its weight; one that was decided stands."""
    proposal = propose_level(facts, importance_of(system))
    incident.facts = facts.model_dump(mode="json")
    incident.proposed_level = int(proposal.level)
    incident.reasons = [reason.document() for reason in proposal.reasons]


def affect(session: Session, incident: Incident, system_id: str | None, editor: Editor) -> bool:
    """Put an incident under another system that turns out to be affected, if that one weighs more.

    It then stands under the same system whichever of its alerts came first. An incident that is ended, or whose level a
    person has decided, is left as it is. Returns whether it moved.
    """
    if system_id in {None, incident.system_id} or incident.level is not None or incident.state not in STEPS:
        return False
    other = session.get(SystemRecord, system_id)
    own = session.get(SystemRecord, incident.system_id) if incident.system_id else None
    if other is None or (own is not None and _weight(other) <= _weight(own)):
        return False
    before = state_of(incident)
    stand_under(incident, other)
    detail: dict[str, object] = {"proposed": incident.proposed_level, "system": other.id, "reasons": incident.reasons}
    line = TimelineEntry(TimelineKind.LEVEL, incident.id, detail=detail)
    write_down(session, incident, Recorded("affect", before), line, editor.by)
    return True


def _weight(system: SystemRecord) -> tuple[bool, int, tuple[int, ...]]:
    """Critical infrastructure before the rest, then by protection level (等保); of equals that of the first id."""
    return system.is_critical, system.level or 0, tuple(-ord(letter) for letter in system.id)


def _accountable(system: SystemRecord) -> dict[str, str]:
    return {"operator": system.operator_id, "owner": system.owner_id, "supervisor": system.supervisor_id}
