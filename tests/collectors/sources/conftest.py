"""Checkpoints kept in memory, for sources without a database."""

from __future__ import annotations

import pytest

from collectors.record import Checkpoint


class MemoryCheckpoints:
    """What a records database would keep."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Checkpoint] = {}

    def load(self, source: str) -> list[Checkpoint]:
        return [checkpoint for (name, _), checkpoint in sorted(self.kept.items()) if name == source]

    def save(self, checkpoint: Checkpoint) -> None:
        self.kept[checkpoint.source, checkpoint.identity] = checkpoint


@pytest.fixture
def checkpoints() -> MemoryCheckpoints:
    return MemoryCheckpoints()


@pytest.fixture(scope="session")
def new_checkpoints() -> type[MemoryCheckpoints]:
    return MemoryCheckpoints
