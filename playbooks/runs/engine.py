"""What the parts of moving a run share: the run, its playbook, its branches, and how branches go on and end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from events import now_ms
from playbooks.actions.contract import Acting, Ports
from playbooks.cacao.model import EndStep, IfStep, ParallelStep, Playbook, Step, SwitchStep, WhileStep
from playbooks.errors import VariableError
from playbooks.runs.approvals import withdraw
from playbooks.runs.history import Line, audit_run, run_editor, tell, tell_incident
from playbooks.runs.models import Run, Token
from playbooks.runs.repository import approvals_of, entered_steps, live_tokens
from playbooks.runs.vocabulary import ENDED, ApprovalState, HistoryKind, RunState, TokenState, Wait

_REFUSED = frozenset({ApprovalState.REJECTED.value, ApprovalState.EXPIRED.value})
_LONGEST_VALUE = 65_536


@dataclass(slots=True)
class Moving:
    """A run within one transaction that moves it; its branches are read once and kept in memory until it ends."""

    session: Session
    run: Run
    playbook: Playbook
    process: str
    ports: Ports = field(default_factory=Ports)
    _tokens: list[Token] | None = None
    _entered: Counter[str] | None = None
    _arrived: set[int] = field(default_factory=set)

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return self.run.state in ENDED

    @property
    def is_abandoned(self) -> bool:
        """Whether the run that called this one has ended without it."""
        above = None if self.run.parent_run_id is None else self.session.get(Run, self.run.parent_run_id)
        return above is not None and above.state in ENDED

    @property
    def live(self) -> list[Token]:
        """The branches that are not at their end, the oldest first."""
        if self._tokens is None:
            self._tokens = live_tokens(self.session, self.run.id)
        return [token for token in self._tokens if token.state != TokenState.SPENT]

    def enter(self, token: Token) -> int:
        """Note that a branch enters its step; returns for the how-manieth time the run does."""
        self._arrived.add(token.id)
        steps = self.playbook.workflow.values()
        if self.playbook.workflow_exception is None and not any(isinstance(step, BRANCHING) for step in steps):
            return 1  # one way without a fork leads to no step twice
        entered = self._times_entered()
        entered[token.step_id] += 1
        return entered[token.step_id]

    def has_just_entered(self, token: Token) -> bool:
        """Whether a branch entered its step in this transaction, so that nothing was begun there before."""
        return token.id in self._arrived

    def step_of(self, token: Token) -> Step:
        """Where a branch stands."""
        return self.playbook.workflow[token.step_id]

    def acting(self) -> Acting:
        """Within what its actions happen."""
        return Acting(self.session, run_editor(self.run), self.run.id, self.run.incident_id, self.ports)

    def tell(self, kind: HistoryKind, code: str, token: Token, text: str = "") -> None:
        """Append to the run's history."""
        tell(self.session, self.run, Line(kind, code, token.step_id, text=text))

    def assign(self, step: Step, values: dict[str, str | None]) -> None:
        """Give variables their values.

        Raises:
            VariableError: one of them is a constant, or a value is too long.
        """
        for name, value in values.items():
            declared = step.step_variables.get(name) or self.playbook.playbook_variables.get(name)
            if declared is not None and declared.constant:
                raise VariableError(f"{name}: is a constant; assign to another variable")
            if value is not None and len(value) > _LONGEST_VALUE:
                raise VariableError(f"{name}: its value is longer than {_LONGEST_VALUE} characters")
        self.run.variables = {**self.run.variables, **values}

    def go_to(self, token: Token, step_id: str | None) -> None:
        """Let a branch go on at a step; a branch ends where the step above it goes on."""
        if step_id is None or self._joins(token, step_id):
            self.finish(token)
            return
        token.step_id, token.state, token.wait, token.due_ms = step_id, TokenState.READY.value, None, None
        token.position, token.is_delayed, token.answer, token.question = 0, False, None, None
        token.visit = 0

    def branch(self, token: Token, step_ids: list[str]) -> None:
        """Open branches below a step; it goes on when all have ended."""
        token.state = TokenState.OPEN.value
        opened = [new_token(self.run.id, step_id, token.id) for step_id in step_ids]
        self._tokens = [*self.live, *opened]
        self.session.add_all(opened)
        self.session.flush()

    def finish(self, token: Token) -> None:
        """End a branch; the step above it goes on after the last of its branches."""
        live = self.live
        token.state, token.wait, token.due_ms = TokenState.SPENT.value, None, None
        if token.parent_id is None:
            self._end_of_workflow()
            return
        if any(other.parent_id == token.parent_id for other in live if other is not token):
            return
        parent = self.session.get_one(Token, token.parent_id)
        step = self.step_of(parent)
        if isinstance(step, WhileStep):
            parent.state = TokenState.READY.value
            return
        self.tell(HistoryKind.STEP, "done", parent)
        self.go_to(parent, step.after_success)

    def fail(self, token: Token, reason: str, instead: str | None = None) -> None:
        """Let a step fail: go where it says (or ``instead``), else let the step above it fail, else the workflow.

        A failure that leads straight to an end step leaves it to nobody, so the run will not end as succeeded.
        """
        step = self.step_of(token)
        self.tell(HistoryKind.STEP, "failed", token, reason)
        following = instead or step.after_failure
        if following is not None:
            if isinstance(self.playbook.workflow[following], EndStep):
                self.run.problem = self.run.problem or f"{step.name or token.step_id}: {reason}"
            self.go_to(token, following)
        elif token.parent_id is not None:
            parent = self.session.get_one(Token, token.parent_id)
            self._drop_below(parent)
            self.fail(parent, reason)
        else:
            self._fail_workflow(token, reason)

    def end(self, state: RunState) -> None:
        """End the run, whatever of it still waits, and what it called."""
        self._wake_called()
        self.drop_all()
        self.run.state, self.run.ended_ms, self.run.changed_ms = state.value, now_ms(), now_ms()
        line = Line(HistoryKind.ENDED, state.value, text=self.run.problem or "")
        tell_incident(self.session, self.run, line)
        audit_run(self.session, self.run, "end", reason=self.run.problem)
        if self.run.parent_token_id is not None:
            self._tell_parent(state)

    def drop_all(self) -> None:
        """End every branch; nobody is asked any more."""
        for token in self.live:
            withdraw(self.session, token)
            token.state, token.wait, token.due_ms = TokenState.SPENT.value, None, None

    def _times_entered(self) -> Counter[str]:
        if self._entered is None:
            with self.session.no_autoflush:  # nothing of this transaction is written yet
                self._entered = entered_steps(self.session, self.run.id)
        return self._entered

    def _joins(self, token: Token, step_id: str) -> bool:
        if token.parent_id is None:
            return False
        parent = self.session.get_one(Token, token.parent_id)
        above = self.step_of(parent)
        return step_id == above.after_success or (isinstance(above, WhileStep) and step_id == parent.step_id)

    def _drop_below(self, parent: Token) -> None:
        for token in self.live:
            if token.parent_id == parent.id:
                self._drop_below(token)
                withdraw(self.session, token)
                token.state, token.wait, token.due_ms = TokenState.SPENT.value, None, None

    def _fail_workflow(self, token: Token, reason: str) -> None:
        exception = self.playbook.workflow_exception
        handled = exception is not None and not self._times_entered()[exception]
        self.run.problem = self.run.problem or f"{self.step_of(token).name or token.step_id}: {reason}"
        if not handled:
            self.end(self._ending(RunState.FAILED))
            return
        self.drop_all()
        self.go_to(token, exception)

    def _end_of_workflow(self) -> None:
        if self.live:
            return
        self.end(self._ending(RunState.FAILED if self.run.problem else RunState.SUCCEEDED))

    def _ending(self, otherwise: RunState) -> RunState:
        """A run of which something was refused ends as rejected, however it went on."""
        with self.session.no_autoflush:  # what this transaction changed of them is in memory
            approvals = approvals_of(self.session, self.run.id)
        return RunState.REJECTED if any(each.state in _REFUSED for each in approvals) else otherwise

    def _tell_parent(self, state: RunState) -> None:
        """Let the step that called this go on, if it still waits: in one statement, as its run is not held here."""
        answer = {"wait": Wait.PLAYBOOK.value, "state": state.value, "variables": dict(self.run.variables)}
        still = (Token.state == TokenState.WAITING.value, Token.wait == Wait.PLAYBOOK.value)
        waits = update(Token).where(Token.id == self.run.parent_token_id, *still)
        self.session.execute(waits.values(state=TokenState.READY.value, answer=answer))

    def _wake_called(self) -> None:
        """Have the playbooks that this run called taken up, where they wait: they end with it."""
        called = select(Run.id).where(Run.parent_run_id == self.run.id, Run.ended_ms.is_(None))
        waits = update(Token).where(Token.run_id.in_(called), Token.state == TokenState.WAITING.value)
        self.session.execute(waits.values(state=TokenState.READY.value, due_ms=None))


def new_token(run_id: str, step_id: str, parent_id: int | None = None) -> Token:
    """A branch that is about to enter a step."""
    return Token(
        run_id=run_id,
        parent_id=parent_id,
        step_id=step_id,
        state=TokenState.READY.value,
        visit=0,
        position=0,
        is_delayed=False,
    )


BRANCHING = (ParallelStep, IfStep, WhileStep, SwitchStep)
