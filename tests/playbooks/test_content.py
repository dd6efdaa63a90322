"""The shipped playbooks, run from an alert on a real registry: proposed or automatic, to the notice."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from audit.authorship import ChangedBy
from detection import load_rules
from detection.alerts import Alert
from events import now_ms
from fengsui.demo import load_demo_registry
from incidents import Notice, timeline
from incidents.models import Incident
from incidents.response.opening import NewIncident, open_incident
from playbooks import Answer, Decider, Decision, NewRun, answer_run, decide, start_run
from playbooks.cacao import load_playbook
from playbooks.library import shipped_playbooks
from playbooks.runs.models import Approval, Run, Token
from playbooks.runs.repository import operations_of
from playbooks.runs.vocabulary import ApprovalState, Wait
from playbooks.triggers import response_policies
from playbooks.webhooks.endpoints import NewEndpoint, WebhookSecrets, register_endpoint
from playbooks.webhooks.models import WebhookEndpoint
from playbooks.webhooks.signature import verify
from registry import UnitScope
from registry.models import GrantRecord
from tests.playbooks.conftest import BOB, KEY, Installation, Receiver, editor

NIGHT = "5d0f6c1e-7a2b-4e43-9c57-1f8e0b6a94d2"
SHIPPED = Path(__file__).resolve().parents[2]
EVERYTHING = UnitScope.everything()


def _register(installation: Installation) -> GrantRecord:
    load_demo_registry(installation.records)
    with installation.records.read() as session:
        approved = select(GrantRecord).where(GrantRecord.state == "approved").order_by(GrantRecord.id)
        return session.scalars(approved.limit(1)).one()


def _alert(installation: Installation, grant: GrantRecord) -> str:
    now = now_ms()
    entity = {
        "fengsui.consumer.id": grant.consumer_id,
        "fengsui.consumer.account": "acc-night",
        "fengsui.data.resource": grant.resource_id,
    }
    with installation.records.begin() as session:
        alert = Alert(
            id="a" * 32,
            rule_id=NIGHT,
            rule_title="night",
            level="medium",
            severity=2,
            tags=[],
            technique_ids=[],
            dataset="gateway",
            entity=entity,
            first_seen=now,
            last_seen=now,
            created=now,
            updated=now,
            count=1,
            state="new",
            first_event_id="e",
            matched_fields=[],
        )
        session.add(alert)
        session.flush()
        open_incident(session, NewIncident("Night read", "data_security", alert_ids=(alert.id,)), editor())
    return "a" * 32


def _approve(installation: Installation) -> list[str]:
    def pending() -> Approval | None:
        with installation.records.read() as session:
            return session.scalars(select(Approval).where(Approval.state == ApprovalState.PENDING.value)).first()

    approval = installation.until(pending)
    decider = Decider(ChangedBy(BOB, now_ms()), frozenset({"data_administrator"}), EVERYTHING)
    with installation.records.begin() as session:
        decide(session, Decision(approval.id, is_approved=True, plan_digest=approval.plan_digest), decider)
    return [entry["kind"] for entry in approval.plan]


def test_the_night_read_of_a_contractor_ends_in_a_notice(installation: Installation, receiver: Receiver) -> None:
    grant = _register(installation)
    with installation.records.begin() as session:
        new = NewEndpoint("block", "http://gateway.example/")
        row, secret = register_endpoint(session, new, editor(), WebhookSecrets(KEY), installation.guard_for_tests())
        session.get_one(WebhookEndpoint, row.id).url = f"http://127.0.0.1:{receiver.port}/block"
    alert_id = _alert(installation, grant)
    with installation.working():
        plan = _approve(installation)
        assert plan == ["fengsui-revoke-grant", "fengsui-webhook", "fengsui-send-notice"]
        with installation.records.read() as session:
            run_id = session.scalars(select(Run.id).where(Run.alert_id == alert_id)).one()
        run = installation.ended(run_id)
    assert (run.state, run.problem, run.origin) == ("succeeded", None, "policy")
    [(_, path, headers, body)] = receiver.requests
    assert verify(headers, body, [secret], now_ms() // 1000, 300) == json.loads(body)["data"]["operation"]
    assert (path, json.loads(body)["data"]["account"]) == ("/block", "acc-night")
    with installation.records.read() as session:
        assert session.get_one(GrantRecord, grant.id).state == "revoked"
        notice = session.scalars(select(Notice)).one()
        incident = session.scalars(select(Incident)).one()
        assert (notice.incident_id, notice.source, notice.reference) == (incident.id, "playbook", run_id)
        codes = [item.detail.get("code") for item in timeline(session, EVERYTHING, incident.id) if item.kind == "run"]
        assert {"asked", "approved", "started", "done", "succeeded"} <= set(codes)
        assert [each.state for each in operations_of(session, run_id)] == ["done", "done", "done"]


def _by_hand(installation: Installation) -> bool:
    """Approve and answer all that is asked; whether every run has ended."""
    with installation.records.begin() as session:
        for approval in session.scalars(select(Approval).where(Approval.state == ApprovalState.PENDING.value)):
            decider = Decider(ChangedBy(BOB, now_ms()), frozenset({"data_administrator"}), EVERYTHING)
            decide(session, Decision(approval.id, is_approved=True, plan_digest=approval.plan_digest), decider)
        asked = select(Token).where(Token.state == "waiting", Token.wait == Wait.ANSWER.value)
        for token in session.scalars(asked):
            wanted = (token.question or {})["schema"]["required"]
            values = {name: False if name == "__owner_knows__" else "done by hand" for name in wanted}
            answer_run(session, EVERYTHING, token.run_id, Answer(token.id, values), editor().by)
        return session.scalars(select(Run).where(Run.ended_ms.is_(None))).first() is None


def test_without_a_webhook_people_do_it_by_hand(installation: Installation) -> None:
    grant = _register(installation)
    given = {"__consumer__": grant.consumer_id, "__unit__": grant.provider_id, "__account__": "acc"}
    with installation.records.begin() as session:
        for playbook_id in shipped_playbooks():
            start_run(session, NewRun(playbook_id, given), editor())
    with installation.working():
        installation.until(lambda: _by_hand(installation), 120)
    with installation.records.read() as session:
        ends = session.execute(select(Run.state, Run.problem)).all()
        assert [tuple(end) for end in ends] == [("succeeded", None)] * 6
        assert session.scalars(select(Notice.unit_id)).all() == [grant.provider_id] * 6


def test_each_playbook_that_a_rule_names_exists_and_is_proposed_for_it() -> None:
    documents = {path.stem: path.read_text(encoding="utf-8") for path in (SHIPPED / "playbooks/content").glob("*.yml")}
    ids = {name: load_playbook(text).playbook.id for name, text in documents.items()}
    loaded = load_rules([SHIPPED / "detection/content"])
    named = {
        (rule.id, ids.get(policy.playbook, policy.playbook))
        for rule in [*loaded.rules, *loaded.correlations]
        if (policy := rule.settings.policy) and policy.playbook
    }
    proposed = {(rule, each.playbook) for each in response_policies().policies.values() for rule in each.rules}
    assert named == proposed
    assert {playbook for _, playbook in named} == set(ids.values())
