"""Waiting for what has to come about, however slow the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_SECONDS = 180

Found = TypeVar("Found")


def until(found: Callable[[], Found], pause_seconds: float = 0.1) -> Found:
    """What ``found`` answers, as soon as that is something."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (result := found()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(pause_seconds)
    return result
