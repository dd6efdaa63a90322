"""Works out exactly what an action step does, before anything of it is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from playbooks.actions import http_api, mail
from playbooks.actions.contract import Acting, Planned, Way, text_parameter
from playbooks.actions.own import OWN_COMMANDS
from playbooks.cacao.extension import StepExtension, extension_of
from playbooks.cacao.model import ActionStep, AgentTarget, Command, Playbook
from playbooks.cacao.variables import Variables, fill, fill_all
from playbooks.errors import ActionError
from playbooks.webhooks.repository import endpoint_named

WEBHOOK = "fengsui-webhook"


def plan_step(acting: Acting, playbook: Playbook, step: ActionStep, variables: Variables) -> list[Planned]:
    """What the commands of a step do to its targets, in order.

    Raises:
        ActionError, VariableError: something of it can't be resolved; says what.
    """
    known = {**variables, **{name: item.value for name, item in step.step_variables.items() if name not in variables}}
    extension = extension_of(step)
    targets = [_definition(playbook, name) for name in step.targets] or [_definition(playbook, step.agent)]
    commands = [(command, target) for target in targets for command in step.commands]
    return [_plan(acting, command, target, _Step(step, extension, known)) for command, target in commands]


class _Step:
    """What planning one command needs of its step."""

    def __init__(self, step: ActionStep, extension: StepExtension, variables: Variables) -> None:
        self.step = step
        self.extension = extension
        self.variables = variables


def _plan(acting: Acting, command: Command, target: AgentTarget, within: _Step) -> Planned:
    parameters = fill_all(within.extension.parameters, within.variables)
    if not isinstance(parameters, dict):
        raise ActionError("parameters: not an object")
    if command.type == http_api.KIND:
        return http_api.plan_http(command, target, within.step, within.extension, within.variables)
    if own := OWN_COMMANDS.get(command.type):
        return Planned(command.type, Way.INSIDE, own.resolve(acting, parameters))
    if command.type == mail.KIND:
        return mail.plan_mail(parameters)
    if command.type == WEBHOOK:
        return _plan_webhook(acting.session, parameters)
    return _plan_person(command, target, within)


def _plan_webhook(session: Session, parameters: Mapping[str, Any]) -> Planned:
    endpoint = endpoint_named(session, text_parameter(parameters, "endpoint"))
    if endpoint is None or endpoint.disabled_ms is not None:
        raise ActionError(f"parameters.endpoint: there is no webhook {parameters['endpoint']!s:.64}; register it")
    data = parameters.get("data", {})
    if not isinstance(data, dict):
        raise ActionError("parameters.data: not an object")
    waits = str(parameters.get("wait_for_callback", "false")).lower() == "true"
    payload = {
        "endpoint": endpoint.name,
        "url": endpoint.url,
        "type": text_parameter(parameters, "type"),
        "data": data,
        "wait_for_callback": waits,
    }
    return Planned(WEBHOOK, Way.DELIVERY, payload)


def _plan_person(command: Command, target: AgentTarget, within: _Step) -> Planned:
    """What Fengsui does not carry out itself, a person does and says so."""
    text = fill(command.command, within.variables) or command.command_b64 or command.content_b64 or ""
    payload = {
        "command": text,
        "description": command.description or within.step.description,
        "target": target.name,
        "answers": list(within.step.out_args),
    }
    return Planned(command.type, Way.PERSON, payload)


def _definition(playbook: Playbook, name: str) -> AgentTarget:
    found = playbook.target_definitions.get(name) or playbook.agent_definitions.get(name)
    if found is None:
        raise ActionError(f"{name}: defined nowhere; add it to agent_definitions or target_definitions")
    return found
