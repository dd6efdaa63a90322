"""Moves the branches of a run through its workflow, until something must be called or everything waits."""

from __future__ import annotations

from opentelemetry import trace
from sqlalchemy.orm import Session

from events import now_ms
from playbooks.cacao import restore_playbook
from playbooks.cacao.conditions import parse_condition
from playbooks.cacao.model import (
    ActionStep,
    EndStep,
    IfStep,
    ParallelStep,
    Playbook,
    PlaybookActionStep,
    StartStep,
    Step,
    SwitchStep,
    WhileStep,
)
from playbooks.cacao.variables import Variables, value_of
from playbooks.errors import ConditionError, PlaybookError, VariableError
from playbooks.policy import run_policy
from playbooks.runs.acting import act
from playbooks.runs.engine import Moving
from playbooks.runs.models import Operation, PlaybookVersion, Token
from playbooks.runs.starting import NewRun, start_below
from playbooks.runs.vocabulary import HistoryKind, RunState, TokenState, Wait

_tracer = trace.get_tracer("fengsui.playbooks")
_kept: dict[str, Playbook] = {}
_MOST_KEPT = 256


def playbook_of(session: Session, digest: str) -> Playbook:
    """The playbook of a version, kept in memory once read."""
    if digest not in _kept:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[digest] = restore_playbook(session.get_one(PlaybookVersion, digest).text)
    return _kept[digest]


def walk(moving: Moving) -> Operation | None:
    """Move every branch that can move; returns an operation that is to be called, None where everything waits.

    With None the run is at rest: whoever resolves one of its waits has it taken up again.
    """
    token: Token | None = None
    if not moving.is_over and moving.is_abandoned:
        moving.run.problem = moving.run.problem or "the run that called it has ended"
        moving.end(RunState.CANCELLED)
    for _ in range(run_policy().work.walk):
        if moving.is_over:
            token = None
        elif token is None or token.state != TokenState.READY:
            token = _next(moving)
        if token is None:
            _rest(moving)
            return None
        try:
            operation = _move(moving, token)
        except (ConditionError, VariableError) as error:
            moving.fail(token, str(error))
            continue
        if operation is not None:
            return operation
    moving.run.is_moving = False  # so long a way is walked in several rounds
    return None


def _next(moving: Moving) -> Token | None:
    return next((token for token in moving.live if token.state == TokenState.READY), None)


def _rest(moving: Moving) -> None:
    run = moving.run
    run.is_moving, run.changed_ms = False, now_ms()
    if not moving.is_over and moving.live:
        run.state = RunState.WAITING.value


def _move(moving: Moving, token: Token) -> Operation | None:
    """Take the step at which a branch stands."""
    step = moving.step_of(token)
    with _tracer.start_as_current_span("playbook step") as span:
        span.set_attribute("fengsui.run", token.run_id)
        span.set_attribute("fengsui.step", token.step_id)
        return _take(moving, token, step)


def _take(moving: Moving, token: Token, step: Step) -> Operation | None:
    if token.visit == 0:
        _enter(moving, token)
    if step.delay and not token.is_delayed:
        token.is_delayed, token.state, token.wait = True, TokenState.WAITING.value, Wait.DELAY.value
        token.due_ms = now_ms() + step.delay
        moving.tell(HistoryKind.WAITING, Wait.DELAY.value, token)
        return None
    if isinstance(step, ActionStep):
        return act(moving, token, step)
    if isinstance(step, StartStep):
        moving.go_to(token, step.after_success)
    elif isinstance(step, EndStep):
        moving.finish(token)
    elif isinstance(step, ParallelStep):
        moving.branch(token, list(step.next_steps))
    elif isinstance(step, PlaybookActionStep):
        _play(moving, token, step)
    else:
        _choose(moving, token, step)
    return None


def _enter(moving: Moving, token: Token) -> None:
    token.visit = moving.enter(token)  # operation ids tell one visit from another
    moving.tell(HistoryKind.STEP, "entered", token)


def _choose(moving: Moving, token: Token, step: IfStep | WhileStep | SwitchStep) -> None:
    known: Variables = {
        **{name: item.value for name, item in step.step_variables.items()},
        **moving.run.variables,
    }
    if isinstance(step, SwitchStep):
        value = value_of(known, step.switch.removesuffix(":value"))
        chosen = step.cases.get(value) or step.cases.get("default")
    elif parse_condition(step.condition)(known):
        chosen = step.on_true
    else:
        chosen = step.on_false if isinstance(step, IfStep) else None
    if isinstance(step, WhileStep) and chosen:
        token.position += 1
        if token.position > run_policy().work.repetitions:
            raise ConditionError(f"repeated {run_policy().work.repetitions} times; change its condition")
    moving.tell(HistoryKind.BRANCHES, "chosen" if chosen else "passed", token, chosen or "")
    if chosen is None:
        moving.go_to(token, step.after_success)
    else:
        moving.branch(token, [chosen])


def _play(moving: Moving, token: Token, step: PlaybookActionStep) -> None:
    """Start another playbook and wait for its end; then take its ``out_args`` over."""
    answer, token.answer = token.answer, None
    if answer is None:
        wanted = {name: moving.run.variables.get(name) for name in step.in_args}
        try:
            start_below(moving, token, NewRun(step.playbook_id, wanted), step.playbook_version)
        except PlaybookError as error:
            moving.fail(token, str(error))
        return
    if answer.get("state") != RunState.SUCCEEDED:
        moving.fail(token, f"the playbook that it called {answer.get('state', 'ran out of time')}")
        return
    given = answer.get("variables", {})
    moving.assign(step, {name: given[name] for name in step.out_args if name in given})
    moving.tell(HistoryKind.STEP, "done", token)
    moving.go_to(token, step.after_success)
