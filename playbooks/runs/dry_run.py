"""What a playbook would do, resolved as far as it can be, without doing any of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from playbooks.actions.contract import Acting
from playbooks.actions.planning import plan_step
from playbooks.cacao.checking import ways_of
from playbooks.cacao.model import ActionStep, Playbook
from playbooks.errors import ActionError, VariableError
from playbooks.runs.acting import demand_for, entries_of
from playbooks.runs.starting import initial_variables
from registry.registers import Editor


@dataclass(frozen=True, slots=True)
class DryStep:
    """One step in the order in which it is reached; ``problem`` says why its actions can't be resolved yet."""

    step_id: str
    type: str
    name: str
    ways: dict[str, str]
    approval_role: str | None = None
    actions: list[dict[str, Any]] = field(default_factory=list)
    problem: str | None = None


def dry_run(session: Session, playbook: Playbook, given: Mapping[str, str | None], editor: Editor) -> list[DryStep]:
    """Every step that can be reached, with exactly what its actions would do for these variables.

    Raises:
        VariableError: a value is for no external variable, or one that is needed is missing.
    """
    variables = initial_variables(playbook, given)
    acting = Acting(session, editor, "", None)
    return [_step(acting, playbook, step_id, variables) for step_id in _reached(playbook)]


def _step(acting: Acting, playbook: Playbook, step_id: str, variables: Mapping[str, str | None]) -> DryStep:
    step, problem, actions = playbook.workflow[step_id], None, []
    if not isinstance(step, ActionStep):
        return DryStep(step_id, step.type, step.name, ways_of(step))
    try:
        actions = entries_of(step_id, step, plan_step(acting, playbook, step, variables))
    except (ActionError, VariableError) as error:
        problem = str(error)
    demand = demand_for(playbook, step_id)
    return DryStep(step_id, step.type, step.name, ways_of(step), demand.role if demand else None, actions, problem)


def _reached(playbook: Playbook) -> list[str]:
    start = [playbook.workflow_start, *([playbook.workflow_exception] if playbook.workflow_exception else [])]
    reached: dict[str, None] = {}
    while start:
        step_id = start.pop(0)
        if step_id not in reached:
            reached[step_id] = None
            start.extend(ways_of(playbook.workflow[step_id]).values())
    return list(reached)
