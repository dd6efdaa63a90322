"""What policy starts by itself: once for what one incident holds, again only where there is more to be done."""

from __future__ import annotations

from sqlalchemy import select

from detection.alerts import Alert, AlertUpdate, record_matches
from events import now_ms
from incidents.opening.from_alerts import open_from_alerts
from playbooks.runs.models import Run
from playbooks.runs.starting import NewRun, start_run
from playbooks.triggers import AutomaticStarts, proposals, response_policies
from registry.models import ConsumerRecord, GrantRecord, ResourceRecord, UnitRecord
from store.records import RecordsDatabase
from tests.playbooks.conftest import editor

POLICY = "contractor_night_read"


def _register(records: RecordsDatabase, *granted: str) -> None:
    bare = {"kind": "api", "provider_id": "u", "database": "", "schema": "", "table": "", "method": "", "path": ""}
    listed = {"categories": [], "dedicated": [], "sharing": "none", "opening": "none", "owner": "", "description": ""}
    terms = {"consumer_id": "c", "provider_id": "u", "fields": [], "zones": [], "purpose": "p", "masked": False}
    state = {"state": "approved", "state_since_ms": 1, "valid_from_ms": 1, "valid_to_ms": 2, "requested_by": "r"}
    with records.begin() as session:
        session.add(UnitRecord(id="u", name="u", level="city", path="/u/", contacts=[], changed_ms=1))
        session.flush()
        session.add(ConsumerRecord(id="c", name="c", kind="contractor", unit_id="u", company="", changed_ms=1))
        session.add_all(ResourceRecord(id=f"r{n}", name="r", changed_ms=1, **bare, **listed) for n in range(4))
        session.flush()
        for resource in granted:
            session.add(GrantRecord(id=f"g-{resource}", resource_id=resource, changed_ms=1, **terms, **state))


def _alert(records: RecordsDatabase, resource: str, policy: str = POLICY) -> None:
    [rule], now = response_policies().policies[policy].rules, now_ms()
    entity = {"fengsui.consumer.id": "c", "gateway.account": "a", "fengsui.data.resource": resource}
    update = AlertUpdate(resource, rule, "t", "critical", 4, [], [], "d", entity, [], [(f"e-{resource}", now)])
    with records.begin() as session:
        record_matches(session, [update], now)
        open_from_alerts(session, [resource], now)


def _started(records: RecordsDatabase) -> list[str | None]:
    with records.read() as session:
        return [run.variables["__resource__"] for run in session.scalars(select(Run).order_by(Run.started_ms))]


def test_alerts_of_one_incident_start_one_run(empty_records: RecordsDatabase) -> None:
    _register(empty_records, "r1", "r3")
    starts = AutomaticStarts(empty_records)
    for resource in ("r0", "r1"):
        _alert(empty_records, resource)
    assert [starts.turn(), starts.turn()] == [1, 0]
    assert _started(empty_records) == ["r1"], "the one with a grant to take back comes first"
    _alert(empty_records, "r2")
    assert starts.turn() == 0, "nothing is granted that could be taken back"
    _alert(empty_records, "r3")
    assert [starts.turn(), starts.turn()] == [1, 0]
    assert _started(empty_records) == ["r1", "r3"]


def test_a_proposal_fills_in_what_the_alert_tells_and_says_that_a_person_started_it(
    empty_records: RecordsDatabase,
) -> None:
    _register(empty_records, "r0")
    _alert(empty_records, "r0", "dormant_account")
    _alert(empty_records, "r1", "dormant_account")
    with empty_records.begin() as session:
        alert, other = session.get_one(Alert, "r0"), session.get_one(Alert, "r1")
        [proposed] = proposals(session, [alert])
        assert proposed.playbook.id == response_policies().policies["dormant_account"].playbook
        assert (proposed.variables["__consumer__"], proposed.variables["__account__"]) == ("c", "a")
        assert proposed.run_id is None
        run = start_run(session, NewRun(proposed.playbook.id, proposed.variables, alert_id=alert.id), editor())
        assert [each.run_id for each in proposals(session, [alert, other])] == [run.id, None]
    assert AutomaticStarts(empty_records).turn() == 0, "what is proposed waits for a person"
