"""Rules run only where they belong, and find fields by the source's own name first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from detection import Matcher, RuleSet, matched_fields
from detection.routing import load_routing_policy

Load = Callable[..., RuleSet]
Event = dict[str, Any]

SYSMON = {"event.dataset": "windows.sysmon_operational", "winlog.channel": "Microsoft-Windows-Sysmon/Operational"}
SECURITY = {"event.dataset": "windows.security", "winlog.channel": "Security"}


def _found(load: Load, logsource: dict[str, str], detection: dict[str, Any], event: Event) -> bool:
    rules = load({"title": "T", "id": "t", "logsource": logsource, "detection": detection}, policy=None)
    assert rules.unsupported == []
    return bool(Matcher(rules).match([event]))


PROCESS = {"category": "process_creation", "product": "windows"}
IMAGE = {"s": {"Image|endswith": r"\cmd.exe"}, "condition": "s"}
CMD = r"C:\Windows\System32\cmd.exe"


@pytest.mark.parametrize(
    ("logsource", "detection", "event", "expected"),
    [
        (PROCESS, IMAGE, {**SYSMON, "winlog.event_id": "1", "winlog.event_data.Image": CMD}, True),
        (PROCESS, IMAGE, {**SYSMON, "winlog.event_id": 1, "winlog.event_data.Image": CMD}, True),
        (PROCESS, IMAGE, {**SYSMON, "winlog.event_id": "3", "winlog.event_data.Image": CMD}, False),
        (PROCESS, IMAGE, {**SECURITY, "winlog.event_id": "4688", "winlog.event_data.NewProcessName": CMD}, True),
        (PROCESS, IMAGE, {**SECURITY, "winlog.event_id": "4689", "winlog.event_data.NewProcessName": CMD}, False),
        (PROCESS, IMAGE, {**SYSMON, "winlog.event_id": "1", "process.executable": CMD}, True),
        # the source's own field decides, even where the ECS name says something else
        (
            PROCESS,
            IMAGE,
            {**SYSMON, "winlog.event_id": "1", "winlog.event_data.Image": "x", "process.executable": CMD},
            False,
        ),
        ({"category": "process_creation"}, IMAGE, {**SYSMON, "winlog.event_id": "1", "process.executable": CMD}, True),
        (
            {"product": "windows", "service": "security"},
            {"s": {"EventID": 4625}, "condition": "s"},
            {**SECURITY, "winlog.event_id": "4625"},
            True,
        ),
        (
            {"product": "windows", "service": "system"},
            {"s": {"EventID": 4625}, "condition": "s"},
            {**SECURITY, "winlog.event_id": "4625"},
            False,
        ),
        # keywords stay with their product
        (
            {"product": "linux"},
            {"keywords": ["history -c"], "condition": "keywords"},
            {"event.dataset": "linux.syslog", "event.original": "bash: HISTORY -c"},
            True,
        ),
        (
            {"product": "linux"},
            {"keywords": ["history -c"], "condition": "keywords"},
            {**SECURITY, "winlog.event_id": "1", "message": "history -c"},
            False,
        ),
        (
            {"product": "windows"},
            {"keywords": ["sekurlsa::"], "condition": "keywords"},
            {**SYSMON, "winlog.event_id": "1", "winlog.event_data.CommandLine": "x sekurlsa::y"},
            True,
        ),
        (
            {"category": "webserver"},
            {"s": {"cs-uri-query|contains": "jndi:", "sc-status": 200}, "condition": "s"},
            {"event.dataset": "nginx.access", "url.query": "q=${JNDI:x}", "http.response.status_code": 200},
            True,
        ),
        (
            {"product": "aws", "service": "cloudtrail"},
            {"s": {"eventName": "StopLogging", "requestParameters|contains": '"trail"'}, "condition": "s"},
            {
                "event.dataset": "aws.cloudtrail",
                "aws.cloudtrail.eventName": "StopLogging",
                "aws.cloudtrail.request_parameters": '{"name":"trail"}',
            },
            True,
        ),
        (
            {"product": "zeek", "service": "dns"},
            {"s": {"id.orig_h": "10.0.0.1"}, "condition": "s"},
            {"event.dataset": "zeek.dns", "zeek.dns.id.orig_h": "10.0.0.1"},
            True,
        ),
        (
            {"product": "kubernetes", "service": "audit"},
            {"s": {"objectRef.resource": "secrets"}, "condition": "s"},
            {"event.dataset": "kubernetes.audit", "kubernetes.audit.objectRef.resource": "secrets"},
            True,
        ),
        (
            {"product": "fengsui", "category": "data_flow"},
            {"s": {"fengsui.data.records|gt": 1000}, "condition": "s"},
            {"event.dataset": "api_gateway.access", "fengsui.data.activity": "provide", "fengsui.data.records": 1001},
            True,
        ),
    ],
)
def test_a_rule_runs_where_it_belongs(
    load: Load,
    logsource: dict[str, str],
    detection: dict[str, Any],
    event: Event,
    expected: bool,  # noqa: FBT001 (a case's outcome)
) -> None:
    assert _found(load, logsource, detection, event) is expected


def test_a_rule_matches_an_event_once_by_whatever_routes(load: Load) -> None:
    rule = {
        "title": "T",
        "id": "t",
        "logsource": {"category": "dns"},
        "detection": {"s": {"query": "x"}, "condition": "s"},
    }
    rules = load(rule, {**rule, "id": "u", "logsource": PROCESS, "detection": IMAGE}, policy=None)
    event = {**SECURITY, "winlog.event_id": "4688", "winlog.event_data.NewProcessName": CMD}
    assert [match.rule.id for match in Matcher(rules).match([event, event.copy()])] == ["u", "u"]


def test_every_logsource_of_the_policy_accepts_some_event() -> None:
    policy = load_routing_policy()
    seen = [(source.product, source.category, source.service) for source in policy.sources]
    assert len(seen) == len(set(seen))
    assert all(any(parts) for parts in seen)


def test_a_match_tells_its_fields(load: Load) -> None:
    detection = {
        "sel": {"Image|endswith": [r"\cmd.exe", r"\powershell.exe"], "CommandLine|contains|all": ["/c", "net"]},
        "absent": {"ParentImage": None},
        "filter": {"User|contains": "SYSTEM"},
        "condition": "sel and absent and not filter",
    }
    rules = load({"title": "T", "id": "t", "logsource": PROCESS, "detection": detection}, policy=None)
    event: Event = {
        **SYSMON,
        "winlog.event_id": "1",
        "winlog.event_data.Image": CMD,
        "process.command_line": "cmd /c net user",
    }
    (match,) = Matcher(rules).match([event])
    found = [(each.selection, each.field, each.event_field, each.value) for each in matched_fields(match)]
    assert found == [
        ("sel", "Image", "winlog.event_data.Image", CMD),
        ("sel", "CommandLine", "process.command_line", "cmd /c net user"),
        ("absent", "ParentImage", None, None),
    ]


def test_remembering_is_bounded_and_changes_nothing(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = load({"title": "T", "id": "t", "logsource": PROCESS, "detection": IMAGE}, policy=None)
    monkeypatch.setattr("detection.match.memory._REMEMBERED_CHARACTERS", 1_000)
    matcher = Matcher(rules)
    for batch in range(5):
        events: list[Event] = [
            {**SYSMON, "winlog.event_id": "1", "winlog.event_data.Image": rf"C:\{batch}\{number}\cmd.exe"}
            for number in range(50)
        ]
        assert len(matcher.match(events)) == 50
        (memory,) = matcher._memories.values()
        assert memory.matcher("Image").known == {}
