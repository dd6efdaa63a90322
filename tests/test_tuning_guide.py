"""The guide to tuning is true: its files, scopes, addresses and states exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.identity.policy import role_policy
from api.routes import exceptions, silences
from detection.lifecycle import RuleState
from tests.addresses import addresses_of


@pytest.fixture(scope="module")
def guide(project: Path) -> str:
    return (project / "docs" / "tuning.md").read_text(encoding="utf-8")


def test_the_files_it_names_exist(guide: str, project: Path) -> None:
    named = re.findall(r"policies/[\w/]+\.yml", guide)
    assert len(named) >= 2
    assert [name for name in named if not (project / name).is_file()] == []


def test_the_scopes_states_and_addresses_exist(guide: str) -> None:
    scopes = {f"{name}:{action}" for name in re.findall(r"`(\w+):read\|write`", guide) for action in ("read", "write")}
    assert len(scopes) == 6
    assert scopes <= role_policy().scopes.keys()
    assert all(f"`{state}`" in guide for state in RuleState)
    addresses = addresses_of(exceptions.router, silences.router)
    assert set(re.findall(r"/api/v1/[\w:-]+", guide)) <= addresses
