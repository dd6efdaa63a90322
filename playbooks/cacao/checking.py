"""What a schema can't tell of a playbook: that steps lead somewhere, names are defined, conditions can be read."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

import jsonschema
from pydantic import ValidationError

from playbooks.cacao.conditions import parse_condition
from playbooks.cacao.extension import EXTENSION_ID, extension_of
from playbooks.cacao.model import (
    ActionStep,
    IfStep,
    ParallelStep,
    Playbook,
    StartStep,
    Step,
    SwitchStep,
    WhileStep,
)
from playbooks.cacao.secrets import credentials_in_clear
from playbooks.errors import ConditionError, Problem


def check(playbook: Playbook) -> list[Problem]:
    """Every place at which a playbook could not be run, with the reason; empty for one that can."""
    problems = [*_check_frame(playbook)]
    for step_id in playbook.workflow:
        for judge in (_ways, _type, _definitions, _conditions, _extension):
            problems.extend(Problem(f"workflow.{step_id}{place}", reason) for place, reason in judge(playbook, step_id))
    problems.extend(credentials_in_clear(playbook))
    return problems + ([] if problems else _loops(playbook))


Found = Iterator[tuple[str, str]]


def _check_frame(playbook: Playbook) -> Iterator[Problem]:
    start = playbook.workflow.get(playbook.workflow_start)
    if not isinstance(start, StartStep):
        yield Problem("workflow_start", "names no start step of the workflow; name one")
    if playbook.workflow_exception and playbook.workflow_exception not in playbook.workflow:
        yield Problem("workflow_exception", "names no step of the workflow; name one")
    if playbook.valid_from and playbook.valid_until and playbook.valid_until <= playbook.valid_from:
        yield Problem("valid_until", "is not after valid_from; correct one of them")


def ways_of(step: Step) -> dict[str, str]:
    """Where a step leads: place in the step → step id."""
    ways = {name: getattr(step, name) for name in ("on_completion", "on_success", "on_failure")}
    if isinstance(step, IfStep):
        ways |= {"on_true": step.on_true, "on_false": step.on_false}
    elif isinstance(step, WhileStep):
        ways["on_true"] = step.on_true
    elif isinstance(step, SwitchStep):
        ways |= {f"cases.{name}": case for name, case in step.cases.items()}
    elif isinstance(step, ParallelStep):
        ways |= {f"next_steps.{number}": branch for number, branch in enumerate(step.next_steps)}
    elif isinstance(step, ActionStep):
        ways["approval.on_refusal"] = _refusal(step)
    return {place: way for place, way in ways.items() if way is not None}


def _refusal(step: ActionStep) -> str | None:
    """Where a refused approval leads; None too for an extension that has not its form, which is told elsewhere."""
    approval = step.step_extensions.get(EXTENSION_ID, {}).get("approval")
    found = approval.get("on_refusal") if isinstance(approval, dict) else None
    return found if isinstance(found, str) else None


def _ways(playbook: Playbook, step_id: str) -> Found:
    for place, way in ways_of(playbook.workflow[step_id]).items():
        if way not in playbook.workflow:
            yield f".{place}", f"{way} is no step of the workflow; name one"
        elif isinstance(playbook.workflow[way], StartStep):
            yield f".{place}", "leads back to a start step; name another"


def _type(playbook: Playbook, step_id: str) -> Found:
    if step_id.split("--", maxsplit=1)[0] != playbook.workflow[step_id].type:
        yield ".type", "is not what the step's id says; make them the same"


def _definitions(playbook: Playbook, step_id: str) -> Found:
    step = playbook.workflow[step_id]
    if not isinstance(step, ActionStep):
        return
    known = {*playbook.agent_definitions, *playbook.target_definitions}
    for place, name in [("agent", step.agent), *((f"targets.{at}", name) for at, name in enumerate(step.targets))]:
        if name not in known and not name.startswith("__"):
            yield f".{place}", f"{name} is defined nowhere; add it to agent_definitions or target_definitions"


def _conditions(playbook: Playbook, step_id: str) -> Found:
    step = playbook.workflow[step_id]
    if isinstance(step, IfStep | WhileStep):
        try:
            parse_condition(step.condition)
        except ConditionError as error:
            yield ".condition", str(error)
    elif isinstance(step, SwitchStep) and not step.switch.removesuffix(":value").startswith("__"):
        yield ".switch", "names no variable; write __name__:value"


def _extension(playbook: Playbook, step_id: str) -> Found:
    step = playbook.workflow[step_id]
    for name in step.step_extensions:
        if name not in playbook.extension_definitions:
            yield ".step_extensions", f"{name} is not in extension_definitions; define it there"
    if isinstance(step, ActionStep):
        yield from _own_extension(playbook, step)
    elif EXTENSION_ID in step.step_extensions:
        yield ".step_extensions", "only action steps take this extension; remove it"


def _own_extension(playbook: Playbook, step: ActionStep) -> Found:
    try:
        extension = extension_of(step)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            yield f".step_extensions.{'.'.join(map(str, each['loc']))}", each["msg"]
        return
    for covered in extension.approval.covers if extension.approval else ():
        if not isinstance(playbook.workflow.get(covered), ActionStep):
            yield ".step_extensions.approval.covers", f"{covered} is no action step; name one"
    if extension.answer is not None:
        yield from _answer_schema(extension.answer)


def _answer_schema(schema: dict[str, object]) -> Found:
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        yield ".step_extensions.answer", f"no JSON schema: {error.message[:200]}"


def _loops(playbook: Playbook) -> list[Problem]:
    """Steps that lead back to themselves: only while-steps repeat, so such a workflow would never end."""
    ways = {
        step_id: [way for way in ways_of(step).values() if not isinstance(playbook.workflow[way], WhileStep)]
        for step_id, step in playbook.workflow.items()
    }
    try:
        TopologicalSorter(ways).prepare()
    except CycleError as error:
        return [Problem(f"workflow.{error.args[1][0]}", "leads back to itself; use a while-condition to repeat")]
    return []
