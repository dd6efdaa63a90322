"""The table of endpoints and roles is what the running application does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from api.access_table import document, endpoints, reach
from api.identity.accounts import NewAccount, create_user
from api.identity.policy import role_policy
from audit import Actor

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
_PASSWORD = "one long enough phrase"
_STREAMS = "/stream"


def test_the_document_is_the_table(project: Path) -> None:
    written = (project / "docs/access.md").read_text(encoding="utf-8")
    assert written == document(role_policy()), "run: python -m api.access_table > docs/access.md"


@pytest.mark.parametrize("role", sorted(role_policy().roles))
def test_every_endpoint_answers_a_role_as_the_table_says(site: Site, sign_in: SignedIn, role: str) -> None:
    with site.records.begin() as session:
        account = NewAccount(f"someone-{role}", _PASSWORD, [role], units=["no-such-unit"])
        create_user(session, account, Actor("system", "test", "test"))
    client = sign_in(f"someone-{role}", _PASSWORD)
    for each in endpoints():
        if each.path.endswith(_STREAMS) or (each.method, each.path) == ("DELETE", "/api/v1/sessions/me"):
            continue
        path = each.path.replace("{", "").replace("}", "")
        answer = client.request(each.method, path, headers={"Idempotency-Key": "k"})
        refused = answer.status_code == 403 and answer.json()["code"] == "scope_missing"
        assert refused == (reach(role_policy(), role, each) == "none"), (each, answer.status_code, answer.text[:200])
        assert answer.status_code < 500, (each, answer.text[:200])
