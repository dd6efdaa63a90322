"""What a text scan finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """One identifier in a text.

    Attributes:
        start: offset of its first character.
        end: offset after its last character.
        category: id in ``policies/classification/identifiers.yml``.
        confidence: 0..1, that it is what the category says.
    """

    start: int
    end: int
    category: str
    confidence: float
