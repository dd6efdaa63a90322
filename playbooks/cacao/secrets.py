"""Finds credentials that stand in the clear in what a playbook sends; nothing of them is repeated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from playbooks.cacao.extension import EXTENSION_ID
from playbooks.cacao.model import ActionStep, Playbook
from playbooks.errors import Problem
from playbooks.policy import run_policy

_INSTEAD = (
    "holds a credential, which everyone who may read playbooks and runs would see; put it under "
    "authentication_info_definitions, where it is sealed, and name it in the target's authentication_info"
)


def credentials_in_clear(playbook: Playbook) -> Iterator[Problem]:
    """The places of a playbook that hold a credential beside ``authentication_info_definitions``."""
    for step_id, step in playbook.workflow.items():
        if isinstance(step, ActionStep):
            for place in _of_step(step):
                yield Problem(f"workflow.{step_id}.{place}", _INSTEAD)
    for kind in ("agent_definitions", "target_definitions"):
        for name, definition in getattr(playbook, kind).items():
            for at, url in enumerate(definition.address.get("url", [])):
                if _in_url(str(url)):
                    yield Problem(f"{kind}.{name}.address.url.{at}", _INSTEAD)


def _of_step(step: ActionStep) -> Iterator[str]:
    for at, command in enumerate(step.commands):
        yield from (f"commands.{at}.headers.{name}" for name in _in_headers(command.headers))
        if _in_request_line(command.command):
            yield f"commands.{at}.command"
    probe = step.step_extensions.get(EXTENSION_ID, {}).get("probe")
    if not isinstance(probe, dict):
        return
    headers = probe.get("headers")
    found = _in_headers(headers) if isinstance(headers, dict) else ()
    yield from (f"step_extensions.{EXTENSION_ID}.probe.headers.{name}" for name in found)
    if _in_request_line(str(probe.get("command", ""))):
        yield f"step_extensions.{EXTENSION_ID}.probe.command"


def _in_headers(headers: Mapping[str, object]) -> Iterator[str]:
    places = run_policy().secrets
    for name, given in headers.items():
        values = given if isinstance(given, list) else [given]
        first_words = {word.lower().partition("_")[0] for value in values for word in str(value).split()[:1]}
        if name.strip().lower() in places.headers or (first_words & places.schemes and _follows(values)):
            yield name[:64]


def _follows(values: list[object]) -> bool:
    """Whether something stands behind a scheme's name, or a key of our own is the value."""
    return any(len(str(value).split()) > 1 or str(value).strip().startswith("fsk_") for value in values)


def _in_request_line(line: str) -> bool:
    words = line.split()
    return len(words) > 1 and _in_url(words[1])


def _in_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False  # no URL; what is wrong with it is told where it is used
    names = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=False)}
    return "@" in parts.netloc or not names.isdisjoint(run_policy().secrets.parameters)
