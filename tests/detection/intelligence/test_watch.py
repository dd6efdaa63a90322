"""The watch sees what a naive comparison sees, at the event's own time, and follows changes."""

from __future__ import annotations

import ipaddress
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from audit import Actor
from detection.alerts import AlertUpdate, Grouping
from detection.intelligence import (
    ChangedBy,
    ImportResult,
    IndicatorFilter,
    IndicatorWatch,
    NewIndicator,
    SightingAlerts,
    import_indicators,
    list_indicators,
    load_intelligence_policy,
    retire_indicators,
)
from detection.intelligence.candidates import PrefixLengths, candidates_by_type
from detection.intelligence.indicator_set import IndicatorSet
from detection.intelligence.values import IndicatorType, domain_of
from events import format_timestamp
from store.records import Base, RecordsDatabase

BY = ChangedBy(Actor("user", "u-1", "li.na"))
START = 1_767_225_600_000
DAY = 86_400_000
SHA256, MD5 = "ab" * 32, "cd" * 16
Known = Callable[..., ImportResult]


def _event(number: int = 1, time: int = START, **fields: object) -> dict[str, Any]:
    names = {name.replace("__", "."): value for name, value in fields.items()}
    return {"@timestamp": format_timestamp(time), "event.id": f"{number:032x}", "event.dataset": "zeek.conn", **names}


def _seen(watch: IndicatorWatch, *events: dict[str, Any]) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    return [(each.value, each.fields) for each in watch.match(events)]


def test_each_type_is_seen_in_its_fields(records: RecordsDatabase, known: Known) -> None:
    known("203.0.113.0/24", "198.51.100.7", "evil.example", "http://bad.example/x?y=1", SHA256, MD5, "2001:db8::/48")
    watch = IndicatorWatch(records)
    assert len(watch) == 7
    assert _seen(watch, _event(destination__ip="203.0.113.9")) == [
        ("203.0.113.0/24", (("destination.ip", "203.0.113.9"),))
    ]
    assert _seen(watch, _event(dns__resolved_ip=["192.0.2.1", "::ffff:198.51.100.7"])) == [
        ("198.51.100.7", (("dns.resolved_ip", "::ffff:198.51.100.7"),))
    ]
    assert _seen(watch, _event(source__ip="2001:0DB8:0:1::5")) == [
        ("2001:db8::/48", (("source.ip", "2001:0DB8:0:1::5"),))
    ]
    assert _seen(watch, _event(dns__question__name="CDN.Evil.Example.", url__domain="notevil.example")) == [
        ("evil.example", (("dns.question.name", "CDN.Evil.Example."),))
    ]
    assert [value for value, _ in _seen(watch, _event(url__original="HTTP://BAD.example:80/x?y=1#top"))] == [
        "http://bad.example/x?y=1"
    ]
    hashes = f"MD5={MD5.upper()},SHA256={SHA256},IMPHASH={'0' * 32}"
    assert [value for value, _ in _seen(watch, _event(winlog__event_data__Hashes=hashes))] == [MD5, SHA256]
    assert _seen(watch, _event(message=f"{SHA256} 198.51.100.7", url__original="http://bad.example/X?y=1")) == []


def test_validity_is_by_the_events_own_time(records: RecordsDatabase, known: Known) -> None:
    known("192.0.2.1", valid_from_ms=START, valid_until_ms=START + DAY)
    watch = IndicatorWatch(records)
    early = load_intelligence_policy().early
    seen = {
        time: bool(watch.match([_event(time=START + time, source__ip="192.0.2.1")]))
        for time in (-early - 1, -early, 0, DAY - 1, DAY)
    }
    assert seen == {-early - 1: False, -early: True, 0: True, DAY - 1: True, DAY: False}


def test_one_alert_names_every_source(records: RecordsDatabase, known: Known) -> None:
    known("192.0.2.1", source="exchange", confidence=30)
    known("192.0.2.1", source="city-cert", confidence=90)
    known("192.0.2.1", source="expired", confidence=99, valid_until_ms=START)
    sightings = IndicatorWatch(records).match([_event(source__ip="192.0.2.1"), _event(2, source__ip="192.0.2.1")])
    [update] = SightingAlerts(Grouping()).updates(sightings)
    assert (update.level, update.severity) == ("high", 3)
    assert update.entity == {"source.ip": "192.0.2.1", "threat.indicator.name": "192.0.2.1"}
    assert [
        (each["selection"], each["field"], each["event_field"], each["value"]) for each in update.matched_fields
    ] == [
        ("city-cert (90)", "ip: 192.0.2.1", "source.ip", "192.0.2.1"),
        ("exchange (30)", "ip: 192.0.2.1", "source.ip", "192.0.2.1"),
    ]
    assert [event_id[-1] for event_id, _ in update.events] == ["1", "2"]


def test_changes_are_followed_without_a_restart(records: RecordsDatabase, known: Known) -> None:
    watch = IndicatorWatch(records)
    event = _event(source__ip="192.0.2.1")
    assert watch.match([event]) == []
    assert not watch.refresh()
    known("192.0.2.1")
    assert watch.refresh()
    assert len(watch.match([event])) == 1
    with records.begin() as session:
        [row] = list_indicators(session, IndicatorFilter())
        assert retire_indicators(session, [row.id], "a false alarm", BY) == 1
    assert watch.refresh()
    assert watch.match([event]) == []


_LABEL = st.text(alphabet="abc", min_size=1, max_size=2)
_DOMAIN = st.lists(_LABEL, min_size=1, max_size=4).map(".".join)
_ADDRESS = st.one_of(
    st.integers(0x0A000000, 0x0A0000FF).map(lambda n: str(ipaddress.IPv4Address(n))),
    st.integers(0x20010DB8 << 96, (0x20010DB8 << 96) + 255).map(lambda n: str(ipaddress.IPv6Address(n))),
    st.ip_addresses().map(str),
)


@settings(max_examples=150)
@given(
    networks=st.lists(st.tuples(_ADDRESS, st.integers(0, 128)), max_size=12), addresses=st.lists(_ADDRESS, max_size=12)
)
def test_networks_are_found_as_a_naive_matcher_finds_them(
    networks: list[tuple[str, int]], addresses: list[str]
) -> None:
    parsed = [
        ipaddress.ip_network(f"{address}/{min(length, 32 if '.' in address else 128)}", strict=False)
        for address, length in networks
    ]
    spelled = {str(each[0]) if each.num_addresses == 1 else str(each): each for each in parsed}
    held = IndicatorSet(1, [(IndicatorType.IP, value) for value in spelled])
    for text in addresses:
        address = ipaddress.ip_address(text)
        meant = getattr(address, "ipv4_mapped", None) or address
        naive = {value for value, network in spelled.items() if meant in network}
        assert set(held.find(IndicatorType.IP, text)) == naive
        assert set(held.known(IndicatorType.IP)[text]) == naive


@settings(max_examples=150)
@given(domains=st.lists(_DOMAIN, max_size=12), asked=st.lists(_DOMAIN, max_size=12))
def test_domains_are_found_as_a_naive_matcher_finds_them(domains: list[str], asked: list[str]) -> None:
    listed = {domain for domain in domains if "." in domain}
    held = IndicatorSet(1, [(IndicatorType.DOMAIN, domain) for domain in listed])
    for text in asked:
        naive = {each for each in listed if text == each or text.endswith(f".{each}")}
        assert set(held.find(IndicatorType.DOMAIN, text)) == naive


@settings(max_examples=200)
@given(text=st.text(max_size=60), kind=st.sampled_from(IndicatorType))
def test_no_value_of_an_event_breaks_the_comparison(text: str, kind: IndicatorType) -> None:
    assert all(list(candidates_by_type(PrefixLengths((8, 24), (32, 48)))[kind](text)))
    assert domain_of(text) is None or domain_of(text) == domain_of(str(domain_of(text)))


def test_what_is_remembered_is_bounded() -> None:
    held = IndicatorSet(1, [(IndicatorType.DOMAIN, "evil.example")])
    for number in range(60_000):
        held.find(IndicatorType.DOMAIN, f"host-{number}.{'x' * 40}.{'y' * 60}.{'z' * 60}.{'w' * 60}.example")
        if number % 1_000 == 0:
            held.trim()
    assert len(held.known(IndicatorType.DOMAIN)) < 60_000
    assert held.find(IndicatorType.DOMAIN, "a.evil.example") == ("evil.example",)


@settings(max_examples=25)
@given(order=st.permutations(range(6)), cut=st.integers(0, 6))
def test_any_order_and_batches_give_the_same_alerts(order: list[int], cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        records = RecordsDatabase(f"sqlite:///{Path(folder) / 'records.db'}")
        Base.metadata.create_all(records.engine)
        new = [NewIndicator(IndicatorType.IP, value, "s", 50) for value in ("192.0.2.1", "192.0.2.0/24")]
        import_indicators(records, new, BY)
        watch, alerts = IndicatorWatch(records), SightingAlerts()
        events = [_event(n, START + n * 8 * 3_600_000, source__ip=f"192.0.2.{n % 2}") for n in range(6)]
        whole = _by_alert(alerts.updates(watch.match(events)))
        parts: dict[str, set[str]] = {}
        for batch in ([events[n] for n in order[:cut]], [events[n] for n in order[cut:]]):
            for alert_id, ids in _by_alert(alerts.updates(watch.match(batch))).items():
                parts.setdefault(alert_id, set()).update(ids)
        records.close()
    assert parts == whole
    assert len(whole) == 6  # the network: two addresses on two days; the address: two days


def _by_alert(updates: Iterable[AlertUpdate]) -> dict[str, set[str]]:
    return {update.alert_id: {event_id for event_id, _ in update.events} for update in updates}
