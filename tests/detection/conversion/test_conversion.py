from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from detection import Matcher, Rule, RuleSet, load_rules
from detection.conversion import ConversionError, QueryFormat, convert, convert_correlation
from events import Event
from store.query import evaluate, parse_query

_INDEX = "logs-*"
_SYSMON = {"winlog.channel": "Microsoft-Windows-Sysmon/Operational", "winlog.event_id": "1"}
_SECURITY = {"winlog.channel": "Security", "winlog.event_id": "4688"}


def _rule(folder: Path, detection: dict[str, Any], **logsource: str) -> Rule:
    path = folder / "rule.yml"
    document = {
        "title": "T",
        "id": "5f7a0f5e-6a55-4b57-9a6a-3d2cbb7b41a1",
        "logsource": logsource or {"product": "windows", "category": "process_creation"},
        "detection": detection,
    }
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    rules = load_rules([path])
    assert rules.unsupported == []
    return rules.rules[0]


_DETECTIONS: list[dict[str, Any]] = [
    {"s": {"Image|endswith": r"\cmd.exe"}, "condition": "s"},
    {
        "s": {"Image|endswith": [r"\cmd.exe", r"\sh.exe"], "CommandLine|contains|all": ["/c", "who am"]},
        "condition": "s",
    },
    {"s": {"Image|contains": "cmd"}, "f": {"User": "SYSTEM"}, "condition": "s and not f"},
    {"s": {"EventID": [1, 4688]}, "t": {"CommandLine|startswith": "cmd"}, "condition": "s and t"},
    {"s": {"CommandLine|re": "cmd.*am i"}, "condition": "s"},
    {"s": {"CommandLine": None}, "condition": "s"},
    {"s": {"CommandLine|contains": "cmd", "User|exists": False}, "condition": "s"},
    {"s": {"Image|endswith|neq": "sh.exe", "CommandLine|exists": True}, "condition": "s"},
    {"s": {"CommandLine|contains": "nothing of it"}, "t": {"User|exists": True}, "condition": "1 of *"},
]
_EVENTS: list[Event] = [
    {**_SYSMON, "winlog.event_data.Image": r"C:\Windows\CMD.exe", "winlog.event_data.CommandLine": "cmd /c who am i"},
    {**_SYSMON, "winlog.event_data.Image": r"C:\sh.exe", "winlog.event_data.User": "SYSTEM"},
    {**_SYSMON, "process.executable": r"C:\Windows\cmd.exe", "user.name": "SYSTEM"},
    {**_SECURITY, "winlog.event_data.NewProcessName": r"C:\cmd.exe", "winlog.event_data.SubjectUserName": "eve"},
    {
        **_SECURITY,
        "winlog.event_data.NewProcessName": r"C:\cmd.exe",
        "winlog.event_data.CommandLine": "cmd /c who am i",
    },
    {"winlog.channel": "System", "winlog.event_id": "1", "winlog.event_data.Image": r"C:\cmd.exe"},
]


@pytest.mark.parametrize("detection", _DETECTIONS)
def test_the_query_finds_what_the_rule_matches(tmp_path: Path, detection: dict[str, Any]) -> None:
    rule = _rule(tmp_path, detection)
    matcher = Matcher(RuleSet([rule], []))
    queries = [parse_query(each.query) for each in convert(rule, QueryFormat.LUCENE, _INDEX)]
    assert len(queries) == 2, "one for Sysmon, one for the Security log"
    found = [any(evaluate(query, event) for query in queries) for event in _EVENTS]
    assert found == [bool(matcher.match([event])) for event in _EVENTS]
    assert any(found)


def test_keywords_are_looked_for_in_the_fields_of_the_policy(tmp_path: Path) -> None:
    rule = _rule(tmp_path, {"s": ["segfault"], "condition": "s"}, product="linux", service="auth")
    (query,) = convert(rule, QueryFormat.LUCENE, _INDEX)
    assert query.route == "event.dataset=linux.auth"
    event: Event = {"event.dataset": "linux.auth", "message": "a segfault at 0"}
    assert evaluate(parse_query(query.query), event)
    assert not evaluate(parse_query(query.query), {**event, "event.dataset": "linux.kernel"})


def test_each_format_is_of_its_language(tmp_path: Path) -> None:
    rule = _rule(tmp_path, _DETECTIONS[0])
    lucene, dsl, eql, esql = [next(convert(rule, each, _INDEX)).query for each in QueryFormat]
    assert dsl["query"]["bool"]["must"][0]["query_string"]["query"] == lucene
    assert eql.startswith("any where ")
    assert esql.startswith("from logs-* ")
    assert all("winlog.event_data.Image" in str(query) for query in (lucene, eql, esql))


def test_what_a_language_can_not_say_is_refused_with_the_reason(tmp_path: Path) -> None:
    rule = _rule(tmp_path, {"s": ["anywhere"], "condition": "s"})
    with pytest.raises(ConversionError, match=r"rule\.yml.*esql can't express it"):
        list(convert(rule, QueryFormat.ESQL, _INDEX))


_BASE = [
    {
        "title": user,
        "name": user,
        "id": f"5f7a0f5e-6a55-4b57-9a6a-3d2cbb7b41b{number}",
        "logsource": {"product": "linux", "service": "auth"},
        "detection": {"s": {"User": user}, "condition": "s"},
    }
    for number, user in enumerate(("root", "eve"))
]
_COUNT = {"type": "event_count", "rules": ["root"], "group-by": ["source.ip"], "timespan": "5m"}
_ORDER = {"type": "temporal_ordered", "rules": ["root", "eve"], "group-by": ["source.ip"], "timespan": "5m"}
_VALUES = {"type": "value_count", "rules": ["root"], "group-by": ["source.ip"], "timespan": "5m"}


def _converted(folder: Path, section: dict[str, Any], query_format: QueryFormat) -> str:
    document = {"title": "C", "id": "5f7a0f5e-6a55-4b57-9a6a-3d2cbb7b41c0", "correlation": section}
    path = folder / "rules.yml"
    path.write_text(yaml.safe_dump_all([*_BASE, document]), encoding="utf-8")
    rules = load_rules([path])
    assert rules.unsupported == []
    [query] = convert_correlation(rules.correlations[0], query_format, _INDEX)
    assert query.route == "event.dataset=linux.auth"
    return str(query.query)


def test_correlations_become_statistics_of_esql(tmp_path: Path) -> None:
    query = _converted(tmp_path, {**_COUNT, "condition": {"lt": 3}, "generate": True}, QueryFormat.ESQL)
    assert query.startswith("from logs-* ")
    assert 'event.dataset=="linux.auth"' in query
    assert "date_trunc(5minutes, @timestamp) | stats event_count=count() by timebucket, source.ip" in query
    assert query.endswith("| where event_count < 3")
    query = _converted(tmp_path, {**_VALUES, "condition": {"gt": 3, "field": "host.name"}}, QueryFormat.ESQL)
    assert "count_distinct(host.name)" in query
    assert query.endswith("| where value_count >= 4")
    query = _converted(tmp_path, {**_ORDER, "type": "temporal"}, QueryFormat.ESQL)
    assert query.endswith("| where event_type_count >= 2")


def test_correlations_become_sequences_of_eql(tmp_path: Path) -> None:
    query = _converted(tmp_path, {**_COUNT, "condition": {"gt": 3}}, QueryFormat.EQL)
    assert query.startswith("sequence by source.ip with maxspan=5m")
    assert query.endswith("with runs=4")
    first, second = (_converted(tmp_path, _ORDER, QueryFormat.EQL).strip().split("\n"))[1:]
    assert "root" in first
    assert "eve" in second
    assert second.rstrip().endswith("]")


@pytest.mark.parametrize(
    ("section", "query_format", "reason"),
    [
        ({**_COUNT, "condition": {"gte": 3}}, QueryFormat.LUCENE, "finds single events"),
        ({**_COUNT, "condition": {"gte": 3}}, QueryFormat.DSL, "finds single events"),
        ({**_COUNT, "condition": {"lte": 3}}, QueryFormat.EQL, "a sequence says only"),
        ({**_COUNT, "rules": ["root", "eve"], "condition": {"gte": 3}}, QueryFormat.EQL, "a sequence says only"),
        ({**_ORDER, "type": "temporal"}, QueryFormat.EQL, "a sequence says only"),
        ({**_VALUES, "condition": {"gte": 3, "field": "host.name"}}, QueryFormat.EQL, "a sequence says only"),
        (_ORDER, QueryFormat.ESQL, "not supported by backend"),
        ({**_VALUES, "type": "value_sum", "condition": {"gte": 3, "field": "n"}}, QueryFormat.ESQL, "not supported"),
    ],
)
def test_what_a_query_would_not_mean_is_refused_by_name(
    tmp_path: Path, section: dict[str, Any], query_format: QueryFormat, reason: str
) -> None:
    with pytest.raises(ConversionError, match=rf"rules\.yml: 5f7a0f5e.* {query_format} can't express it: .*{reason}"):
        _converted(tmp_path, section, query_format)
