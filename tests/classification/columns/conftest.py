"""Columns at random, the same whatever ran before."""

from __future__ import annotations

import pytest

from tests.classification.columns.columns_at_random import CHANCE


@pytest.fixture(autouse=True)
def same_chance() -> None:
    CHANCE.seed(11)
