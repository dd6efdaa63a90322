"""A real event store, a real records database, and the pipeline over them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from collectors.delivery import Pipeline, Stages
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase


def _load_plain() -> ModuleType:
    path = Path(__file__).with_name("plain.py")
    spec = importlib.util.spec_from_file_location("delivery_plain", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["delivery_plain"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def plain() -> ModuleType:
    return _load_plain()


@pytest.fixture
def records(empty_records: RecordsDatabase, plain: ModuleType) -> RecordsDatabase:
    plain.add_tables(empty_records)
    return empty_records


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedEventStore]:
    opened = EmbeddedEventStore(tmp_path / "events")
    yield opened
    opened.close()


@pytest.fixture
def pipeline(records: RecordsDatabase, store: EmbeddedEventStore, plain: ModuleType) -> Pipeline[list[str]]:
    return Pipeline(Stages(plain.normalize, store, plain.match, plain.record_alerts), records)
