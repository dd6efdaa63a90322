"""What a hundred thousand grants cost: judging a flow, seeing an edit, loading all of them anew.

Run ``python -m benchmarks.grants [GRANTS]``. Times are processor time of one core.
"""

from __future__ import annotations

import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import TypeVar

from sqlalchemy import insert

from audit import Actor
from audit.authorship import ChangedBy
from events import now_ms
from registry import FlowQuestion, LiveRegistry, UnitScope
from registry.grants import GrantStep, move_grant
from registry.importing import ImportKind, import_file
from registry.models import AccountRecord, ConsumerRecord, GrantRecord
from registry.registers import Editor
from store.records import RecordsDatabase
from store.records.migrate import upgrade

PROJECT = Path(__file__).resolve().parent.parent
QUESTIONS = 100_000
CONSUMERS = 2_000
YEAR_MS = 365 * 86_400_000
T = TypeVar("T")


def main(grants: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        records = RecordsDatabase(f"sqlite:///{folder}/records.db")
        upgrade(records)
        editor = Editor(ChangedBy(Actor("system", "benchmark", "benchmark"), now_ms()), UnitScope.everything())
        for kind in ImportKind:
            content = (PROJECT / f"samples/registry/{kind}.csv").read_bytes()
            assert import_file(records, kind, content, editor).taken
        add_consumers(records)
        add_grants(records, LiveRegistry(records), grants)
        print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
        loaded = measured(f"load {grants} grants", lambda: LiveRegistry(records))
        assert len(loaded.current.grants) >= grants
        judge(loaded)
        edit(records, loaded, editor)
        records.close()


def add_consumers(records: RecordsDatabase) -> None:
    """Consumers with an account each, of all units."""
    units, now = list(LiveRegistry(records).current.organization.units), now_ms()
    consumers = [
        {"id": f"b-{n}", "name": f"b-{n}", "kind": "application", "unit_id": units[n % len(units)], "company": ""}
        for n in range(CONSUMERS)
    ]
    accounts = [{"id": f"b-{n}", "consumer_id": f"b-{n}", "state": "active"} for n in range(CONSUMERS)]
    with records.begin() as session:
        session.execute(insert(ConsumerRecord), [each | {"changed_ms": now} for each in consumers])
        session.execute(insert(AccountRecord), [each | {"changed_ms": now} for each in accounts])


def add_grants(records: RecordsDatabase, live: LiveRegistry, count: int) -> None:
    """Many grants of every consumer for every resource."""
    chance, index, now = random.Random(5), live.current, now_ms()
    consumers, resources = list(index.consumers.consumers), list(index.catalog.resources.values())
    rows = [
        {
            "id": f"B-{number}",
            "consumer_id": chance.choice(consumers),
            "provider_id": (resource := chance.choice(resources)).provider_id,
            "resource_id": resource.id,
            "fields": [name for name in resource.fields if chance.randrange(3)] or ["*"],
            "purpose": chance.choice(["高频事项核验", "社会救助核对", "统计分析"]),
            "valid_from_ms": now - YEAR_MS,
            "valid_to_ms": now + chance.choice((-1, 1)) * YEAR_MS // 2,
            "records_per_day": chance.choice((None, 1000, 10_000)),
            "masked": chance.choice((True, False)),
            "zones": [],
            "state": chance.choice(("approved",) * 8 + ("revoked", "suspended")),
            "state_since_ms": now - YEAR_MS,
            "requested_by": "a",
            "approved_by": "b",
            "approved_ms": now - YEAR_MS,
            "changed_ms": now,
        }
        for number in range(count)
    ]
    with records.begin() as session:
        session.execute(insert(GrantRecord), rows)


def judge(live: LiveRegistry) -> None:
    """Flows of every account and resource, with and without a claimed grant."""
    chance, index, now = random.Random(7), live.current, now_ms()
    accounts, resources = list(index.consumers.accounts.values()), list(index.catalog.resources.values())
    questions = [
        FlowQuestion(
            chance.choice(accounts),
            resource,
            now,
            list(resource.fields)[:3],
            "统计分析",
            20,
            20,
            masked=True,
            zone="government_extranet",
            grant_id=f"B-{chance.randrange(100_000)}",
        )
        for resource in chance.choices(resources, k=QUESTIONS)
    ]
    addresses = [str(IPv4Address(chance.randrange(2**32))) for _ in range(QUESTIONS)]
    paths = [("POST", chance.choice(resources).path or "/share/v1/persons/7") for _ in range(QUESTIONS)]
    per_call("judge a flow", lambda: [index.judge(question) for question in questions])
    per_call("zone of an address never seen", lambda: [index.zone(address) for address in addresses])
    per_call("zone of an address seen", lambda: [index.zone(address) for address in addresses[:1000] * 100])
    per_call("resource of a call", lambda: [index.api(*path) for path in paths])


def edit(records: RecordsDatabase, live: LiveRegistry, editor: Editor) -> None:
    """What following the registry costs the one who asks before each batch."""
    per_call("refresh when nothing changed", lambda: [live.refresh() for _ in range(1000)], 1000)
    grant = next(each for each in live.current.grants if each.state == "approved" and each.valid_to_ms > now_ms())
    with records.begin() as session:
        move_grant(session, grant.id, GrantStep.REVOKE, editor, "benchmark")
    measured("refresh after one grant changed", live.refresh)
    after = live.current.grant(grant.id)
    assert after is not None
    assert after.state == "revoked"


def measured(name: str, run: Callable[[], T]) -> T:
    """Run once and print the time."""
    started = time.process_time()
    result = run()
    print(f"{name:40} {1000 * (time.process_time() - started):10.1f} ms")
    return result


def per_call(name: str, run: Callable[[], object], calls: int = QUESTIONS) -> None:
    """Run many and print the time of one."""
    started = time.process_time()
    run()
    print(f"{name:40} {1e6 * (time.process_time() - started) / calls:10.2f} µs")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
