"""Flows of a running process: the registry is followed from batch to batch, and accounts' uses are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random

import pytest

from audit.authorship import ChangedBy
from audit.entry import Actor
from benchmarks.flow_month.month import Planted
from benchmarks.flow_month.records import CALLERS, call
from collectors.normalizers.chain import normalize
from collectors.normalizers.contract import SourceContext
from collectors.record import RecordBatch
from events import Event, now_ms, timestamp_ms
from fengsui.flows import LiveFlows
from fengsui.processes.foundation import open_records
from fengsui.settings import Settings
from registry import LiveRegistry, UnitScope
from registry.grants.lifecycle import GrantStep, move_grant
from registry.importing import ImportKind, import_file
from registry.registers import Editor
from store.records import RecordsDatabase

_NOW = datetime.now(timezone(timedelta(hours=8)))


@dataclass
class World:
    """A data folder with the demo city's registry, and its flows."""

    settings: Settings
    records: RecordsDatabase
    editor: Editor


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    editor = Editor(ChangedBy(Actor("user", "reviewer", "reviewer"), now_ms()), UnitScope.everything())
    folder = Path(__file__).resolve().parents[2] / "samples" / "registry"
    with closing(open_records(settings)) as records:
        for kind in ImportKind:
            assert import_file(records, kind, (folder / f"{kind.value}.csv").read_bytes(), editor).taken
        yield World(settings, records, editor)


def a_call(place: int) -> Event:
    record = Planted(call(Random(place), _NOW + timedelta(seconds=place), CALLERS["gjj"]), None).record(place)
    [event] = normalize(RecordBatch("t", "t", [record], []), SourceContext("t", "t")).events
    return event


def _fail_after(flows: LiveFlows, records: RecordsDatabase) -> None:
    with records.begin() as session:
        flows.record(session)
        raise RuntimeError("the transaction is not through")


def test_a_grant_that_people_revoke_holds_no_longer_from_the_next_batch(world: World) -> None:
    flows = LiveFlows(world.settings, world.records)
    before, after = a_call(0), a_call(60)
    flows.enrich([before])
    by = ChangedBy(world.editor.by.actor, timestamp_ms(str(before["@timestamp"])) + 1)
    with world.records.begin() as session:
        move_grant(session, "G-2026-0031", GrantStep.REVOKE, Editor(by, UnitScope.everything()), "no longer needed")
    flows.enrich([after])
    assert before["fengsui.grant.status"] == "valid"
    assert (after["fengsui.grant.status"], after["fengsui.grant.id"]) == ("revoked", "G-2026-0031")


def test_uses_of_accounts_are_kept_with_the_batch_and_not_without_it(world: World) -> None:
    flows, event = LiveFlows(world.settings, world.records), a_call(120)
    flows.enrich([event])

    def last_used() -> int | None:
        account = LiveRegistry(world.records).current.account("app-gjj")
        assert account is not None
        return account.last_used_ms

    assert last_used() is None
    with pytest.raises(RuntimeError):
        _fail_after(flows, world.records)
    assert last_used() is None
    with world.records.begin() as session:
        flows.record(session)
    assert last_used() == timestamp_ms(str(event["@timestamp"])) // 3_600_000 * 3_600_000
