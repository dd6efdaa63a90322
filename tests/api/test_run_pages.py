"""Playbooks, runs and approvals on their pages: seen before they are done, decided by another."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from detection.alerts import AlertUpdate, record_matches
from events import now_ms
from playbooks.cacao.extension import ApprovalDemand
from playbooks.runs.approvals import ask
from playbooks.runs.history import Line, tell
from playbooks.runs.models import Run, Token
from playbooks.runs.repository import tokens_of
from playbooks.runs.vocabulary import HistoryKind
from playbooks.runs.walking import playbook_of
from playbooks.triggers import response_policies
from tests.api.person import Person

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
_NIGHT = "playbook--3b041641-1788-44f2-a60d-f25453fe2e85"
_VALUES = {"variable.__consumer__": "c-1", "variable.__unit__": "lh-gjj", "variable.__account__": "contractor-7"}
_PLAN = [
    {"step": "action--x", "name": "x", "position": 0, "kind": "fengsui-mail", "payload": {"to": "a<b>"}, "digest": "d"}
]


@pytest.fixture(scope="module")
def filled(filled: Path, tmp_path_factory: pytest.TempPathFactory, with_units: Callable[[Path, Path], Path]) -> Path:
    """The site with units and their people."""
    return with_units(filled, tmp_path_factory.mktemp("units") / "site")


@pytest.fixture
def person(sign_in: SignedIn) -> Callable[[str], Person]:
    """People by the names of their accounts."""
    return lambda name: Person(sign_in(name))


def _started(by: Person) -> str:
    answer = by.send(f"/playbooks/{_NIGHT}/start", **_VALUES)
    assert answer.status_code == 303, answer.text[-900:]
    return str(answer.headers["location"])


def _asked(site: Site, run_address: str) -> str:
    """An approval that the run asks of the data administrator."""
    with site.records.begin() as session:
        run = session.get_one(Run, run_address.rsplit("/", 1)[1])
        [token] = tokens_of(session, run.id)
        return ask(session, run, token, ApprovalDemand(role="data_administrator", expires_minutes=30), _PLAN).id


def test_a_playbook_is_tried_before_it_is_started(person: Callable[[str], Person]) -> None:
    analyst = person("analyst")
    assert f'href="/playbooks/{_NIGHT}"' in analyst.see("/playbooks")
    dry = analyst.send(f"/playbooks/{_NIGHT}/dry-run", **_VALUES)
    assert dry.status_code == 200
    assert "并未执行" in dry.text
    assert 'value="contractor-7"' in dry.text
    assert "没有预案执行" in analyst.see("/runs")
    page = analyst.see(_started(analyst))
    assert "contractor-7" in page
    missing = analyst.send(f"/playbooks/{_NIGHT}/start", **{"variable.__nothing__": "x"})
    assert (missing.status_code, "预案不能这样执行" in missing.text) == (422, True)
    assert "受托方夜间越权读取的处置" in analyst.see("/runs")
    assert "没有预案执行" in analyst.see("/runs", state="failed")


def test_a_text_is_checked_place_by_place(person: Callable[[str], Person]) -> None:
    analyst = person("analyst")
    wrong = analyst.send("/playbooks", text="type: playbook", action="check")
    assert (wrong.status_code, "预案有" in wrong.text, "type: playbook</textarea>" in wrong.text) == (422, True, True)
    assert analyst.send("/playbooks", text="type: playbook", action="add").status_code == 403


def test_an_approval_shows_the_plan_and_another_decides(site: Site, person: Callable[[str], Person]) -> None:
    analyst, officer = person("analyst"), person("officer")
    run = _started(analyst)
    approval = f"/approvals/{_asked(site, run)}"
    listed = officer.see("/approvals")
    assert "等待我审批" in listed
    assert approval in listed
    page = officer.see(approval)
    assert "a&lt;b&gt;" in page
    digest = re.search(r'name="plan_digest" value="(\w+)"', page)
    assert digest
    plan = {"plan_digest": digest[1]}
    other = officer.send(approval, decision="approve", plan_digest="0" * 64)
    assert (other.status_code, "当前状态不允许" in other.text) == (409, True)
    assert analyst.send(approval, decision="approve", **plan).status_code == 403
    assert officer.send(approval, decision="reject", **plan).status_code == 409
    assert officer.send(approval, decision="approve", reason="x" * 3000, **plan).status_code == 422
    assert officer.send(approval, decision="reject", reason="先核实", **plan).status_code == 303
    decided = officer.see(approval)
    assert "先核实" in decided
    assert 'name="decision"' not in decided
    assert approval in officer.see("/approvals", state="rejected")
    assert approval in analyst.see(run)


def test_a_run_is_cancelled_with_a_reason_by_those_who_may(person: Callable[[str], Person]) -> None:
    analyst, auditor = person("analyst"), person("auditor")
    run = _started(analyst)
    assert f'action="{run}"' not in auditor.see(run)
    assert auditor.send(run, action="cancel", reason="x").status_code == 403
    assert analyst.send(run, token="x", verdict="done").status_code == 422
    assert analyst.send(run, action="cancel", reason="误启动").status_code == 303
    for path in (run, "/runs", "/approvals", "/playbooks"):
        assert person("police").client.get(path).status_code == 403, path
    assert analyst.client.get("/runs/none").status_code == 404


def test_a_waiting_step_of_a_person_is_answered_from_the_page(site: Site, person: Callable[[str], Person]) -> None:
    analyst = person("analyst")
    run = _started(analyst)
    with site.records.begin() as session:
        [token] = tokens_of(session, run.rsplit("/", 1)[1])
        token.state, token.wait = "waiting", "answer"
        members = {"who": {"type": "string"}, "own": {"type": "boolean", "title": "本人操作 / It was them"}}
        token.question = {"command": "已联系单位？", "schema": {"properties": members, "required": ["own"]}}
        number = token.id
    page = analyst.see(run)
    assert "已联系单位？" in page
    assert 'name="value.who"' in page
    assert re.search(r'本人操作<select name="value.own">', page)
    empty = analyst.send(run, token=str(number), verdict="done", **{"value.who": "张伟"})
    assert (empty.status_code, "own" in empty.text) == (422, True)
    sent = analyst.send(run, token=str(number), verdict="done", **{"value.who": "张伟", "value.own": "false"})
    assert sent.status_code == 303, sent.text[-600:]
    with site.records.read() as session:
        token = session.get_one(Token, number)
        assert (token.state, (token.answer or {})["values"]) == ("ready", {"who": "张伟", "own": "false"})


def test_a_run_page_tells_which_steps_failed_in_the_readers_words(site: Site, person: Callable[[str], Person]) -> None:
    analyst = person("analyst")
    address = _started(analyst)
    with site.records.begin() as session:
        run = session.get_one(Run, address.rsplit("/", 1)[1])
        playbook = playbook_of(session, run.digest)
        [revoke] = [step_id for step_id, step in playbook.workflow.items() if step.name.startswith("收回授权")]
        tell(session, run, Line(HistoryKind.STEP, "entered", playbook.workflow_start))
        tell(session, run, Line(HistoryKind.STEP, "failed", revoke, text="HTTP 500"))
        tell(session, run, Line(HistoryKind.APPROVAL, "asked", revoke, text="data_administrator"))
        run.state = "succeeded"
    page = analyst.see(address)
    assert re.search(r'id="failed-steps".*转由人工处理.*<td>收回授权</td><td>HTTP 500</td>', page, re.DOTALL)
    assert "data_administrator" not in page
    assert re.search(r"请求审批.*数据管理员", page, re.DOTALL)
    assert "entered" not in page
    assert "进入步骤" in page


def test_an_incident_proposes_nothing_without_alerts_that_call_for_it(person: Callable[[str], Person]) -> None:
    analyst = person("analyst")
    opened = analyst.send("/incidents/new", title="甲", **{"class": "malware"}).headers["location"]
    page = analyst.see("/playbooks", incident=opened.rsplit("/", 1)[1])
    assert "建议启动" not in page
    assert f"?incident={opened.rsplit('/', 1)[1]}" in page
    assert f"/playbooks?incident={opened.rsplit('/', 1)[1]}" in analyst.see(opened)


def test_a_proposed_playbook_leads_to_the_run_that_somebody_started(
    site: Site, person: Callable[[str], Person]
) -> None:
    now, entity = now_ms(), {"fengsui.consumer.id": "c-1", "gateway.account": "contractor-7"}
    [rule] = response_policies().policies["contractor_at_night"].rules
    with site.records.begin() as session:
        update = AlertUpdate("night", rule, "t", "high", 3, [], [], "d", entity, [], [("e", now)], "lh-gjj", None)
        record_matches(session, [update], now)
    analyst = person("analyst")
    fields = {"title": "甲", "alert": "night", "class": "malware", "unit": "lh-gjj"}
    incident = analyst.send("/incidents/new", **fields).headers["location"].rsplit("/", 1)[1]
    page = analyst.see("/playbooks", incident=incident)
    assert "建议启动" in page
    assert "已启动" not in page
    assert 'value="contractor-7"' in analyst.see(f"/playbooks/{_NIGHT}", incident=incident, alert="night")
    started = analyst.send(f"/playbooks/{_NIGHT}/start", incident=incident, alert="night", **_VALUES)
    run = started.headers["location"].partition("?")[0]
    assert re.search(f'<a class="small" href="{run}">已启动', analyst.see("/playbooks", incident=incident))
