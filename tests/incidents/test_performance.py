"""Rates and mean times against a recomputation that knows only what was done when."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from audit import Actor
from audit.authorship import ChangedBy
from incidents import (
    Answer,
    AttachmentFiles,
    Editor,
    IncidentLevel,
    IncidentState,
    LevelDecision,
    Move,
    NewIncident,
    NewNotice,
    Period,
    Subject,
    Upload,
    acknowledge_notice,
    advance,
    answer_notice,
    attach,
    close_incident,
    decide_level,
    issue_notice,
    open_incident,
    performance,
    reject_answer,
    reopen_incident,
    verify_notice,
    withdraw_notice,
)
from registry import UnitScope
from store.records import RecordsDatabase
from tests.incidents.town import DAY, HOUR, MONDAY, PDF, fill

_END = MONDAY + 60 * DAY
_BUDGET = 3 * DAY  # of a major incident, around the clock
_delay = st.integers(1, 5 * 24).map(lambda hours: hours * HOUR)


@dataclass
class Doings:
    """What is done with an incident of level Ⅱ and with a notice of its own, each so long after the one before."""

    unit: str
    opened: int
    acknowledged: int | None
    handled: int | None
    ending: str
    reopened_for: int | None
    answers: list[int] = field(default_factory=list)
    notice_ending: str = "none"


_doings = st.builds(
    Doings,
    unit=st.sampled_from(["housing", "police"]),
    opened=st.integers(0, 30 * 24).map(lambda hours: MONDAY + hours * HOUR),
    acknowledged=st.none() | _delay,
    handled=st.none() | _delay,
    ending=st.sampled_from(["open", "resolved", "no_incident"]),
    reopened_for=st.none() | _delay,
    answers=st.lists(_delay, max_size=3),
    notice_ending=st.sampled_from(["none", "verified", "withdrawn"]),
)


def _editor(name: str, at: int) -> Editor:
    return Editor(ChangedBy(Actor("user", name, name), at), UnitScope.everything())


def _do(session: Session, doings: Doings, files: AttachmentFiles) -> None:
    at = doings.opened
    incident = open_incident(session, NewIncident("x", "data_security", unit_id=doings.unit), _editor("a", at)).id
    decide_level(session, incident, LevelDecision(IncidentLevel.MAJOR, "x"), _editor("a", at))
    _notice(session, doings, files)
    if doings.acknowledged is None:
        return
    at += doings.acknowledged
    advance(session, incident, Move(IncidentState.RESPONSE, "at once"), _editor("a", at))
    if doings.handled is None:
        return
    at += doings.handled
    advance(session, incident, Move(IncidentState.TRACING), _editor("a", at))
    if doings.ending == "open":
        return
    close_incident(session, incident, Move(IncidentState.CLOSED, "x", doings.ending), _editor("a", at))
    if doings.reopened_for is not None:
        reopen_incident(session, incident, Move(IncidentState.RESPONSE, "x"), _editor("a", at + HOUR))
        at += HOUR + doings.reopened_for
        advance(session, incident, Move(IncidentState.TRACING), _editor("a", at))


def _notice(session: Session, doings: Doings, files: AttachmentFiles) -> None:
    at = doings.opened
    demand = NewNotice(doings.unit, "x", "x", at + _BUDGET)
    notice = issue_notice(session, demand, _editor("a", at)).id
    acknowledge_notice(session, notice, _editor("u", at))
    upload = Upload(Subject.NOTICE, notice, "a.pdf", PDF)
    for number, delay in enumerate(doings.answers):
        at += delay
        proof = attach(session, files, upload, _editor("u", at)).id
        answer_notice(session, notice, Answer("x", (proof,)), _editor("u", at))
        if number + 1 < len(doings.answers):
            reject_answer(session, notice, "x", _editor("a", at))
    if doings.answers and doings.notice_ending == "verified":
        verify_notice(session, notice, "", _editor("a", at))
    if doings.notice_ending == "withdrawn":
        withdraw_notice(session, notice, "x", _editor("a", at))


def _incident_outcome(doings: Doings) -> str:
    """in_time, late, pending or out, thought through once more without clocks; all ends lie before ``_END``."""
    is_handled = doings.acknowledged is not None and doings.handled is not None
    reopened = is_handled and doings.ending != "open" and doings.reopened_for is not None
    if is_handled and doings.ending == "no_incident" and not reopened:
        return "out"
    if not is_handled or (doings.acknowledged or 0) + (doings.handled or 0) > _BUDGET:
        return "late"
    return "late" if reopened and (doings.reopened_for or 0) > _BUDGET else "in_time"


def _notice_outcome(doings: Doings) -> str:
    if doings.notice_ending == "withdrawn":
        return "out"
    if not doings.answers or sum(doings.answers) > _BUDGET:
        return "late"
    return "in_time" if doings.notice_ending == "verified" else "pending"


def _times(doings: Doings) -> tuple[int | None, int | None]:
    if doings.acknowledged is None:
        return None, None
    if doings.handled is None:
        return doings.acknowledged, None
    resolved = doings.acknowledged + doings.handled
    if doings.ending != "open" and doings.reopened_for is not None:
        resolved += HOUR + doings.reopened_for
    return doings.acknowledged, resolved


def _mean(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) // len(known) if known else None


@given(st.lists(_doings, max_size=6), st.sampled_from(["all", "housing"]))
@settings(max_examples=20)
def test_figures_are_what_a_naive_recomputation_finds(done: list[Doings], scope_name: str) -> None:
    folder = Path(tempfile.mkdtemp())
    records = RecordsDatabase(f"sqlite:///{folder}/records.db")
    try:
        fill(records)
        with records.begin() as session:
            for doings in done:
                _do(session, doings, AttachmentFiles(folder / "files"))
        scope = UnitScope.everything() if scope_name == "all" else UnitScope.below(["housing"])
        with records.read() as session:
            found = performance(session, scope, Period(MONDAY + 5 * DAY, MONDAY + 25 * DAY, _END))
    finally:
        records.close()
        shutil.rmtree(folder)
    seen = [
        doings
        for doings in done
        if MONDAY + 5 * DAY <= doings.opened < MONDAY + 25 * DAY and scope_name in {"all", doings.unit}
    ]
    incidents, notices = [_incident_outcome(each) for each in seen], [_notice_outcome(each) for each in seen]
    for figures, outcomes in ((found.incidents, incidents), (found.notices, notices)):
        assert (figures.in_time, figures.late, figures.pending) == tuple(
            outcomes.count(name) for name in ("in_time", "late", "pending")
        )
    timely, late = ((incidents + notices).count(name) for name in ("in_time", "late"))
    assert found.rectified_in_time_rate == (timely / (timely + late) if timely + late else None)
    counted = [_times(each) for each, outcome in zip(seen, incidents, strict=True) if outcome != "out"]
    assert (found.mtta_ms, found.mttr_ms) == (_mean([a for a, _ in counted]), _mean([r for _, r in counted]))
