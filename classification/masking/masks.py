"""What of a value may be shown: a few characters at its ends, by its category, and never all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from classification.masking.policy import masking_policy

_HIDDEN = "*"


class TextHit(Protocol):
    """A value found in a text: its category and its half-open range of characters."""

    @property
    def category(self) -> str:
        """The identifier's id."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it has ended."""


class Scanner(Protocol):
    """Whatever finds values in a text."""

    def find(self, text: str) -> Sequence[TextHit]:
        """The hits, in any order; they may overlap."""


def mask(value: object, category: str | None) -> str:
    """The value as it may be shown; anything goes in, and what comes out is never the value itself.

    Shows at most what ``policies/classification/masking.yml`` gives the category: a prefix, and of longer values a
    suffix. Characters that don't print are hidden too. The length of what is hidden shows roughly at most.
    """
    text, policy = str(value), masking_policy()
    shown = policy.of(category)
    head = min(shown.head, len(text) * policy.head_share_percent // 100)
    tail = shown.tail if len(text) >= policy.tail_from_length else 0
    stars = min(max(len(text) - head - tail, policy.mask_length.minimum), policy.mask_length.maximum)
    masked = _printable(text[:head]) + _HIDDEN * stars + _printable(text[len(text) - tail :])
    return masked if masked != text else _HIDDEN * len(text) + _HIDDEN


def mask_text(text: str, scanner: Scanner) -> str:
    """The text with every value that the scanner finds masked; hits that overlap are hidden as one, wholly."""
    pieces, done = [], 0
    for start, end, category in _apart(scanner.find(text)):
        pieces += [text[done:start], mask(text[start:end], category)]
        done = end
    return "".join([*pieces, text[done:]])


def _apart(hits: Sequence[TextHit]) -> list[tuple[int, int, str | None]]:
    """Ranges in order and without overlap; one made of several hits has no category unless they agree."""
    ranges: list[tuple[int, int, str | None]] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, hit.end)):
        if ranges and hit.start < ranges[-1][1]:
            start, end, category = ranges.pop()
            same = (hit.start, hit.end, hit.category) == (start, end, category)
            ranges.append((start, max(end, hit.end), category if same else None))
        else:
            ranges.append((hit.start, hit.end, hit.category))
    return ranges


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else _HIDDEN for character in text)
