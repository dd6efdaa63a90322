"""The guide to incidents names what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.routes import ROUTERS
from incidents.clocks.policy import clocks_policy
from incidents.performance import performance_policy
from tests.addresses import methods_of


@pytest.fixture
def guide(project: Path) -> str:
    return (project / "docs/incidents.md").read_text(encoding="utf-8")


def test_every_address_and_every_policy_file_exists(guide: str, project: Path) -> None:
    served = {(method, route.path) for method, route in methods_of(*ROUTERS)}
    named = re.findall(r"`(GET|POST) (/api/v1/[^`]+)`", guide)
    assert len(named) >= 4
    assert set(named) <= served
    files = set(re.findall(r"policies/incidents/\w+\.yml", guide))
    assert {str(path.relative_to(project)) for path in (project / "policies/incidents").glob("*.yml")} == files


def test_the_duties_to_report_are_as_told(guide: str) -> None:
    hours = [each.duration.hours for each in clocks_policy().clocks if each.code == "first_report"]
    assert hours == [1, 2, 4]
    assert "(1 h for critical infrastructure, 2 h for central organs, 4 h for others)" in guide
    watch = clocks_policy().watch
    assert (watch.tolerance_seconds, watch.settle_seconds) == (60, 600)
    assert [each.value for each in performance_policy().rate.counts] == ["incident", "notice"]
