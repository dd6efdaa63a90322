"""What the API publishes of itself is what it does, whoever asks whatever: generated requests, each by every role."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.access_table import endpoints, reach
from api.identity.accounts import NewAccount, create_user
from api.identity.policy import role_policy
from audit import Actor
from tests.api.published.towns import MARK, OWN, Ids, settle

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
PASSWORD = "one long enough phrase"
EXAMPLES = int(os.environ.get("FENGSUI_FUZZ_EXAMPLES", "1"))
"""Of each kind (as described, and not as described) for every operation."""
_BOUNDED = settings(
    max_examples=EXAMPLES,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
ROLES = sorted(role_policy().roles)
_LASTING = ("/stream",)
_ENDS_THE_SESSION = {("DELETE", "/api/v1/sessions/me"), ("POST", "/api/v1/sessions")}
_CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]


@dataclass
class Town:
    """People of every role, and the ids of what there is."""

    clients: dict[str, httpx.Client]
    ids: Ids
    seen: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)

    def send(self, role: str, case: Case) -> httpx.Response:
        """A generated request as a role sends it; what comes back is looked through."""
        arguments = case.as_transport_kwargs(base_url=str(self.clients[role].base_url))
        for name in ("cookies", "headers"):  # a role's own, and the content type alone, are sent
            arguments.pop(name, None)
        if case.media_type and not case.media_type.startswith("multipart"):
            arguments["headers"] = {"Content-Type": case.media_type}
        request = self.clients[role].build_request(**_for_httpx(arguments))
        request.read()
        return self.look_at(role, case, self.clients[role].send(request))

    def look_at(self, role: str, case: Case, answer: httpx.Response) -> httpx.Response:
        """Note the status, and whatever is wrong with the answer."""
        self.seen[f"{case.operation.label} {answer.status_code // 100}xx"] += 1
        problem = self._problem(role, case, answer)
        if problem:
            self.failures.setdefault(
                f"{case.operation.label}: {problem[:300]}", f"{role}: {case.as_curl_command()[:800]}"
            )
        return answer

    def _problem(self, role: str, case: Case, answer: httpx.Response) -> str | None:
        if answer.status_code >= 500 and answer.json().get("code") != "too_many_streams":
            return f"answers {answer.status_code} {answer.text}"
        if role_policy().roles[role].own_units and MARK in answer.text:
            return "shows another unit's row"
        try:
            case.validate_response(answer, checks=_CHECKS)
        except BaseExceptionGroup as failures:
            return "; ".join(str(each) for each in failures.exceptions)
        return None


@pytest.fixture
def town(site: Site, sign_in: SignedIn) -> Town:
    with site.records.begin() as session:
        for role in ROLES:
            units = [OWN] if role_policy().roles[role].own_units else []
            create_user(
                session, NewAccount(f"of-{role}", PASSWORD, [role], units=units), Actor("system", "test", "test")
            )
    clients = {role: sign_in(f"of-{role}", PASSWORD) for role in ROLES}
    return Town(clients, settle(site.records, lambda name: clients[name]))


@pytest.fixture
def operations(site: Site) -> list[APIOperation]:
    load_all_checks()
    with site.client() as client:
        described = client.get("/api/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(described)
    found = [each.ok() for each in schema.get_all_operations()]
    return [
        each
        for each in found
        if not each.path.endswith(_LASTING) and (each.method.upper(), each.path) not in _ENDS_THE_SESSION
    ]


@pytest.mark.timeout(900)
def test_no_request_gets_an_undescribed_answer_or_anothers_row(town: Town, operations: list[APIOperation]) -> None:
    chance = random.Random(7)
    for operation in operations:
        for case in _cases(operation):
            _name_what_is_there(case, town.ids, chance)
            for role in _asking(operation, town):
                town.send(role, case)
    assert town.failures == {}
    assert _marks_seen(town, "security_administrator") > 5
    for role, client in town.clients.items():
        assert client.get("/api/v1/sessions/me").status_code == 200, role
    answered = {label for label in town.seen if label.endswith("2xx")}
    assert len(answered) > len(operations) * 0.4, sorted(
        {each.label for each in operations} - {a[:-4] for a in answered}
    )


def _cases(operation: APIOperation) -> list[Case]:
    found: list[Case] = []

    def draw(case: Case) -> None:
        found.append(case)

    for mode in GenerationMode:
        with suppress(Unsatisfiable):  # where nothing can be sent but what is described
            _BOUNDED(given(operation.as_strategy(generation_mode=mode))(draw))()
    return found


def _name_what_is_there(case: Case, ids: Ids, chance: random.Random) -> None:
    """Most generated ids name nothing: let them name something of either unit."""
    for name in case.path_parameters or {}:
        if ids.get(name) and chance.random() < 0.8:
            case.path_parameters[name] = chance.choice(ids[name])


def _asking(operation: APIOperation, town: Town) -> list[str]:
    """Every role once; then those whom the table lets in."""
    [endpoint] = [e for e in endpoints() if (e.method, e.path) == (operation.method.upper(), operation.path)]
    first = not any(label.startswith(f"{operation.label} ") for label in town.seen)
    return [role for role in ROLES if first or reach(role_policy(), role, endpoint) != "none"]


def _for_httpx(arguments: dict[str, Any]) -> dict[str, Any]:
    data, files = arguments.pop("data", None), arguments.pop("files", None)
    if data is not None:
        arguments["content" if isinstance(data, bytes | str) else "data"] = data
    if files:
        named = files.items() if isinstance(files, dict) else files
        arguments["files"] = [(name, _file(given)) for name, given in named]
    return arguments


def _file(given: Any) -> Any:  # noqa: ANN401 (whatever was generated)
    """A part of a form as httpx takes it: its content text or bytes, whatever was generated."""
    name, content, *more = given if isinstance(given, tuple) else (None, given)
    return (name, content if isinstance(content, bytes | str) else str(content), *more)


def _marks_seen(town: Town, role: str) -> int:
    paths = (
        "alerts",
        "incidents",
        "notices",
        "registry/units",
        "registry/systems",
        "registry/resources",
        "registry/grants",
        "runs",
    )
    return sum(MARK in town.clients[role].get(f"/api/v1/{path}").text for path in paths)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("alerts?text=%00", None),
        ("alerts?text=%ff", None),
        ("alerts/%ED%A0%80", None),
        ("registry/units?cursor=%00", None),
        ("silences", b'{"ends": "now+1h", "reason": "\\u0000"}'),
        ("silences", b'{"ends": "now+1h", "reason": "\\ud800"}'),
        ("events:aggregate", b'{"aggregations": {"a": {"terms": {"field": "x", "size": 1e999}}}}'),
        ("events:aggregate", b'{"aggregations": {"a": 1' + b"0" * 400 + b"}}"),
        ("events:aggregate", b'{"aggregations": NaN}'),
        ("events:aggregate", b'{"aggregations": ' + b"[" * 400 + b"]" * 400 + b"}"),
    ],
)
def test_what_no_store_takes_is_refused(sign_in: SignedIn, path: str, body: bytes | None) -> None:
    client, address = sign_in("analyst"), f"/api/v1/{path}"
    kind = {"Content-Type": "application/json"}
    answer = client.get(address) if body is None else client.post(address, content=body, headers=kind)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_characters"), answer.text
