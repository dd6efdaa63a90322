"""Which fields the console puts forward (``event_view.yml``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from policies import load_policy


class EventView(BaseModel):
    """Fields beside the search, and fields that make up an event's line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    facets: tuple[str, ...]
    facet_size: int = Field(gt=0, le=50)
    line: tuple[str, ...]


@cache
def event_view() -> EventView:
    """The shipped view."""
    return load_policy(Path(__file__).with_suffix(".yml"), EventView)
