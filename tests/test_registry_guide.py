"""The guide to the registry is true: its columns, addresses, scopes, files and commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.identity.policy import role_policy
from api.routes.registry import ROUTERS
from registry.importing import ImportKind, columns_of
from tests.addresses import addresses_of


@pytest.fixture(scope="module")
def guide(project: Path) -> str:
    return (project / "docs" / "registry.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ImportKind)
def test_the_columns_are_the_ones_of_the_files(guide: str, kind: ImportKind) -> None:
    section = guide.partition(f"\n## {kind}\n\n")[2]
    assert tuple(re.findall(r"`(\w+)`", section.partition("\n")[0])) == columns_of(kind)


def test_the_order_of_import_is_the_codes(guide: str) -> None:
    assert ", ".join(ImportKind) in " ".join(guide.split())


def test_the_addresses_and_scopes_exist(guide: str) -> None:
    paths = addresses_of(*ROUTERS)
    named = set(re.findall(r"/api/v1/[\w/:-]+", guide))
    assert len(named) >= 4
    assert named <= paths
    scopes = set(re.findall(r"`((?:registry|grants):\w+)`", guide))
    assert len(scopes) == 4
    assert scopes <= role_policy().scopes.keys()


def test_the_files_it_names_exist(guide: str, project: Path) -> None:
    named = re.findall(r"(?:policies|registry)/[\w/]+\.(?:yml|py)", guide)
    assert len(named) >= 5
    assert [name for name in named if not (project / name).is_file()] == []
