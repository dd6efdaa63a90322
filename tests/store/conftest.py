"""Event stores for the contract tests, one parameter an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias

import pytest

from events import Event, Value, format_timestamp
from store import (
    ElasticsearchSettings,
    EmbeddedEventStore,
    EventStore,
    PlausibleTimes,
    StoragePolicy,
    open_event_store,
)

POLICY = StoragePolicy(
    days={"standard": 180, "access": 1096},
    assignments=(("gateway.*", "access"),),
    default="standard",
    plausible=PlausibleTimes(946_684_800_000, 86_400_000),
)
BASE_MS = 1_700_000_000_000  # 2023-11-14T22:13:20Z

NewStore: TypeAlias = Callable[[], AbstractContextManager[EventStore]]
Mode: TypeAlias = Literal["read", "write"]
OpenStore: TypeAlias = Callable[[Mode, StoragePolicy], EventStore]
MakeEvent: TypeAlias = Callable[..., Event]


_MEMORY = Path("/dev/shm")  # noqa: S108 (a disk that need not turn, for tests that aren't about the disk)


@contextmanager
def _embedded() -> Iterator[EventStore]:
    with (
        TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder,
        closing(EmbeddedEventStore(Path(folder), "write", POLICY)) as store,
    ):
        yield store


ENGINES = [
    "embedded",
    pytest.param("elasticsearch", marks=[pytest.mark.services, pytest.mark.elasticsearch]),
]


@pytest.fixture(scope="session", params=ENGINES)
def new_store(request: pytest.FixtureRequest) -> Iterator[NewStore]:
    """Makes an empty store; for tests that need many."""
    if request.param == "embedded":
        yield _embedded
        return
    from .elasticsearch.installations import (  # noqa: PLC0415 (the client takes a second to load)
        empty_store,
        installation,
    )

    with installation(request.getfixturevalue("elasticsearch")) as settings:
        yield partial(empty_store, settings, POLICY)


@pytest.fixture
def event_store(new_store: NewStore) -> Iterator[EventStore]:
    """An empty store."""
    with new_store() as store:
        yield store


@pytest.fixture(params=ENGINES)
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens one and the same place, empty at first, as often as wanted; whoever opens it closes it."""
    with ExitStack() as stack:
        location: Path | ElasticsearchSettings = tmp_path
        if request.param != "embedded":
            from .elasticsearch.installations import installation  # noqa: PLC0415 (the client takes a second to load)

            location = stack.enter_context(installation(request.getfixturevalue("elasticsearch")))
        yield partial(open_event_store, location)


@pytest.fixture(scope="session")
def make_event() -> MakeEvent:
    """Makes event number ``n``, an hour after the one before; keywords replace dots by two underscores."""

    def make(number: int, *, moment_ms: int | None = None, **fields: Value) -> Event:
        moment = BASE_MS + number * 3_600_000 if moment_ms is None else moment_ms
        event: Event = {
            "@timestamp": format_timestamp(moment),
            "event.id": f"{number * 0x9E3779B97F4A7C15 % (1 << 128):032x}",
            "event.dataset": "test.log",
            "event.original": f"record {number}",
        }
        return event | {name.replace("__", "."): value for name, value in fields.items()}

    return make
