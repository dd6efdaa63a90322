"""The application on a real port, with real SQLite files and an event store, filled with a small night's work."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.routing import BaseRoute

from api.app import create_app
from api.caller import CallerMiddleware
from api.dependencies import ApiDependencies, ApiSettings, RuleSummary
from api.identity.accounts import NewAccount, create_user
from api.identity.openid import OpenIdProvider
from audit import Actor
from audit.authorship import ChangedBy
from classification.source_limits import SourceLimits
from collectors.delivery.letters import new_letter
from collectors.delivery.repository import add_dead_letters, note_delivery, note_error
from collectors.record import DeadLetter, Reason, RecordBatch
from detection import load_rules
from detection.alerts import AlertUpdate, record_matches
from detection.rules import AccountableParty, PolicyFacts
from events import Event, event_id, format_timestamp, now_ms
from incidents import AttachmentFiles
from registry import UnitLevel, UnitScope
from registry.entries import UnitEntry
from registry.registers import UNITS, Editor, put
from store.embedded import EmbeddedEventStore
from store.event_store import EventStore
from store.records import Base, RecordsDatabase

PASSWORD = "correct horse battery"
SETUP = Actor("system", "test", "test")
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


_BUILT_ROUTES: list[BaseRoute] = []
"""The routes of the first application: FastAPI builds them at first requests, which takes longer than most tests."""


@dataclass(slots=True)
class Site:
    """A running application with what stands behind it."""

    url: str
    records: RecordsDatabase
    events: EventStore
    alert_ids: list[str]
    application: FastAPI | None = None

    def client(self) -> httpx.Client:
        """A caller without credentials."""
        return httpx.Client(base_url=self.url, timeout=60)


SignedIn = Callable[..., httpx.Client]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a filled records database and event store, to be copied by each test."""
    folder = tmp_path_factory.mktemp("site")
    records, events = RecordsDatabase(f"sqlite:///{folder}/records.db"), EmbeddedEventStore(folder / "events")
    Base.metadata.create_all(records.engine)
    _add_accounts(records)
    alert_ids = _add_alerts(records, events)
    _add_collection(records)
    (folder / "alert_ids").write_text("\n".join(alert_ids), encoding="ascii")
    events.close()
    records.close()
    return folder


@pytest.fixture(scope="session")
def with_units() -> Callable[[Path, Path], Path]:
    """Copies a filled folder and adds two units of a city, and ``second``, ``officer``, ``housing`` and ``police``."""
    return _with_units


@pytest.fixture
def site(tmp_path: Path, filled: Path) -> Iterator[Site]:
    """A running application; accounts are ``analyst``, ``auditor``, ``admin`` and ``nobody`` (no role)."""
    shutil.copytree(filled, tmp_path / "site")
    records = RecordsDatabase(f"sqlite:///{tmp_path}/site/records.db")
    events = EmbeddedEventStore(tmp_path / "site/events")
    (tmp_path / "rules.yml").write_text(RULE_FILE, encoding="utf-8")
    loaded = load_rules([tmp_path / "rules.yml"]).rules
    running = Site("", records, events, (filled / "alert_ids").read_text("ascii").split())
    application = create_app(
        ApiDependencies(
            records=records,
            events=events,
            secret_key=b"k" * 32,
            rules=lambda: RULES,
            loaded_rules=lambda: loaded,
            secrets_key=b"s" * 32,
            scan_limits=SourceLimits((tmp_path / "data",)),
            attachments=AttachmentFiles(tmp_path / "attachments"),
            settings=ApiSettings(secure_cookies=False, stream_poll_seconds=0.1, stream_seconds=20),
        )
    )
    _BUILT_ROUTES.extend([] if _BUILT_ROUTES else application.router.routes)
    application.router.routes[:] = _BUILT_ROUTES
    running.application = application
    yield from _serve(application, running)
    events.close()
    records.close()


@pytest.fixture
def provided(site: Site) -> Callable[[OpenIdProvider], None]:
    """Lets the application accept a provider's tokens; to be called before the first request."""

    def accept(provider: OpenIdProvider) -> None:
        assert site.application is not None
        [middleware] = [each for each in site.application.user_middleware if each.cls is CallerMiddleware]
        middleware.kwargs["provider"] = provider

    return accept


@pytest.fixture
def sign_in(site: Site) -> Iterator[SignedIn]:
    """Makes clients that are signed in as an account, with the CSRF token in place."""
    opened: list[httpx.Client] = []

    def make(name: str = "analyst", password: str = PASSWORD) -> httpx.Client:
        client = site.client()
        opened.append(client)
        answer = client.post("/api/v1/sessions", json={"name": name, "password": password})
        assert answer.status_code == 201, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client

    yield make
    for client in opened:
        client.close()


def _serve(application: object, running: Site) -> Iterator[Site]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(application, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    running.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield running
    server.should_exit = True
    thread.join(60)
    listener.close()


def _add_accounts(records: RecordsDatabase) -> None:
    with records.begin() as session:
        for name, roles in (
            ("analyst", ["analyst"]),
            ("auditor", ["auditor"]),
            ("admin", ["system_administrator", "analyst"]),
            ("nobody", []),
        ):
            create_user(session, NewAccount(name, PASSWORD, roles), SETUP)


def _with_units(filled: Path, folder: Path) -> Path:
    shutil.copytree(filled, folder)
    records = RecordsDatabase(f"sqlite:///{folder}/records.db")
    editor = Editor(ChangedBy(SETUP, now_ms()), UnitScope.everything())
    with records.begin() as session:
        for unit, name, parent in (("lh", "澜海市", None), ("lh-gjj", "公积金中心", "lh"), ("lh-gaj", "公安局", "lh")):
            put(
                session,
                UNITS,
                UnitEntry(id=unit, name=name, level=UnitLevel.CITY, parent_id=parent, contacts=[]),
                editor,
            )
        for name, roles, units in (
            ("second", ["analyst"], []),
            ("officer", ["data_administrator"], []),
            ("housing", ["unit_user"], ["lh-gjj"]),
            ("police", ["unit_user"], ["lh-gaj"]),
        ):
            create_user(session, NewAccount(name, PASSWORD, roles, units=units), SETUP)
    records.close()
    return folder


def _event(number: int, moment: int, **fields: object) -> Event:
    text = str(fields.get("message", f"record {number}"))
    event: Event = {
        "@timestamp": format_timestamp(moment),
        "event.id": event_id("test", number, text.encode()),
        "event.original": text,
        "fengsui.source.name": "city-hosts",
    }
    event.update({name.replace("__", "."): value for name, value in fields.items()})  # type: ignore[misc]
    return event


def _night(now: int) -> dict[str, list[Event]]:
    """Events by the rule that they match; ``""`` are those that match none."""
    shells = [
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
    failures = [
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
    taken = [
        _event(
            200,
            now - 1_800_000,
            message="GET /share/v1/residents?fields=id_number&page=1 200",
            event__dataset="gateway.access",
            event__action="data-query",
            user__name="contractor-7",
            source__ip="198.51.100.23",
        )
    ]
    quiet = [
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
    return {RULES[0].id: shells, RULES[1].id: failures, RULES[2].id: taken, "": quiet}


def _add_alerts(records: RecordsDatabase, events: EventStore) -> list[str]:
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
    from events import timestamp_ms  # noqa: PLC0415 (used here alone)

    return timestamp_ms(str(event["@timestamp"]))


def _add_collection(records: RecordsDatabase) -> None:
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
