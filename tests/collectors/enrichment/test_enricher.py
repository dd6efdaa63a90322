"""The join with the registry: every field of a flow, and what is unknown, unclear or out of time."""
# ruff: noqa: S608 (statements are what is tested; none is run)

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.flow_month.month import Planted
from benchmarks.flow_month.records import CALLERS, CONTRACTOR, EXCHANGE, PORTAL, Written, body, call, statement
from benchmarks.flow_month.world import MONTH, world
from classification.identifiers.persons import mod_11_2
from classification.masking import Fingerprints
from classification.text.scanner import TextScanner
from collectors.enrichment import FlowEnricher
from collectors.enrichment.flows.covering import share
from collectors.normalizers.chain import normalize
from collectors.normalizers.contract import SourceContext
from collectors.record import RecordBatch
from events import Event
from registry import GrantState, RegistryIndex, sharing_policy, zone_policy
from registry.index.catalog import Catalog
from registry.index.grants import GrantTable
from registry.index.organization import Organization
from registry.index.snapshot import Consumers

_DAY = MONTH + timedelta(days=12, hours=10)
_GJJ = CALLERS["gjj"]


@cache
def registry() -> RegistryIndex:
    return world()


@cache
def scanner() -> TextScanner:
    return TextScanner()


def enricher(index: RegistryIndex | None = None) -> FlowEnricher:
    return FlowEnricher(lambda: index or registry(), scanner(), Fingerprints(b"k" * 32))


def events_of(*written: Written) -> list[Event]:
    records = [Planted(each, None).record(place) for place, each in enumerate(written)]
    return normalize(RecordBatch("t", "t", records, []), SourceContext("t", "t")).events


def flow(written: Written) -> Event:
    [event] = events_of(written)
    enricher().enrich([event])
    return event


def test_a_call_says_who_took_what_from_where_to_where_under_which_grant() -> None:
    event = flow(call(Random(1), _DAY, _GJJ, records=3))
    wanted = {
        "fengsui.consumer.account": "app-gjj",
        "fengsui.consumer.id": "con-gjj",
        "fengsui.consumer.kind": "application",
        "fengsui.consumer.unit": "lh-gjj",
        "fengsui.data.activity": "provide",
        "fengsui.data.resource": "population.resident",
        "fengsui.data.provider": "lh-gaj",
        "fengsui.data.fields": ["name", "id_number"],
        "fengsui.data.grade": "general_3",
        "fengsui.data.high_grade": True,
        "fengsui.data.categories": ["person_name", "resident_id"],
        "fengsui.data.records": 3,
        "fengsui.data.bytes": 300,
        "fengsui.data.masked": True,
        "fengsui.zone.source": "unit",
        "fengsui.zone.destination": "government_extranet",
        "fengsui.zone.direction": "lower",
        "fengsui.purpose": "公积金提取核验",
        "fengsui.grant.id": "M-000001",
        "fengsui.grant.status": "valid",
        "fengsui.flow.day": "2026-10-13",
        "fengsui.flow.hour": 10,
    }
    assert {name: event.get(name) for name in wanted} == wanted


def test_only_the_fields_taken_count_for_the_grade() -> None:
    assert flow(call(Random(1), _DAY, _GJJ, fields=["name"]))["fengsui.data.grade"] == "general_2"
    assert flow(call(Random(1), _DAY, _GJJ, fields=["not listed"]))["fengsui.data.grade"] == "general_3"


def test_a_statement_says_which_tables_and_columns_it_took() -> None:
    sql = "SELECT r.name, h.relation FROM resident r JOIN household h ON h.id_number = r.id_number WHERE r.mobile = 'x'"
    event = flow(statement(_DAY, EXCHANGE, sql, 5))
    assert event["fengsui.data.resource"] == ["table.population.household", "table.population.resident"]
    assert event["fengsui.data.fields"] == ["relation", "name"]
    assert event["fengsui.data.activity"] == "use"
    assert event["fengsui.grant.status"] == "none"  # there is a grant for one of both tables alone
    assert event["fengsui.data.masked"] is False


@pytest.mark.parametrize(
    ("sql", "activity"),
    [
        ("INSERT INTO case_application (id, name) VALUES (1, 'a')", "collect"),
        ("CREATE TABLE copied AS SELECT name FROM applicant_contact", "store"),
        ("SELECT * FROM case_kind INTO OUTFILE '/tmp/x'", "store"),
        ("SELECT code FROM case_kind", "use"),
        ("INSERT INTO case_kind (code) SELECT id FROM case_application", "process"),
        ("UPDATE case_application SET status = '1' WHERE id = 3", "process"),
        ("DELETE FROM case_attachment WHERE id = 3", "destroy"),
    ],
)
def test_activities(sql: str, activity: str) -> None:
    assert flow(statement(_DAY, PORTAL, sql))["fengsui.data.activity"] == activity


def test_what_is_not_registered_is_a_value_of_its_own() -> None:
    event = flow(call(Random(1), _DAY, _GJJ, app_id="app-nobody", path="/nowhere"))
    assert event["fengsui.consumer.id"] == event["fengsui.data.resource"] == "unregistered"
    assert event["fengsui.consumer.account"] == "app-nobody"
    assert (event["fengsui.grant.status"], event["fengsui.grant.reason"]) == ("none", "unknown_resource")


def test_a_statement_that_cant_be_read_is_declared_unknown_and_not_judged() -> None:
    event = flow(statement(_DAY, CONTRACTOR, "EXECUTE something(1)"))
    assert event["fengsui.data.resource"] == "unknown"
    assert event["fengsui.grant.status"] == "undetermined"
    assert event["fengsui.consumer.id"] == "ctr-weibao"


def test_a_refused_call_and_the_server_s_own_tables_are_no_flows() -> None:
    refused = flow(call(Random(1), _DAY, _GJJ, status=403))
    catalog = flow(statement(_DAY, PORTAL, "SELECT table_name FROM information_schema.tables"))
    assert "fengsui.data.activity" not in refused
    assert "fengsui.data.activity" not in catalog


def test_nothing_is_judged_where_nothing_is_registered() -> None:
    empty = RegistryIndex(0, _parts_without_entries(), sharing_policy())
    [event] = events_of(call(Random(1), _DAY, _GJJ))
    enricher(empty).enrich([event])
    assert event["fengsui.data.activity"] == "provide"
    assert "fengsui.grant.status" not in event


def _parts_without_entries() -> tuple[object, ...]:
    return Organization([], [], zone_policy()), Catalog([]), Consumers({}, {}), GrantTable({}, [])


def test_a_grant_that_is_revoked_while_flows_run_holds_no_longer_from_the_next_batch() -> None:
    current = [registry()]
    running = FlowEnricher(lambda: current[0], scanner(), Fingerprints(b"k" * 32))
    before, after = events_of(call(Random(1), _DAY, _GJJ), call(Random(1), _DAY, _GJJ))
    running.enrich([before])
    grant = registry().grant("M-000001")
    assert grant is not None
    revoked = replace(grant, state=GrantState.REVOKED, state_since_ms=grant.valid_from_ms)
    parts = registry()
    consumers = parts.consumers.consumers.values()
    grants = parts.grants.with_changes([revoked], consumers)
    current[0] = RegistryIndex(2, (parts.organization, parts.catalog, parts.consumers, grants), sharing_policy())
    running.enrich([after])
    assert (before["fengsui.grant.status"], after["fengsui.grant.status"]) == ("valid", "revoked")


def test_validity_goes_by_the_flow_s_own_time_to_the_millisecond() -> None:
    caller = replace(CALLERS["mz"], app="app-yb", path="/share/v1/education/student/query", purpose="参保核对")
    end = MONTH + timedelta(days=10)
    running = enricher()
    moments = [end - timedelta(milliseconds=1), end, end - timedelta(hours=5), end + timedelta(hours=5)]
    events = events_of(*(call(Random(1), moment, caller, fields=["name", "school"]) for moment in moments))
    running.enrich(events)
    assert [event["fengsui.grant.status"] for event in events] == ["valid", "expired", "valid", "expired"]


def test_an_account_is_dormant_until_its_use_is_accounted_for() -> None:
    running, caller = enricher(), CALLERS["seasonal"]
    first, again, later = events_of(*(call(Random(1), _DAY, caller, request_id=str(at)) for at in range(3)))
    running.enrich([first])
    running.enrich([again])  # the batch is tried again
    running.last_uses.account_for()
    running.enrich([later])
    assert first["fengsui.consumer.idle_days"] == again["fengsui.consumer.idle_days"] == 132
    assert later["fengsui.consumer.idle_days"] == 0


def test_a_body_is_looked_into_and_dropped() -> None:
    answer = body(Random(3), 4)
    event = flow(call(Random(1), _DAY, _GJJ, response_body=answer, records=None, masked=True))
    assert event["fengsui.data.records"] == 4
    assert event["fengsui.data.subjects"] == len(set(map(str, _list(event["fengsui.data.subject"])))) == 4
    assert event["fengsui.data.masked"] is False  # what the answer shows counts before what the gateway claims
    assert "resident_id" in _list(event["fengsui.data.categories"])
    text = json.dumps(event, ensure_ascii=False)
    assert not [
        person for person in json.loads(answer)["data"] if person["id_number"] in text or person["name"] in text
    ]


def test_the_same_person_has_one_fingerprint_in_an_address_a_literal_and_a_body() -> None:
    person = "110101190001010057"
    zr = replace(CALLERS["zr"], path=f"/share/v1/persons/{person}")
    several = [
        flow(call(Random(1), _DAY, zr)),
        flow(statement(_DAY, EXCHANGE, f"SELECT name FROM resident WHERE id_number = '{person}'")),
        flow(call(Random(1), _DAY, _GJJ, response_body=json.dumps([{"id_number": person}]))),
    ]
    assert len({str(event["fengsui.data.subject"]) for event in several}) == 1
    assert not any(person in json.dumps(event) for event in several)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


people = st.tuples(st.integers(0, 9), st.integers(0, 999)).map(lambda parts: _number(*parts))


def _number(year: int, order: int) -> str:
    first = f"110101190{year}0101{order:03d}"
    return first + mod_11_2(first)


@given(
    st.lists(people, min_size=1, max_size=3),
    st.sampled_from(
        ["/v1/{0}", "/v1/a/{0}/b?x={0}", "/v1?id={0}&id={0}", "/v1/%20{0}%20", "/v1?q=a{0}", "/v1?q=x:{0},{0}"]
    ),
    st.sampled_from(
        ["SELECT name FROM resident WHERE id_number = '{0}'", "SELECT 1 /* {0} */", "CALL f({0}, '-{0}-')"]
    ),
)
@settings(max_examples=60)
def test_no_number_survives_wherever_it_stands(numbers: list[str], path: str, sql: str) -> None:
    written: Iterator[Written] = (
        made
        for number in numbers
        for made in (
            call(Random(1), _DAY, _GJJ, path=path.format(number), note=f"for {number}"),
            statement(_DAY, EXCHANGE, sql.format(number)),
        )
    )
    events = events_of(*written)
    _running().enrich(events)
    left = json.dumps(events)
    tokens = [number for number in numbers if number in left and f"a{number}" not in left]
    assert tokens == []


@cache
def _running() -> FlowEnricher:
    return enricher()


@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=50))
def test_shares_add_up_beyond_a_hundred_exactly_when_the_cap_is_broken(cap: int, amounts: list[int]) -> None:
    total = sum(Fraction(repr(share(amount, cap))) for amount in amounts)
    assert (total > 100) == (sum(amounts) > cap)


def test_shares_of_a_cap_that_is_kept_to_the_last_record() -> None:
    for cap in (3, 7, 300, 999_983):
        shares = Fraction(repr(share(1, cap)))
        assert shares * cap <= 100
        assert shares * (cap + 1) > 100


def test_what_breaks_one_event_leaves_it_bare_and_goes_on() -> None:
    running = enricher()
    broken, whole = events_of(call(Random(1), _DAY, _GJJ, path="/v1/13912345678"), call(Random(2), _DAY, _GJJ))
    broken["@timestamp"] = "broken"
    running.enrich([broken, whole])
    assert broken["fengsui.grant.reason"] == "enrichment_failed"
    assert "13912345678" not in json.dumps(broken)
    assert whole["fengsui.grant.status"] == "valid"
