"""The state machine of a notice, and how each step is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from audit.authorship import Change, ChangedBy, audit_change
from incidents.clocks.following import follow_notice
from incidents.errors import InvalidNoticeError, NoticeTransitionError
from incidents.flow import flow_policy
from incidents.models import Incident, Notice, NoticeTransition
from incidents.timeline import TimelineEntry, write_line
from incidents.vocabulary import NoticeState, NoticeStep, TimelineKind

_WITH_UNIT = frozenset({NoticeState.ISSUED, NoticeState.ACKNOWLEDGED, NoticeState.REJECTED})
_STEPS: dict[NoticeStep, tuple[frozenset[NoticeState], NoticeState | None]] = {
    NoticeStep.ACKNOWLEDGE: (frozenset({NoticeState.ISSUED}), NoticeState.ACKNOWLEDGED),
    NoticeStep.ANSWER: (frozenset({NoticeState.ACKNOWLEDGED, NoticeState.REJECTED}), NoticeState.ANSWERED),
    NoticeStep.ASK_EXTENSION: (_WITH_UNIT - {NoticeState.ISSUED}, None),
    NoticeStep.GRANT_EXTENSION: (_WITH_UNIT - {NoticeState.ISSUED}, None),
    NoticeStep.REFUSE_EXTENSION: (_WITH_UNIT - {NoticeState.ISSUED}, None),
    NoticeStep.VERIFY: (frozenset({NoticeState.ANSWERED}), NoticeState.VERIFIED),
    NoticeStep.REJECT: (frozenset({NoticeState.ANSWERED}), NoticeState.REJECTED),
    NoticeStep.WITHDRAW: (_WITH_UNIT | {NoticeState.ANSWERED}, NoticeState.WITHDRAWN),
}
"""From which states a step may be taken, and where it leads; None keeps the state."""


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step with what was said, the ids of the evidence, and the deadline from now on where it changes."""

    step: NoticeStep
    text: str | None = None
    attachments: Sequence[str] = ()
    deadline_ms: int | None = None


def allowed_steps(state: str) -> list[NoticeStep]:
    """The steps that a state allows, whoever takes them."""
    return [step for step, (states, _) in _STEPS.items() if state in states]


def check_allowed(notice: Notice, step: NoticeStep) -> None:
    """Refuse a step that the state does not allow.

    Raises:
        NoticeTransitionError: it does not.
    """
    states, _ = _STEPS[step]
    if notice.state not in states:
        raise NoticeTransitionError(
            f"Notice #{notice.number} is {notice.state}; to {step} it, it must be {' or '.join(sorted(states))}"
        )


def state_of(notice: Notice) -> dict[str, object]:
    """What the audit trail keeps of a notice."""
    return {
        "unit_id": notice.unit_id,
        "title": notice.title,
        "state": notice.state,
        "deadline_ms": notice.deadline_ms,
        "incident_id": notice.incident_id,
    }


def take(session: Session, notice: Notice, taken: StepTaken, by: ChangedBy) -> None:
    """Move a notice by a step that is allowed, and write it down.

    Raises:
        NoticeTransitionError: the state does not allow it.
    """
    check_allowed(notice, taken.step)
    before, from_state, leads_to = state_of(notice), notice.state, _STEPS[taken.step][1]
    notice.state = leads_to.value if leads_to else notice.state
    notice.deadline_ms = taken.deadline_ms or notice.deadline_ms
    write_down(session, notice, taken, (before, from_state), by)


def write_down(
    session: Session,
    notice: Notice,
    taken: StepTaken,
    earlier: tuple[dict[str, object] | None, str | None],
    by: ChangedBy,
) -> None:
    """Append a step, with the state and its name before it, to history, trail and the incident's timeline."""
    before, from_state = earlier
    notice.changed_ms = max(notice.changed_ms, by.at_ms)
    session.add(_transition(notice, taken, from_state, by))
    session.flush()
    change = Change("notice", taken.step.value.replace("_", "-"), notice.id, taken.text, before, state_of(notice))
    audit_change(session, change, by)
    follow_notice(session, notice, by)
    if notice.incident_id is not None:
        detail = {"step": taken.step.value, "number": notice.number, "unit_id": notice.unit_id, "state": notice.state}
        line = TimelineEntry(TimelineKind.NOTICE, notice.id, taken.text or notice.title, detail)
        write_line(session, session.get_one(Incident, notice.incident_id), line, by)


def checked(what: str, text: str | None, maximum: int | None = None) -> str:
    """What must be said, stripped.

    Raises:
        InvalidNoticeError: it is empty or too long.
    """
    stripped, longest = (text or "").strip(), maximum or flow_policy().limits.text
    if not 0 < len(stripped) <= longest or "\0" in stripped:
        raise InvalidNoticeError(f"{what} needs words, at most {longest} characters, none of them NUL")
    return stripped


def _transition(notice: Notice, taken: StepTaken, from_state: str | None, by: ChangedBy) -> NoticeTransition:
    return NoticeTransition(
        notice_id=notice.id,
        at=by.at_ms,
        step=taken.step.value,
        from_state=from_state,
        to_state=notice.state,
        actor_id=by.responsible_id,
        actor=by.actor.name,
        text=taken.text,
        deadline_ms=notice.deadline_ms,
        attachments=list(taken.attachments),
    )
