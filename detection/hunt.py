"""Hunting: the live matcher over events from anywhere, so that a rule means the same in retrospect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from detection.match import Match, Matcher
from events import Event


def hunt(batches: Iterable[Sequence[Event]], matcher: Matcher) -> Iterator[Match]:
    """The matches in batches of events, in order, as they are found."""
    for batch in batches:
        yield from matcher.match(batch)
