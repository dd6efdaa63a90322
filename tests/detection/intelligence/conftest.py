"""A records database, and indicators made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from audit import Actor
from detection.intelligence import ChangedBy, ImportResult, NewIndicator, import_indicators
from detection.intelligence.values import recognize
from store.records import RecordsDatabase

BY = ChangedBy(Actor("user", "u-1", "li.na"))


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    return empty_records


@pytest.fixture
def known(records: RecordsDatabase) -> Callable[..., ImportResult]:
    """Imports values, recognized by themselves, of one source."""

    def imported(*values: str, source: str = "city-cert", confidence: int = 90, **said: Any) -> ImportResult:  # noqa: ANN401 (any of its facts)
        found = [NewIndicator(*recognize(value), source=source, confidence=confidence, **said) for value in values]
        return import_indicators(records, found, BY)

    return imported
