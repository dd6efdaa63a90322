from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from detection import RuleSet
from detection.backtest import Backtest, Expectations, judge, junit_report, load_expectations, stored_pages
from events import Event, timestamp_ms
from policies import PolicyError
from store import EmbeddedEventStore, Window


def _events(count: int = 30) -> list[Event]:
    """One event in three is a failure; by hours over three days, from two addresses."""
    return [
        {
            "@timestamp": f"2026-01-{10 + number // 10}T{number % 10:02}:00:00.000Z",
            "event.id": f"{number:032x}",
            "event.original": "",
            "event.dataset": "linux.auth",
            "message": "fail" if number % 3 == 0 else "fine",
            "source.ip": f"10.0.0.{number % 2}",
        }
        for number in range(count)
    ]


@pytest.fixture
def rules(load: Callable[..., RuleSet]) -> RuleSet:
    def document(name: str, word: str) -> dict[str, object]:
        return {
            "title": f"Says {word}",
            "id": name,
            "level": "high",
            "logsource": {"product": "linux", "service": "auth"},
            "detection": {"s": [word], "condition": "s"},
            "fengsui": {"entities": ["source.ip"], "window": "1d"},
        }

    return load(document("fails", "fail"), document("never", "absent"), policy=None)


def test_tells_what_each_rule_would_have_found(rules: RuleSet) -> None:
    run = Backtest(rules, samples=2)
    for start in range(0, 30, 7):
        run.add(_events()[start : start + 7])
    fails, never = [tally.document() for tally in run.finish()]
    assert fails == {
        "rule": {"id": "fails", "title": "Says fail", "level": "high"},
        "events": 10,
        "alerts": 6,
        "entities": 2,
        "first": "2026-01-10T00:00:00.000Z",
        "last": "2026-01-12T07:00:00.000Z",
        "days": {"2026-01-10": 4, "2026-01-11": 3, "2026-01-12": 3},
        "samples": [_events()[0], _events()[3]],
    }
    assert never["events"] == 0
    assert (never["first"], never["days"], never["samples"]) == (None, {}, [])


def test_correlations_are_told_in_whatever_order_events_come(load: Callable[..., RuleSet]) -> None:
    base = {
        "title": "Fails",
        "id": "fails",
        "logsource": {"product": "linux", "service": "auth"},
        "detection": {"s": ["fail"], "condition": "s"},
    }
    correlation = {
        "title": "Fails often",
        "id": "often",
        "level": "high",
        "correlation": {
            "type": "event_count",
            "rules": ["fails"],
            "group-by": ["source.ip"],
            "timespan": "7h",
            "condition": {"gte": 2},
        },
    }
    rule_set = load(base, correlation, policy=None)
    assert rule_set.unsupported == []
    run = Backtest(rule_set)
    run.add(_events()[15:])
    run.add(_events()[:15])
    often, fails = sorted(
        (tally.document() for tally in run.finish()), key=lambda each: str(each["first"]), reverse=True
    )
    assert (fails["events"], fails["alerts"]) == (10, 0), "it only feeds the correlation"
    # Failures at 0, 3, 6, 9 h of the first day, 2, 5, 8 h of the second, 1, 4, 7 h of the third, of two hosts in turn.
    assert (often["events"], often["alerts"]) == (4, 4)
    assert often["days"] == {"2026-01-10": 2, "2026-01-11": 1, "2026-01-12": 1}
    assert often["entities"] == 2
    assert often["samples"][0]["fengsui.correlation.metric"] == 2.0  # type: ignore[index]  # (JSON)


@pytest.mark.parametrize(
    ("settings", "hours"),
    [
        # Of the two addresses in turn: 0, 3, 6, 9 h of the first day, 2, 5, 8 h of the second, 1, 4, 7 h of the third.
        ({"threshold": {"field": "source.ip", "count": 3, "within": "1d"}}, []),
        ({"threshold": {"field": "source.ip", "count": 2, "within": "1d"}}, [0, 3, 6, 9, 2, 8, 1, 7]),
        ({"new_terms": {"fields": ["source.ip"], "history": "30d", "learning": "1m"}}, [3]),
    ],
)
def test_of_rules_that_depend_on_other_events_it_tells_what_would_alert(
    load: Callable[..., RuleSet], settings: dict[str, object], hours: list[int]
) -> None:
    rule = {
        "title": "Fails",
        "id": "fails",
        "logsource": {"product": "linux", "service": "auth"},
        "detection": {"s": ["fail"], "condition": "s"},
        "fengsui": settings,
    }
    run = Backtest(load(rule, policy=None), samples=99)
    run.add(_events()[15:])
    run.add(_events()[:15])
    [fails] = run.finish()
    assert sorted(str(event["@timestamp"])[11:13] for event in fails.samples) == sorted(f"{hour:02}" for hour in hours)
    assert fails.events == len(hours)


def test_finds_the_same_in_the_store_page_by_page(rules: RuleSet, tmp_path: Path) -> None:
    events = _events()
    others: list[Event] = [
        {**event, "event.id": f"f{index:031x}", "event.dataset": "else"} for index, event in enumerate(events)
    ]
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        store.write([*events, *others])
        window = Window(timestamp_ms("2026-01-10T00:00:00.000Z"), timestamp_ms("2026-01-12T00:00:00.000Z"))
        pages = list(stored_pages(store, rules.rules, window))
    found = [event for page in pages for event in page.events]
    assert [event["event.id"] for event in found] == [event["event.id"] for event in events[:20]]
    run = Backtest(rules)
    run.add(found)
    assert run.finish()[0].days == {"2026-01-10": 4, "2026-01-11": 3}


def test_verdicts_name_every_miss(rules: RuleSet) -> None:
    run = Backtest(rules)
    run.add(_events())
    tallies = run.finish()
    wanted = {"fails": {"min": 10, "max": 10}, "never": {"max": 0}}
    assert [v.miss for v in judge(Expectations.model_validate(wanted), tallies)] == ["", ""]
    wanted = {"fails": {"min": 11}, "never": {"min": 1}, "absent": {"min": 1}}
    misses = judge(Expectations.model_validate(wanted), tallies)
    assert [(v.rule_id, v.events) for v in misses] == [("fails", 10), ("never", 0), ("absent", 0)]
    assert "at least 11" in misses[0].miss
    assert "no rule of this id" in misses[2].miss
    too_many = judge(Expectations.model_validate({"fails": {"max": 9}}), tallies)
    assert "at most 9" in too_many[0].miss


def test_the_report_is_junit(rules: RuleSet) -> None:
    run = Backtest(rules)
    run.add(_events())
    verdicts = judge(Expectations.model_validate({"fails": {"min": 1}, "never": {"min": 1}}), run.finish())
    root = ET.fromstring(junit_report(verdicts, 1.5))  # noqa: S314 (our own)
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    cases = root.findall("testsuite/testcase")
    assert [case.get("name") for case in cases] == ["Says fail", "Says absent"]
    failures = [case.find("failure") for case in cases]
    assert failures[0] is None
    assert failures[1] is not None
    assert "at least 1" in str(failures[1].get("message"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("r: {min: 3, max: 2}", "max 2 is less than min 3"),
        ("r: {least: 1}", "least"),
        ("- r", "dict"),
        ("r: [", "YAML"),
    ],
)
def test_expectations_that_are_none_say_where(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "expected.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=said) as told:
        load_expectations(path)
    assert "expected.yml" in str(told.value)
