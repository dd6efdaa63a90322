"""A trail on a real database."""

from __future__ import annotations

import pytest

from store.records import RecordsDatabase


@pytest.fixture
def database(empty_records: RecordsDatabase) -> RecordsDatabase:
    return empty_records
