"""Lives of incidents and notices at random: only legal steps, a complete history, clocks that follow from it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import Actor, Trust, verify_trail
from audit.authorship import ChangedBy
from incidents import (
    Answer,
    AttachmentFiles,
    DeadlineWish,
    Editor,
    IncidentError,
    IncidentLevel,
    IncidentState,
    LevelDecision,
    Move,
    NewIncident,
    NewNotice,
    NoticeState,
    Pausing,
    SameVerifierError,
    Subject,
    Upload,
    acknowledge_notice,
    advance,
    answer_notice,
    ask_extension,
    attach,
    clocks_of,
    close_incident,
    decide_extension,
    decide_level,
    issue_notice,
    open_incident,
    pause_clock,
    reject_answer,
    reopen_incident,
    resume_clock,
    verify_notice,
    withdraw_notice,
)
from incidents.clocks.folding import Standing, fold
from incidents.clocks.ledger import standing_of
from incidents.clocks.watching import watch_clocks
from incidents.models import ClockEvent, Incident, IncidentTransition, Notice
from incidents.repository.listing import notice_transitions
from registry import UnitScope
from store.records import RecordsDatabase
from tests.incidents.town import DAY, HOUR, MINUTE, MONDAY, PDF, clock_events, fill

_STEPS = ["analysis", "notification", "coordination", "response", "tracing"]
_FORWARD = {
    "analysis": {"notification", "coordination", "response"},
    "notification": {"analysis", "coordination", "response"},
    "coordination": {"analysis", "notification", "response"},
    "response": {"analysis", "notification", "coordination", "tracing"},
    "tracing": {"analysis", "notification", "coordination", "response"},
}
_NOTICE = {
    "acknowledge": ({"issued"}, "acknowledged"),
    "answer": ({"acknowledged", "rejected"}, "answered"),
    "verify": ({"answered"}, "verified"),
    "reject": ({"answered"}, "rejected"),
    "withdraw": ({"issued", "acknowledged", "answered", "rejected"}, "withdrawn"),
}
_template: list[Path] = []


def _folded(events: Sequence[ClockEvent]) -> Standing | None:
    standing: Standing | None = None
    for event in events:
        standing = fold(standing, event)
    return standing


def _database(folder: Path) -> RecordsDatabase:
    """A filled database, copied from one that is made once."""
    if not _template:
        made = Path(tempfile.mkdtemp()) / "records.db"
        filled = RecordsDatabase(f"sqlite:///{made}")
        fill(filled)
        filled.close()
        _template.append(made)
    shutil.copy(_template[0], folder / "records.db")
    return RecordsDatabase(f"sqlite:///{folder}/records.db")


class Life(RuleBasedStateMachine):
    """One incident and one notice of it; the model is written from the issue's words, not from the policy."""

    @initialize(critical=st.booleans())
    def begin(self, critical: bool) -> None:  # noqa: FBT001 (drawn)
        self.folder = Path(tempfile.mkdtemp())
        self.records = _database(self.folder)
        self.files = AttachmentFiles(self.folder / "files")
        self.now = MONDAY
        with self.records.begin() as session:
            system = "grid" if critical else "portal"
            new = NewIncident("x", "data_security", "data_leak", system_id=system)
            self.incident = open_incident(session, new, self.by()).id
            self.notice = issue_notice(session, NewNotice("housing", "x", "x", incident_id=self.incident), self.by()).id
            self.proof = attach(
                session, self.files, Upload(Subject.NOTICE, self.notice, "a.pdf", PDF), self.by("unit")
            ).id
        self.states, self.notice_steps = ["analysis"], ["issued"]
        self.decided, self.answered_by, self.asked = False, "", False

    def by(self, name: str = "wang.min") -> Editor:
        return Editor(ChangedBy(Actor("user", name, name), self.now), UnitScope.everything())

    def attempt(self, function: Callable[..., object], *arguments: object, legal: bool, **named: object) -> bool:
        refusal = self.refusal(lambda session: function(session, *arguments, **named))
        assert (refusal is None) is legal, (function, arguments, refusal)
        return legal

    def refusal(self, act: Callable[[Session], object]) -> IncidentError | None:
        """What a step is refused with, None where it is taken; a refused one leaves nothing."""
        try:
            with self.records.begin() as session:
                act(session)
        except IncidentError as error:
            return error
        return None

    @rule(minutes=st.integers(1, 20_000))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(hours=st.integers(1, 30))
    def time_is_set_back(self, hours: int) -> None:
        self.now = max(MONDAY, self.now - hours * HOUR)

    @rule()
    def the_watch_looks(self) -> None:
        with self.records.begin() as session:
            watch_clocks(session, self.now)
            assert watch_clocks(session, self.now) == []

    @rule(step=st.sampled_from(_STEPS), reason=st.sampled_from(["", "why"]))
    def it_moves(self, step: str, reason: str) -> None:
        present = self.states[-1]
        one_on = present in _STEPS and _STEPS.index(step) == _STEPS.index(present) + 1
        legal = step in _FORWARD.get(present, ()) and (one_on or bool(reason))
        if self.attempt(advance, self.incident, Move(IncidentState(step), reason), self.by(), legal=legal):
            self.states.append(step)

    @rule(conclusion=st.sampled_from(["resolved", "no_incident", "duplicate", "?"]))
    def it_is_closed(self, conclusion: str) -> None:
        present = self.states[-1]
        legal = {
            "resolved": present == "tracing" and self.decided and self.notice_steps[-1] in {"verified", "withdrawn"},
            "no_incident": present in _STEPS,
            "duplicate": present == "analysis",
        }.get(conclusion, False)
        move = Move(IncidentState.CLOSED, "over", conclusion)
        if self.attempt(close_incident, self.incident, move, self.by(), legal=legal):
            self.states.append("closed")

    @rule(step=st.sampled_from(_STEPS))
    def it_is_reopened(self, step: str) -> None:
        legal = self.states[-1] == "closed" and step in {"analysis", "response"}
        if self.attempt(reopen_incident, self.incident, Move(IncidentState(step), "again"), self.by(), legal=legal):
            self.states.append(step)

    @rule(level=st.sampled_from(IncidentLevel))
    def its_level_is_decided(self, level: IncidentLevel) -> None:
        decision, legal = LevelDecision(level, "because"), self.states[-1] in _STEPS
        self.decided |= self.attempt(decide_level, self.incident, decision, self.by(), legal=legal)

    @rule(resume=st.booleans())
    def its_clock_is_paused(self, resume: bool) -> None:  # noqa: FBT001 (drawn)
        with self.records.read() as session:
            clock = clocks_of(session, Subject.INCIDENT, self.incident)["rectify"]
            last = max(event.at for event in clock_events(session, Subject.INCIDENT, self.incident))
        wanted = "paused" if resume else "running"
        legal = clock.state == wanted and (resume or (clock.due_ms or 0) >= max(self.now, last))
        if not resume and clock.state == "running" and self.now <= (clock.due_ms or 0) < last:
            return  # another clock's events may lie later; either is right
        function = resume_clock if resume else pause_clock
        self.attempt(function, self.incident, Pausing("rectify", "waiting"), self.by(), legal=legal)

    @rule(step=st.sampled_from(sorted(_NOTICE)), person=st.sampled_from(["unit", "center"]))
    def the_notice_moves(self, step: str, person: str) -> None:
        states, leads_to = _NOTICE[step]
        legal = self.notice_steps[-1] in states
        refusal = self.refusal(lambda session: self.call(session, step, self.by(person)))
        if step in {"verify", "reject"} and legal and self.answered_by == person:
            assert isinstance(refusal, SameVerifierError)
            return
        assert (refusal is None) is legal
        if refusal is not None:
            return
        self.notice_steps.append(leads_to)
        if step == "answer":
            self.answered_by, self.asked = person, False

    def call(self, session: Session, step: str, editor: Editor) -> None:
        if step == "acknowledge":
            acknowledge_notice(session, self.notice, editor)
        elif step == "answer":
            answer_notice(session, self.notice, Answer("done", (self.proof,)), editor)
        elif step == "verify":
            verify_notice(session, self.notice, "", editor)
        elif step == "reject":
            reject_answer(session, self.notice, "not enough", editor)
        else:
            withdraw_notice(session, self.notice, "by mistake", editor)

    @rule(granted=st.booleans())
    def more_time_is_asked_for(self, granted: bool) -> None:  # noqa: FBT001 (drawn)
        with self.records.read() as session:
            notice = session.get_one(Notice, self.notice)
            deadline = notice.deadline_ms
        legal = self.notice_steps[-1] in {"acknowledged", "rejected"} and deadline >= self.now
        wish = DeadlineWish(deadline + DAY, "more work than expected")
        if self.attempt(ask_extension, self.notice, wish, self.by("unit"), legal=legal):
            self.attempt(decide_extension, self.notice, "so", self.by("unit"), granted=granted, legal=False)
            self.attempt(decide_extension, self.notice, "so", self.by("center"), granted=granted, legal=True)
            self.notice_steps += [self.notice_steps[-1]] * 2
            with self.records.read() as session:
                assert session.get_one(Notice, self.notice).deadline_ms == deadline + (DAY if granted else 0)

    @precondition(lambda self: hasattr(self, "records"))
    @invariant()
    def the_history_is_whole(self) -> None:
        with self.records.read() as session:
            of_it = select(IncidentTransition).where(IncidentTransition.incident_id == self.incident)
            steps = session.scalars(of_it.order_by(IncidentTransition.id)).all()
            assert [step.to_state for step in steps] == self.states
            assert [step.from_state for step in steps] == [None, *self.states[:-1]]
            assert session.get_one(Incident, self.incident).state == self.states[-1]
            taken = notice_transitions(session, self.notice)
            assert [step.to_state for step in taken] == self.notice_steps
            assert session.get_one(Notice, self.notice).state == self.notice_steps[-1]

    @precondition(lambda self: hasattr(self, "records"))
    @invariant()
    def clocks_follow_from_their_events(self) -> None:
        with self.records.read() as session:
            for subject, identity in ((Subject.INCIDENT, self.incident), (Subject.NOTICE, self.notice)):
                for code, clock in clocks_of(session, subject, identity).items():
                    events = [event for event in clock_events(session, subject, identity) if event.clock == code]
                    assert standing_of(clock) == _folded(events)
                    if clock.state == "running" and not clock.breached_ms:
                        assert clock.next_ms is not None
                    moments = [event.at for event in events if event.act != "met"]
                    assert moments == sorted(moments)

    def teardown(self) -> None:
        if hasattr(self, "records"):
            with self.records.read() as session:
                assert verify_trail(session, Trust()).holds
                assert session.scalar(select(Notice.state)) in set(NoticeState)
            self.records.close()
            shutil.rmtree(self.folder)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=15, stateful_step_count=20)
