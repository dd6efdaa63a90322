"""Assessments on their pages: asked for, looked into, decided, turned into notices and reports."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from api.identity.accounts import NewAccount, create_user
from api.platform_facts import platform_facts
from audit import Actor
from audit.authorship import ChangedBy
from compliance import AssessmentSources, ComplianceWorker
from events import now_ms
from registry import UnitLevel, UnitScope
from registry.entries import SystemEntry, UnitEntry
from registry.registers import SYSTEMS, UNITS, Editor, put
from tests.api.person import Person

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
PASSWORD = "correct horse battery"
SETUP = Actor("system", "test", "test")


@pytest.fixture
def boss(site: Site, sign_in: SignedIn) -> Person:
    """A security administrator, beside a system of level 2 and a unit user of another unit."""
    editor = Editor(ChangedBy(SETUP, now_ms()), UnitScope.everything())
    with site.records.begin() as session:
        for unit in ("north", "south"):
            put(session, UNITS, UnitEntry(id=unit, name=f"{unit} 县", level=UnitLevel.COUNTY, contacts=[]), editor)
        parties = dict.fromkeys(("operator_id", "owner_id", "supervisor_id"), "north")
        entry = {"id": "sys-north", "name": "不动产登记系统", "addresses": [], "level_s": 2, "level_a": 2, **parties}
        put(session, SYSTEMS, SystemEntry.model_validate(entry), editor)
        create_user(session, NewAccount("boss", PASSWORD, ["security_administrator"]), SETUP)
        create_user(session, NewAccount("south", PASSWORD, ["unit_data_officer"], units=["south"]), SETUP)
    return Person(sign_in("boss"))


def _work(site: Site) -> None:
    ComplianceWorker(site.records, AssessmentSources(site.events, platform_facts(site.records))).work_off()


def _assessed(site: Site, boss: Person) -> str:
    assert boss.send("/assessments/sys-north").status_code == 303
    _work(site)
    address = re.search(r'href="(/assessments/sys-north/\w+)"', boss.see("/assessments/sys-north"))
    assert address
    return address[1]


def _fulfilled(page: str) -> int:
    """How many items the page counts as fulfilled."""
    figure = re.search(r'<h2>符合</h2><p class="figure">(\d+)</p>', page)
    assert figure
    return int(figure[1])


def test_a_system_is_assessed_and_the_grid_leads_to_the_evidence(site: Site, boss: Person) -> None:
    assert "不动产登记系统" in boss.see("/assessments")
    assert boss.send("/assessments/sys-north").status_code == 303
    assert "排队中" in boss.see("/assessments/sys-north")
    address = _assessed(site, boss)
    page = boss.see(address)
    cells = re.findall(rf'class="item item-\w+[^"]*" href="({address}/item[^"]+)"', page)
    assert len(cells) == 135
    checked = re.search(rf'href="({address}/item\?ref=[^"]+)"', page)
    assert checked
    assert "要求项" in page
    item = boss.see(cells[0])
    assert "判定记录" in item
    assert boss.client.get(f"{address}/item", params={"ref": "9.9.9.9 z"}).status_code == 404


def test_people_decide_and_attest_and_the_score_follows(site: Site, boss: Person) -> None:
    address = _assessed(site, boss)
    page = boss.see(address)
    ref = re.search(r'name="ref" value="([^"]+)"', page)
    assert ref
    before = _fulfilled(page)
    refused = boss.send(f"{address}/decision", ref=ref[1], judgment="fulfilled", reason="")
    assert refused.status_code == 422
    assert boss.send(f"{address}/decision", ref=ref[1], judgment="fulfilled", reason="现场核实").status_code == 303
    item = boss.see(f"{address}/item", ref=ref[1])
    assert "现场核实" in item
    assert _fulfilled(boss.see(address)) == before + 1
    told = {"ref": ref[1], "judgment": "fulfilled", "statement": "门禁台账齐全"}
    assert boss.send(f"{address}/attestation", **told).status_code == 422
    kept = boss.send(f"{address}/attestation", {"file": ("台账.pdf", b"x")}, **told)
    assert kept.status_code == 303, kept.text[-600:]
    assert "台账.pdf" in boss.see("/assessments/sys-north")


def test_gaps_become_notices_and_reports_are_downloaded(site: Site, boss: Person) -> None:
    address = _assessed(site, boss)
    ref = re.search(r'name="ref" value="([^"]+)"', boss.see(address))
    assert ref
    assert boss.send(f"{address}/gaps").status_code == 303
    assert boss.send(f"{address}/gaps", ref=ref[1]).status_code == 303
    assert re.search(r'href="/notices/\w+">#1</a>', boss.see(address))
    assert boss.send(f"{address}/gaps", ref=ref[1]).status_code == 409
    assert boss.send(f"{address}/reports", format="pdf").status_code == 422
    for kind in ("docx", "html"):
        assert boss.send(f"{address}/reports", format=kind).status_code == 303
    assert "<progress" in boss.see(address)
    _work(site)
    links = re.findall(r'href="(/api/v1/systems/sys-north/[^"]+/content)"', boss.see(address))
    contents = [boss.client.get(link) for link in links]
    assert [each.status_code for each in contents] == [200, 200]
    assert {each.content[:2] for each in contents} == {b"PK", b"<!"}


def test_nobody_sees_another_units_system(site: Site, boss: Person, sign_in: SignedIn) -> None:
    address = _assessed(site, boss)
    south, auditor = Person(sign_in("south")), Person(sign_in("auditor"))
    assert "不动产登记系统" not in south.see("/assessments")
    for path in ("/assessments/sys-north", address, f"{address}/item?ref=8.1.1.1 a"):
        assert south.client.get(path).status_code == 404, path
    assert south.send("/assessments/sys-north").status_code == 403
    assert south.send(f"{address}/gaps", ref="7.1.1.1 a").status_code == 403
    assert auditor.send(f"{address}/gaps", ref="7.1.1.1 a").status_code == 403
    assert sign_in("analyst").get("/assessments").status_code == 403
