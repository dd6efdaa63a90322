"""Followed sources, each started anew at every look or living in a thread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.sources import Checkpoints
from tests.collectors.sources.file.following import Follow, Follower, Living


@pytest.fixture(params=[Follower, Living])
def follow(request: pytest.FixtureRequest, tmp_path: Path, checkpoints: Checkpoints) -> Iterator[Follow]:
    made: list[Follower] = []

    def make(**settings: object) -> Follower:
        made.append(request.param(tmp_path, checkpoints, **settings))
        return made[-1]

    yield make
    for follower in made:
        follower.end()
