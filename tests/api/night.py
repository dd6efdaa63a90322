"""The small night's work that the application is tested with: rules, the events they match, alerts, what came in."""

from __future__ import annotations

from api.dependencies import RuleSummary
from collectors.delivery.letters import new_letter
from collectors.delivery.repository import add_dead_letters, note_delivery, note_error
from collectors.record import DeadLetter, Reason, RecordBatch
from detection.alerts import AlertUpdate, record_matches
from detection.rules import AccountableParty, PolicyFacts
from events import Event, Value, event_id, format_timestamp, now_ms, timestamp_ms
from store.event_store import EventStore
from store.records import RecordsDatabase

RULE_FILE = """title: Encoded PowerShell Command Line
id: 11111111-aaaa-4bbb-8ccc-000000000001
level: high
status: stable
tags: [attack.execution, attack.t1059.001]
logsource: {product: windows, category: process_creation}
detection:
  shell: {CommandLine|contains: ' -enc '}
  known: {User: deploy}
  condition: shell and not known
---
title: Repeated Failed SSH Sign-ins
id: 11111111-aaaa-4bbb-8ccc-000000000002
level: medium
tags: [attack.credential-access, attack.t1110]
logsource: {product: linux, service: sshd}
detection: {failed: ['Failed password'], condition: failed}
"""
RULES = (
    RuleSummary(
        id="11111111-aaaa-4bbb-8ccc-000000000001",
        title="Encoded PowerShell Command Line",
        level="high",
        description="PowerShell was started with an encoded command, which hides what it runs.",
        author="Fengsui",
        status="stable",
        path="windows/encoded_powershell.yml",
        logsource={"product": "windows", "category": "process_creation"},
        tags=("attack.execution", "attack.t1059.001"),
        false_positives=("Software distribution that encodes its scripts",),
        references=("https://attack.mitre.org/techniques/T1059/001/",),
    ),
    RuleSummary(
        id="11111111-aaaa-4bbb-8ccc-000000000002",
        title="Repeated Failed SSH Sign-ins",
        level="medium",
        logsource={"product": "linux", "service": "sshd"},
        tags=("attack.credential-access", "attack.t1110"),
    ),
    RuleSummary(
        id="11111111-aaaa-4bbb-8ccc-000000000003",
        title="Personal Data Taken Without Grant",
        level="critical",
        logsource={"product": "fengsui", "category": "data_flow"},
        tags=("attack.exfiltration", "attack.t1567"),
        policy=PolicyFacts(("B4", "B5"), AccountableParty.CONSUMER, "suspend_grant"),
    ),
    RuleSummary(
        id="11111111-aaaa-4bbb-8ccc-000000000004",
        title="Broken Rule",
        level="low",
        path="broken.yml",
        problem="broken.yml:12: condition names the selection 'selektion', which does not exist",
    ),
)


def _event(number: int, moment: int, **fields: Value) -> Event:
    text = str(fields.get("message", f"record {number}"))
    event: Event = {
        "@timestamp": format_timestamp(moment),
        "event.id": event_id("test", number, text.encode()),
        "event.original": text,
        "fengsui.source.name": "city-hosts",
    }
    event.update({name.replace("__", "."): value for name, value in fields.items()})
    return event


def _night(now: int) -> dict[str, list[Event]]:
    """Events by the rule that they match; ``""`` are those that match none."""
    return {RULES[0].id: _shells(now), RULES[1].id: _failures(now), RULES[2].id: [_taken(now)], "": _quiet(now)}


def _shells(now: int) -> list[Event]:
    return [
        _event(
            number,
            now - 7_200_000 + number * 60_000,
            message=f"powershell.exe -enc SQBFAFgA{number}",
            event__dataset="windows.sysmon",
            winlog__channel="Microsoft-Windows-Sysmon/Operational",
            winlog__event_id="1",
            event__action="process-created",
            host__name=f"win-{number % 2}",
            user__name="zhang.wei",
            process__name="powershell.exe",
            process__command_line=f"powershell.exe -enc SQBFAFgA{number}",
        )
        for number in range(6)
    ]


def _failures(now: int) -> list[Event]:
    return [
        _event(
            100 + number,
            now - 10_000_000 + number * 20_000,
            message=f"Failed password for root from 203.0.113.9 port {40000 + number} ssh2",
            event__dataset="system.auth",
            event__action="ssh-sign-in",
            event__outcome="failure",
            host__name="web-1",
            user__name="root",
            source__ip="203.0.113.9",
        )
        for number in range(60)
    ]


def _taken(now: int) -> Event:
    return _event(
        200,
        now - 1_800_000,
        message="GET /share/v1/residents?fields=id_number&page=1 200",
        event__dataset="gateway.access",
        event__action="data-query",
        user__name="contractor-7",
        source__ip="198.51.100.23",
    )


def _quiet(now: int) -> list[Event]:
    return [
        _event(
            300 + number,
            now - 70_000_000 + number * 900_000,
            message=f'GET /index.html?n={number} "200"',
            event__dataset="nginx.access",
            event__action="access",
            event__outcome="success",
            host__name="web-1",
            source__ip=f"192.0.2.{number}",
        )
        for number in range(70)
    ]


def add_alerts(records: RecordsDatabase, events: EventStore) -> list[str]:
    now, updates = now_ms(), []
    severities = {"medium": 2, "high": 3, "critical": 4}
    for rule in RULES[:3]:
        matched = _night(now)[rule.id]
        groups: dict[str, list[Event]] = {}
        for event in matched:
            groups.setdefault(str(event.get("host.name", event["user.name"])), []).append(event)
        for name, group in groups.items():
            entity = {key: str(group[0][key]) for key in ("host.name", "user.name", "source.ip") if key in group[0]}
            updates.append(
                AlertUpdate(
                    alert_id=event_id(rule.id, 0, name.encode()),
                    rule_id=rule.id,
                    rule_title=rule.title,
                    level=rule.level,
                    severity=severities[rule.level],
                    tags=list(rule.tags),
                    technique_ids=[tag[7:].upper() for tag in rule.tags if tag.startswith("attack.t")],
                    dataset=str(group[0]["event.dataset"]),
                    entity=entity,
                    matched_fields=_matched_fields(group[0]),
                    events=[(str(event["event.id"]), _ms(event)) for event in group],
                )
            )
    events.write([event for group in _night(now).values() for event in group])
    with records.begin() as session:
        record_matches(session, updates, now)
    return [update.alert_id for update in sorted(updates, key=lambda update: -update.severity)]


def _matched_fields(event: Event) -> list[dict[str, str | None]]:
    name = "process.command_line" if "process.command_line" in event else "event.action"
    return [{"selection": "selection", "field": name, "event_field": name, "value": str(event[name])}]


def _ms(event: Event) -> int:
    return timestamp_ms(str(event["@timestamp"]))


def add_collection(records: RecordsDatabase) -> None:
    batch, now = RecordBatch("city-firewall", "spool-1", [], []), now_ms()
    letters = [
        DeadLetter(number * 100, reason, f"line {number}: no known format; set the source's format", raw)
        for number, (reason, raw) in enumerate(
            [
                (Reason.UNRECOGNIZED, b"\x00\x01garbage <script>alert(1)</script>"),
                (Reason.UNRECOGNIZED, b"???"),
                (Reason.NO_TIME, "主机无时间".encode("gb18030")),
            ]
        )
    ]
    with records.begin() as session:
        add_dead_letters(session, [new_letter(batch, letter, "192.0.2.1", now) for letter in letters])
        note_delivery(session, "city-hosts", 137, 0, (now, now - 1500))
        note_delivery(session, "city-firewall", 12, 3, (now - 60_000, now - 61_000))
        note_error(session, "city-mail", "connection refused by 192.0.2.7:514; check the listener", now)
