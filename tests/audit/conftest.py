"""A trail on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.records import Base, RecordsDatabase


@pytest.fixture
def database(tmp_path: Path) -> Iterator[RecordsDatabase]:
    opened = RecordsDatabase(f"sqlite:///{tmp_path}/records.db")
    Base.metadata.create_all(opened.engine)
    yield opened
    opened.close()
