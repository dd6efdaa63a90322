from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from detection import RuleSet
from detection.routing import Route, Source, load_routing_policy
from detection.routing.router import takes
from detection.telemetry import candidates_query, count_events, route_name, routes_of
from events import Event
from store import EmbeddedEventStore, Window
from store.query import MatchAll

_DAY = Window(1_769_817_600_000, 1_769_904_000_000)  # 2026-01-31
_EVENTS: list[Event] = [
    {"winlog.channel": "Microsoft-Windows-Sysmon/Operational", "winlog.event_id": "1"},
    {"winlog.channel": "microsoft-windows-sysmon/operational", "winlog.event_id": "13"},
    {"winlog.channel": "Security", "winlog.event_id": "4688"},
    {"winlog.channel": "Security", "winlog.event_id": "4624"},
    {"event.dataset": "windows.forwarded"},
    {"event.dataset": "linux.auth", "process.name": "sshd"},
    {"event.dataset": "linux.auth", "process.name": ["cron", "sshd"]},
    {"event.dataset": "nginx.access"},
    {"event.dataset": "aws.cloudtrail"},
    {"event.dataset": "kubernetes.audit"},
    {"event.dataset": "aliyun.actiontrail"},
    {"event.dataset": "postgresql.audit", "event.category": ["database"]},
    {"event.dataset": "suricata.eve", "event.kind": "alert"},
    {"event.dataset": "zeek.dns", "event.category": ["network"]},
    {"event.dataset": "fengsui.data_flow"},
    {"event.dataset": "no.such"},
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEventStore]:
    folder = tmp_path_factory.mktemp("events")
    with closing(EmbeddedEventStore(folder, "write")) as opened:
        opened.write([_stored(event, number) for number, event in enumerate(_EVENTS)])
        opened.write([{**_stored(_EVENTS[0], 99), "@timestamp": "2026-03-01T00:00:00.000Z"}])
        yield opened


def _stored(event: Event, number: int) -> Event:
    base: Event = {
        "@timestamp": f"2026-01-31T00:{number % 60:02}:00.000Z",
        "event.id": f"{number:032x}",
        "event.original": "",
        "event.dataset": "windows.test",
    }
    return base | event


def test_the_store_counts_what_the_router_takes_for_every_route_of_the_policy(store: EmbeddedEventStore) -> None:
    routes = [route for source in load_routing_policy().sources for route in source.routes]
    counted = count_events(store, routes, _DAY)
    events = [_stored(event, number) for number, event in enumerate(_EVENTS)]
    assert counted == {route_name(route): sum(takes(event, route) for event in events) for route in routes}
    assert sum(count > 0 for count in counted.values()) > 15


def test_special_characters_of_queries_mean_themselves_in_a_route(tmp_path: Path) -> None:
    route = Route(where={"event.dataset": ["a:b (c)*", 'q"?']})
    with closing(EmbeddedEventStore(tmp_path, "write")) as opened:
        events = [
            _stored({"event.dataset": text}, number) for number, text in enumerate(("A:B (c) d", "a:b", 'q"?', 'q"x'))
        ]
        opened.write(events)
        assert count_events(opened, [route], Window()) == {route_name(route): 2}


def test_candidates_are_the_events_of_the_rules_own_routes(
    load: Callable[..., RuleSet], store: EmbeddedEventStore
) -> None:
    document = {"title": "T", "id": "r", "detection": {"s": {"a": "b"}, "condition": "s"}}
    rules = load({**document, "logsource": {"product": "windows", "category": "process_creation"}}, policy=None)
    assert [route_name(route) for route in routes_of(rules.rules[0])] == [
        "winlog.channel=Microsoft-Windows-Sysmon/Operational winlog.event_id=1",
        "winlog.channel=Security winlog.event_id=4688",
    ]
    page = store.search(candidates_query(rules.rules), _DAY, order="oldest")
    assert [event["event.id"] for event in page.events] == [f"{0:032x}", f"{2:032x}"]


def test_no_rules_and_too_many_routes_are_every_event(load: Callable[..., RuleSet]) -> None:
    assert candidates_query([]) == MatchAll()
    policy = load_routing_policy().model_copy(
        update={
            "sources": [
                Source(
                    product="many",
                    fields="generic",
                    routes=[Route(where={"event.dataset": [f"d{number}"]}) for number in range(101)],
                )
            ]
        }
    )
    document = {"title": "T", "logsource": {"product": "many"}, "detection": {"s": {"a": "b"}, "condition": "s"}}
    assert candidates_query(load(document, policy=policy).rules, policy) == MatchAll()
