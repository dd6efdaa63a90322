"""A records database, an event store, and rules whose matches are plain to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from audit import Actor
from detection import RuleSet
from detection.authorship import ChangedBy
from events import Event, format_timestamp
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase

START = 1_767_225_600_000  # 2026-01-01T00:00:00Z


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    return empty_records


@pytest.fixture
def events(tmp_path: Path) -> Iterator[EmbeddedEventStore]:
    opened = EmbeddedEventStore(tmp_path / "events")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def start() -> int:
    return START


@pytest.fixture(scope="session")
def by() -> Callable[..., ChangedBy]:
    """Somebody at a moment after the start."""

    def made(after_ms: int = 0, name: str = "lin") -> ChangedBy:
        return ChangedBy(Actor("user", name, name), START + after_ms)

    return made


@pytest.fixture(scope="session")
def rules(load: Callable[..., RuleSet]) -> RuleSet:
    """``r1`` wants ``a: x``, ``r2`` wants ``b: x`` and is experimental."""

    def rule(rule_id: str, field: str, **extra: object) -> dict[str, Any]:
        detection = {"s": {field: "x"}, "condition": "s"}
        return {
            "title": f"Rule {rule_id}",
            "id": rule_id,
            "level": "high",
            "tags": ["attack.t1059"],
            "logsource": {"product": "linux"},
            "detection": detection,
            **extra,
        }

    loaded = load(rule("r1", "a"), rule("r2", "b", status="experimental", level="low"), policy=None)
    assert loaded.unsupported == []
    return loaded


@pytest.fixture(scope="session")
def make_event() -> Callable[..., Event]:
    def made(number: int, after_ms: int = 0, **fields: Any) -> Event:  # noqa: ANN401 (any field value)
        event: Event = {
            "@timestamp": format_timestamp(START + after_ms),
            "event.id": f"{number:032x}",
            "event.dataset": "linux.auth",
            "event.original": f"record {number}",
            "a": "x",
        }
        event.update({name.replace("__", "."): value for name, value in fields.items()})
        return event

    return made
