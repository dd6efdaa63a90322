"""Incidents from alerts, levels from facts, links that can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.alerts import Alert, record_matches
from incidents import (
    BusinessLoss,
    Importance,
    IncidentFacts,
    IncidentLevel,
    IncidentNotFoundError,
    IncidentOpening,
    InvalidIncidentError,
    LevelDecision,
    Merging,
    NewIncident,
    SocialHarm,
    Subject,
    Unlinking,
    clocks_of,
    decide_level,
    link_alerts,
    linked_alert_ids,
    merge_incident,
    open_incident,
    propose_level,
    timeline,
    unlink_alerts,
    unmerge_incident,
)
from incidents.models import Incident
from incidents.opening.policy import opening_policy
from incidents.repository.listing import IncidentFilter, list_incidents
from registry import UnitScope
from registry.models import AccountRecord, ConsumerRecord
from store.records import RecordsDatabase
from tests.incidents.town import HOUR, MINUTE, MONDAY, Time, alert_update

if TYPE_CHECKING:
    from tests.incidents.conftest import People

_ALL = UnitScope.everything()


def _alerts(records: RecordsDatabase, *updates: tuple[str, int, dict[str, str]], at: int = MONDAY) -> None:
    with records.begin() as session:
        record_matches(session, [alert_update(*each) for each in updates], at)


def _consumer(consumer_id: str, unit_id: str) -> ConsumerRecord:
    return ConsumerRecord(
        id=consumer_id, name="c", kind="contractor", unit_id=unit_id, company="", contract_end_ms=None, changed_ms=1
    )


def _all(records: RecordsDatabase) -> list[Incident]:
    with records.read() as session:
        found = list_incidents(session, _ALL, IncidentFilter(), limit=200)
        session.expunge_all()
        return found


def test_an_incident_is_of_the_unit_and_system_of_its_first_alerts_events(records: RecordsDatabase) -> None:
    with records.begin() as session:
        host = {"host.name": "grid-1"}
        record_matches(session, [alert_update("h1", 4, host, ("police", "grid"))], MONDAY)
        record_matches(session, [alert_update("h2", 4, {"host.name": "gone"}, ("left", "torn-down"))], MONDAY + 1)
    IncidentOpening(records).turn(MONDAY + MINUTE)
    found = {(incident.unit_id, incident.system_id) for incident in _all(records)}
    assert found == {("police", "grid"), (None, None)}


@pytest.mark.parametrize("order", [("portal", "grid"), ("grid", "portal")])
def test_an_incident_stands_under_the_weightiest_system_whichever_alert_came_first(
    records: RecordsDatabase, order: tuple[str, str]
) -> None:
    flow = {"fengsui.consumer.id": "c1"}
    opening = IncidentOpening(records)
    for number, system in enumerate(order):
        with records.begin() as session:
            record_matches(session, [alert_update(f"w{number}", 3, flow, (None, system))], MONDAY)
        opening.turn(MONDAY + MINUTE)
    [incident] = _all(records)
    assert (incident.system_id, incident.operator) == ("grid", "critical_infrastructure")
    assert incident.accountable["operator"] == "police"
    with records.read() as session:
        first_report = clocks_of(session, Subject.INCIDENT, incident.id)["first_report"]
    assert first_report.due_ms == MONDAY + MINUTE + HOUR


def test_a_decided_level_keeps_an_incident_where_it_is(records: RecordsDatabase, people: People) -> None:
    flow = {"fengsui.consumer.id": "c1"}
    with records.begin() as session:
        record_matches(session, [alert_update("w1", 3, flow, (None, "portal"))], MONDAY)
    [opened] = IncidentOpening(records).turn(MONDAY + MINUTE)
    with records.begin() as session:
        decide_level(session, opened, LevelDecision(IncidentLevel.GENERAL, "seen"), people())
        record_matches(session, [alert_update("w2", 3, flow, (None, "grid"))], MONDAY)
    IncidentOpening(records).turn(MONDAY + HOUR)
    [incident] = _all(records)
    assert (incident.system_id, incident.level) == ("portal", 4)
    with records.read() as session:
        assert linked_alert_ids(session, opened) == ["w1", "w2"]


def test_alerts_about_one_consumer_are_one_incident_of_its_unit(records: RecordsDatabase) -> None:
    with records.begin() as session:
        session.add(_consumer("c1", "housing"))
        session.flush()
        session.add(AccountRecord(id="ctr-1", consumer_id="c1", state="active", changed_ms=1))
    flow = {"fengsui.consumer.id": "c1", "fengsui.data.resource": "r"}
    _alerts(records, ("f1", 3, flow), ("f2", 4, flow), ("least", 1, flow), ("host", 3, {"host.name": "h"}))
    opening = IncidentOpening(records)
    [opened] = opening.turn(MONDAY + MINUTE)
    other, account = {"fengsui.consumer.id": "c2"}, {"gateway.account": "ctr-1"}
    later = (
        ("f3", 3, flow),
        ("f4", 3, account),
        ("medium", 2, flow),
        ("g1", 3, other),
        ("g2", 2, {"x": "y"} | account),
    )
    _alerts(records, *later, ("lone", 2, {"fengsui.consumer.id": "c3"}), at=MONDAY + HOUR)
    assert len(opening.turn(MONDAY + HOUR)) == 1
    assert opening.turn(MONDAY + HOUR) == []
    with records.read() as session:
        assert linked_alert_ids(session, opened) == ["f1", "f2", "f3", "f4", "g2", "medium"]
        incident = session.get_one(Incident, opened)
        assert (incident.unit_id, incident.class_code, incident.source) == ("housing", "data_security", "rule")


def test_what_a_consumers_account_does_in_a_database_joins_its_incident_and_opens_none(
    records: RecordsDatabase,
) -> None:
    with records.begin() as session:
        session.add(_consumer("c1", "housing"))
        session.flush()
        session.add(AccountRecord(id="ctr-1", consumer_id="c1", state="active", changed_ms=1))
    database = {"user.name": "ctr-1", "source.ip": "10.0.0.9", "database.name": "fund"}
    _alerts(records, ("early", 3, database), ("elsewhere", 3, {"user.name": "ctr-1", "host.name": "h"}))
    opening = IncidentOpening(records)
    assert opening.turn(MONDAY + MINUTE) == []
    flow, other = {"fengsui.consumer.id": "c1"}, database | {"user.name": "nobody-s"}
    _alerts(records, ("flow", 3, flow), ("late", 2, database), ("not-theirs", 3, other), at=MONDAY + HOUR)
    _alerts(records, ("grave", 4, other), at=MONDAY + HOUR)
    found = opening.turn(MONDAY + HOUR)
    assert opening.turn(MONDAY + HOUR + MINUTE) == []
    with records.read() as session:
        assert [linked_alert_ids(session, each) for each in found] == [["early", "flow", "late"], ["grave"]]
        assert [session.get_one(Incident, each).class_code for each in found] == ["data_security", "network_attack"]


def test_what_people_took_out_is_not_put_back(records: RecordsDatabase, people: People, time: Time) -> None:
    flow = {"fengsui.consumer.id": "c1"}
    _alerts(records, ("f1", 3, flow), ("f2", 3, flow))
    [opened] = IncidentOpening(records).turn(MONDAY + MINUTE)
    time.pass_(HOUR)
    with records.begin() as session:
        assert unlink_alerts(session, opened, Unlinking(("f2", "a0"), "another matter"), people()) == ["f2"]
    assert IncidentOpening(records).turn(MONDAY + HOUR) == []
    with records.begin() as session:
        assert linked_alert_ids(session, opened) == ["f1"]
        assert link_alerts(session, opened, ["f2", "f1"], people()) == ["f2"]
        assert linked_alert_ids(session, opened) == ["f1", "f2"]
        lines = [item for item in timeline(session, _ALL, opened) if item.kind == "alert"]
    told = [(item.reference, item.detail["linked"]) for item in lines]
    assert told == [("f1", True), ("f2", True), ("f2", False), ("f2", True)]


def test_a_flood_of_alerts_is_no_flood_of_incidents(records: RecordsDatabase) -> None:
    maximum = next(rule for rule in opening_policy().rules if rule.id == "data_flow").hourly_maximum
    _alerts(records, *((f"f{number}", 3, {"fengsui.consumer.id": f"c{number}"}) for number in range(maximum + 40)))
    opened = IncidentOpening(records).turn(MONDAY + MINUTE)
    assert len(opened) == maximum + 1
    with records.read() as session:
        assert max(len(linked_alert_ids(session, each)) for each in opened) == 40


def test_closed_and_old_alerts_open_nothing(records: RecordsDatabase) -> None:
    _alerts(records, ("f1", 3, {"fengsui.consumer.id": "c1"}), ("f2", 3, {"fengsui.consumer.id": "c2"}))
    with records.begin() as session:
        session.get_one(Alert, "f1").state = "closed"
    assert IncidentOpening(records).turn(MONDAY + 48 * HOUR) == []
    assert len(IncidentOpening(records).turn(MONDAY + HOUR)) == 1


def test_a_merge_shows_the_alerts_of_both_and_can_be_taken_back(records: RecordsDatabase, people: People) -> None:
    with records.begin() as session:
        one, two = (
            open_incident(session, NewIncident("x", "malware", alert_ids=(alert,)), people()).id
            for alert in ("a0", "a1")
        )
        merge_incident(session, two, Merging(one, "same"), people())
        assert linked_alert_ids(session, one) == ["a0", "a1"]
        unmerge_incident(session, two, "not the same", people())
        assert (linked_alert_ids(session, one), linked_alert_ids(session, two)) == (["a0"], ["a1"])


def test_a_unit_sees_its_own_incidents_alone(records: RecordsDatabase, people: People) -> None:
    with records.begin() as session:
        ids = {
            unit: open_incident(session, NewIncident("x", "malware", unit_id=unit), people()).id
            for unit in (None, "city", "housing", "police")
        }
        with pytest.raises(InvalidIncidentError):
            open_incident(session, NewIncident("x", "malware", unit_id="police"), people("li", "housing"))
        with pytest.raises(InvalidIncidentError):
            open_incident(session, NewIncident("x", "malware"), people("li", "housing"))
        for units, seen in (((), {None, "city", "housing", "police"}), (("city",), {"city", "housing", "police"})):
            scope = people("li", *units).scope
            found = {each.unit_id for each in list_incidents(session, scope, IncidentFilter())}
            assert found == seen
        with pytest.raises(IncidentNotFoundError):
            timeline(session, people("li", "housing").scope, ids["police"])
        assert list_incidents(session, UnitScope(), IncidentFilter()) == []


def test_the_registry_names_the_accountable_and_the_weight(records: RecordsDatabase, people: People) -> None:
    facts = IncidentFacts(business_loss=BusinessLoss.SEVERE)
    with records.begin() as session:
        incident = open_incident(session, NewIncident("x", "malware", system_id="grid", facts=facts), people())
    assert incident.accountable == {"operator": "police", "owner": "police", "supervisor": "city"}
    assert (incident.unit_id, incident.operator, incident.proposed_level) == ("police", "critical_infrastructure", 2)


@pytest.mark.parametrize(
    ("importance", "loss", "level"),
    [
        ("especially_important", "especially_severe", 1),
        ("especially_important", "severe", 2),
        ("important", "especially_severe", 2),
        ("especially_important", "considerable", 3),
        ("important", "severe", 3),
        ("general", "especially_severe", 3),
        ("important", "considerable", 4),
        ("general", "severe", 4),
        ("especially_important", "minor", 4),
    ],
)
def test_levels_by_importance_and_loss(importance: str, loss: str, level: int) -> None:
    facts = IncidentFacts(importance=Importance(importance), business_loss=BusinessLoss(loss))
    assert propose_level(facts, Importance.GENERAL).level == level


@pytest.mark.parametrize(
    ("persons", "level"),
    [(999_999, 4), (1_000_000, 3), (9_999_999, 3), (10_000_000, 2), (100_000_000, 1)],
)
def test_levels_by_persons_count_from_the_number_itself(persons: int, level: int) -> None:
    proposal = propose_level(IncidentFacts(persons=persons), Importance.GENERAL)
    assert proposal.level == level
    assert ("persons" in {reason.rule for reason in proposal.reasons}) is (level < 4)


@given(
    facts=st.builds(
        IncidentFacts,
        business_loss=st.sampled_from(BusinessLoss),
        social_harm=st.sampled_from(SocialHarm),
        persons=st.integers(0, 10**9),
        loss_yuan=st.integers(0, 10**9),
    ),
    more=st.integers(0, 10**9),
    importance=st.sampled_from(Importance),
)
def test_more_harm_is_never_a_lesser_level(facts: IncidentFacts, more: int, importance: Importance) -> None:
    before = propose_level(facts, importance)
    after = propose_level(facts.model_copy(update={"persons": facts.persons + more}), importance)
    assert after.level <= before.level
    assert before.reasons
    assert all(reason.level == before.level for reason in before.reasons)
