from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from detection import RuleSet, load_rules
from detection.alerts import record_matches
from detection.alerts.recording import AlertUpdate
from detection.coverage import CoverageState, coverage_of, load_coverage_policy, measure_coverage, navigator_layer
from detection.coverage.matrix import Evidence
from events import Event, timestamp_ms
from store import EmbeddedEventStore
from store.records.database import Base, RecordsDatabase

_NOW = timestamp_ms("2026-02-15T00:00:00.000Z")


def _rule(name: str, tags: Sequence[str], **logsource: str) -> dict[str, Any]:
    return {
        "title": name,
        "id": name,
        "level": "high",
        "tags": [f"attack.{tag}" for tag in tags],
        "logsource": logsource,
        "detection": {"s": {"a": "b"}, "condition": "s"},
    }


_RULES = (
    _rule("sysmon", ["execution", "t1059.001"], product="windows", category="process_creation"),
    _rule("dns", ["command-and-control", "execution", "t1071", "t1059.001"], product="zeek", service="dns"),
    _rule("cron", ["persistence", "privilege-escalation", "t1053.003"], product="linux", service="cron"),
    _rule("off", ["t1486"], product="windows", service="security"),
    _rule("untagged", [], product="windows", service="security"),
)


def _correlation(name: str, technique: str, other: str = "dns") -> dict[str, Any]:
    """Over a rule whose telemetry is seen and another; it sees as much as the blinder of them."""
    section = {"type": "temporal", "rules": ["sysmon", other], "timespan": "1h"}
    return {"title": name, "id": name, "tags": [f"attack.{technique}"], "correlation": section}


def _event(number: int, day: str, **fields: str) -> Event:
    base: Event = {
        "@timestamp": f"{day}T00:00:00.000Z",
        "event.id": f"{number:032x}",
        "event.original": "",
        "event.dataset": "windows.sysmon",
    }
    return base | {name.replace("__", "."): value for name, value in fields.items()}


def test_a_technique_is_seen_blind_or_not_covered(load: Callable[..., RuleSet], tmp_path: Path) -> None:
    loaded = load(*_RULES, _correlation("both", "t1001"), _correlation("half", "t1002", "off"), policy=None)
    rules = [*loaded.rules, *loaded.correlations]
    sysmon = {"winlog__channel": "Microsoft-Windows-Sysmon/Operational", "winlog__event_id": "1"}
    records = RecordsDatabase(f"sqlite:///{tmp_path / 'records.db'}")
    Base.metadata.create_all(records.engine)
    on = {rule.id for rule in rules} - {"off"}
    with closing(records), closing(EmbeddedEventStore(tmp_path / "events", "write")) as store:
        store.write(
            [
                _event(1, "2026-02-10", **sysmon),
                _event(2, "2026-02-10", **{**sysmon, "winlog__event_id": "3"}),
                _event(3, "2025-12-01", event__dataset="linux.auth", process__name="cron"),
            ]
        )
        with records.begin() as session:
            update = AlertUpdate("a1", "sysmon", "t", "high", 3, [], [], "d", {}, [], [("e", _NOW - 5)])
            record_matches(session, [update], _NOW)
            found = measure_coverage(session, store, rules, on, _NOW)
    by_id = {technique.technique_id: technique for technique in found.techniques}
    assert {name: each.state for name, each in by_id.items()} == {
        "T1059.001": CoverageState.SEEN,
        "T1071": CoverageState.BLIND,
        "T1053.003": CoverageState.BLIND,
        "T1486": CoverageState.NONE,
        "T1001": CoverageState.BLIND,
        "T1002": CoverageState.NONE,
    }
    assert [(rule.rule_id, rule.events) for rule in by_id["T1059.001"].rules] == [("sysmon", 1), ("dns", 0)]
    assert by_id["T1059.001"].last_fired_ms == _NOW - 5
    assert by_id["T1071"].last_fired_ms is None


def test_the_matrix_is_laid_out_by_the_tactics_of_the_tags(load: Callable[..., RuleSet]) -> None:
    odd = _rule("odd", ["made-up-tactic", "t1000"], product="windows", service="security")
    rules = load(*_RULES, odd, policy=None).rules
    found = coverage_of(rules, Evidence({rule.id for rule in rules}, {}, {}), load_coverage_policy())
    assert found.tactics == (
        "execution",
        "persistence",
        "privilege-escalation",
        "command-and-control",
        "",
        "made-up-tactic",
    )
    assert [each.technique_id for each in found.of_tactic("execution")] == ["T1059.001", "T1071"]
    assert [each.technique_id for each in found.of_tactic("command-and-control")] == ["T1071"], (
        "of T1059.001 a rule with that tactic alone says that it is execution"
    )
    assert [each.technique_id for each in found.of_tactic("")] == ["T1486"]


def test_the_layer_is_the_navigators_format(load: Callable[..., RuleSet]) -> None:
    rules = load(*_RULES, policy=None).rules
    evidence = Evidence({"sysmon", "dns", "cron"}, {"sysmon": 7}, {"sysmon": _NOW})
    layer = navigator_layer(coverage_of(rules, evidence, load_coverage_policy()), load_coverage_policy())
    assert layer["versions"]["layer"] == "4.5"
    assert layer["domain"] == "enterprise-attack"
    assert {each["techniqueID"]: each["score"] for each in layer["techniques"]} == {
        "T1059.001": 100,
        "T1071": 50,
        "T1053.003": 50,
        "T1486": 0,
    }
    technique = next(each for each in layer["techniques"] if each["techniqueID"] == "T1059.001")
    assert technique["comment"] == "sysmon\ndns"
    assert {each["name"]: each["value"] for each in technique["metadata"]} == {
        "rules on": "2",
        "rules not on": "0",
        "events seen": "7",
        "last fired": "2026-02-15T00:00:00.000Z",
    }
    assert all(isinstance(each["value"], str) for technique in layer["techniques"] for each in technique["metadata"])


def test_the_tactics_of_the_shipped_rules_are_all_in_the_policy(project: Path) -> None:
    named = {tactic for rule in load_rules([project / "detection" / "content"]).rules for tactic in rule.tactics}
    assert named <= load_coverage_policy().tactics.keys()
