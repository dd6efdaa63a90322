"""The command ``http-api`` (CACAO 2.0 §5.5): a request line, headers and content, sent to a target."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from playbooks.actions.calling import Caller, Request, Response
from playbooks.actions.contract import Outcome, Planned, Way
from playbooks.cacao.extension import StepExtension
from playbooks.cacao.model import ActionStep, AgentTarget, Command, Playbook
from playbooks.cacao.variables import Variables, fill, fill_content, fill_target
from playbooks.credentials import Credentials
from playbooks.errors import ActionError
from store.records.secrets import SecretError

KIND = "http-api"
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OPERATION = {"__operation_id__": "__operation_id__:value"}
_NOT_FOUND = 404
_NOBODY_KNOWS = frozenset({502, 504})
"""A gateway lost the answer (RFC 9110 §15.6.3, §15.6.5)."""
_KEPT_TEXT = 4000


def plan_http(
    command: Command, target: AgentTarget, step: ActionStep, extension: StepExtension, variables: Variables
) -> Planned:
    """The request that a command makes to a target.

    Raises:
        ActionError, VariableError: it can't be resolved.
    """
    known = {**variables, **_OPERATION}
    method, path = _request_line(command.command)
    base = base_url(target, known)
    payload: dict[str, Any] = {
        "method": method,
        "url": base + fill_target(path, known),
        "headers": _headers(command.headers, known),
        "content_b64": base64.b64encode(_content(command, known)).decode("ascii"),
        "timeout_ms": step.timeout or 0,
        "idempotent": extension.idempotent or method in _SAFE,
        "authentication": target.authentication_info or "",
        "target": target.name,
    }
    if extension.probe:
        probe_method, probe_path = _request_line(extension.probe.command)
        payload["probe"] = {
            "method": probe_method,
            "url": base + fill_target(probe_path, known),
            "headers": _headers(extension.probe.headers, known),
        }
    return Planned(KIND, Way.CALL, payload)


def call(
    caller: Caller, playbook: Playbook, payload: Mapping[str, Any], operation_id: str, credentials: Credentials
) -> Outcome:
    """Make the request under its operation id."""
    try:
        signed_in = _authorization(playbook, payload["authentication"], credentials)
    except SecretError as error:
        return Outcome(happened=False, reason=f"{error}; add the playbook again with it")
    headers = {**payload["headers"], **signed_in}
    if payload["idempotent"]:
        headers["Idempotency-Key"] = operation_id
    request = Request(
        payload["method"],
        _under(payload["url"], operation_id),
        {name: _under(value, operation_id) for name, value in headers.items()},
        _under_content(base64.b64decode(payload["content_b64"]), operation_id),
        payload["timeout_ms"] / 1000 or None,
    )
    try:
        return _outcome(caller.send(request))
    except ActionError as error:
        return Outcome(happened=False, reason=str(error))


def probe(
    caller: Caller, playbook: Playbook, payload: Mapping[str, Any], operation_id: str, credentials: Credentials
) -> Outcome:
    """Ask the receiver whether the request arrived; 2xx is done, 404 is not done, all else is not known."""
    asked = payload.get("probe")
    if asked is None:
        return Outcome(happened=None, reason="there is no probe")
    try:
        headers = {**asked["headers"], **_authorization(playbook, payload["authentication"], credentials)}
        answer = caller.send(Request(asked["method"], _under(asked["url"], operation_id), headers))
    except (ActionError, SecretError) as error:
        return Outcome(happened=None, reason=str(error))
    if answer.is_success:
        return Outcome(happened=True, reason="found by its probe", result=_result(answer))
    return Outcome(happened=False if answer.status == _NOT_FOUND else None, reason=answer.reason)


def base_url(target: AgentTarget, variables: Variables) -> str:
    """Where a target is reached, without a path at its end.

    Raises:
        ActionError: it has no address.
    """
    addresses = target.address
    if urls := addresses.get("url"):
        return fill(str(urls[0]), variables).rstrip("/")
    for kind in ("dname", "ipv4", "ipv6"):
        if found := addresses.get(kind):
            host = fill(str(found[0]), variables)
            port = target.port or "443"
            scheme = "http" if port in {"80", "8080"} else "https"
            return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    raise ActionError(f"target {target.name}: has no address; give it a url")


def _request_line(line: str) -> tuple[str, str]:
    """Method and request target of a request line; the version is for the transport."""
    words = line.split()
    if not words or words[0].upper() not in _METHODS:
        raise ActionError("the command is no request line; write, for example, GET /path HTTP/1.1")
    path = words[1] if len(words) > 1 else "/"
    if "://" in path:
        raise ActionError("the request line names a host; the target does that, write a path")
    return words[0].upper(), path if path.startswith("/") else f"/{path}"


def _headers(headers: Mapping[str, list[str]], variables: Variables) -> dict[str, str]:
    filled = {name: ", ".join(fill(value, variables) for value in values) for name, values in headers.items()}
    for name, value in filled.items():
        if any(character in "\r\n\0" for character in name + value):
            raise ActionError(f"header {name[:64]!r}: its value has a line break; remove it")
    return filled


def _content(command: Command, variables: Variables) -> bytes:
    if command.content_b64 is not None:
        try:
            return base64.b64decode(command.content_b64, validate=True)
        except binascii.Error as error:
            raise ActionError("content_b64: no Base64; encode the content") from error
    return fill_content(command.content, variables).encode() if command.content else b""


def _authorization(playbook: Playbook, name: str, credentials: Credentials) -> dict[str, str]:
    if name not in playbook.authentication_info_definitions:
        return {}
    found = credentials.opened(playbook, name)
    if found.get("type") == "oauth2":
        return {str(found.get("oauth_header", "Authorization")): f"Bearer {found.get('token', '')}"}
    user = f"{found.get('username', found.get('user_id', ''))}:{found.get('password', '')}"
    return {"Authorization": "Basic " + base64.b64encode(user.encode()).decode("ascii")}


def _under(text: str, operation_id: str) -> str:
    for form in ("__operation_id__:value", "__operation_id__%3Avalue"):
        text = text.replace(form, operation_id)
    return text


def _under_content(content: bytes, operation_id: str) -> bytes:
    return content.replace(b"__operation_id__:value", operation_id.encode())


def _outcome(answer: Response) -> Outcome:
    if answer.is_success:
        return Outcome(happened=True, reason=answer.reason, result=_result(answer))
    if (answer.status is None and answer.was_sent) or answer.status in _NOBODY_KNOWS:
        return Outcome(happened=None, reason=answer.reason)
    return Outcome(happened=False, reason=answer.reason, result=_result(answer))


def _result(answer: Response) -> dict[str, Any]:
    text = answer.body.decode("utf-8", "replace")[:_KEPT_TEXT]
    result: dict[str, Any] = {"status": answer.status, "body": text}
    try:
        document = json.loads(answer.body)
    except ValueError:
        return result
    if isinstance(document, dict):
        result["members"] = {str(name): _text(value) for name, value in list(document.items())[:64]}
    return result


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)[:_KEPT_TEXT]
