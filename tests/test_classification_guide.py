"""The guide to classification is true: its schemes, states, rules, masks, addresses and files exist as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.identity.policy import role_policy
from api.routes import classification, findings
from classification.grading import load_scheme, scheme_names
from classification.masking import Fingerprints, mask, normal_form
from classification.masking.keys import FILE_NAME
from classification.review import Disagreement, FindingState, RejectReason, ReviewPolicy
from tests.addresses import addresses_of


@pytest.fixture(scope="module")
def guide(project: Path) -> str:
    return (project / "docs" / "classification.md").read_text(encoding="utf-8")


def _rows(guide: str, head: str) -> list[list[str]]:
    table = guide.partition(f"| {head} |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_the_schemes_and_their_grades_are_the_ones_there_are(guide: str) -> None:
    named = {row[0].strip("`"): re.findall(r"`(\w+)`", row[1]) for row in _rows(guide, "scheme")}
    assert named == {name: list(load_scheme(name).grade_ids) for name in scheme_names()}


def test_the_rules_it_names_are_the_schemes(guide: str) -> None:
    scheme = load_scheme("gbt43697")
    assert all(f"`{rule.id}`" in guide for rule in scheme.volumes)
    assert f"`{scheme.combinations[0].id}`" in guide
    assert any(rule.unverified for rule in scheme.volumes)


def test_the_states_and_reasons_are_the_codes(guide: str) -> None:
    assert [row[0].strip("`") for row in _rows(guide, "state")] == list(FindingState)
    for word in (*RejectReason, *Disagreement):
        assert f"`{word}`" in guide
    assert "rereview_days" in ReviewPolicy.model_fields


def test_the_masks_are_what_the_function_shows(guide: str) -> None:
    rows = _rows(guide, "category")
    assert len(rows) >= 5
    for category, value, shown in rows:
        assert mask(value, category.strip("`")) == shown.strip("`")


def test_the_fingerprints_are_made_as_it_says(guide: str) -> None:
    assert normal_form("+86 138-0013-8000", "mobile_phone") == "13800138000"
    made = Fingerprints(b"k" * 32)
    assert made.of("13800138000", "mobile_phone").startswith(f"{made.key_id}:")
    assert f"`{FILE_NAME}`" in guide


def test_the_addresses_scopes_and_files_exist(guide: str, project: Path) -> None:
    paths = addresses_of(classification.router, findings.router)
    named = set(re.findall(r"/api/v1/[\w/.:-]*\w", guide))
    assert len(named) >= 5
    assert named <= paths
    scopes = re.findall(r"`(classification:\w+)`", guide)
    assert len(scopes) >= 2
    assert set(scopes) <= role_policy().scopes.keys()
    files = re.findall(r"policies/[\w/]+\.yml", guide)
    assert len(files) >= 4
    assert [name for name in files if not (project / name).is_file()] == []
