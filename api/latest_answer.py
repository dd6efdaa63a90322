"""The latest answer to a costly question, kept while what it was made of stays the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

AnswerT = TypeVar("AnswerT")


class LatestAnswer(Generic[AnswerT]):
    """One answer with its version; of several who ask at once one works and the others wait."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._lock = threading.Lock()
        self._known: tuple[Hashable, AnswerT] | None = None

    def of(self, version: Hashable, make: Callable[[], AnswerT]) -> AnswerT:
        """The answer of a version, made if it is not the latest; what ``make`` raises is not kept."""
        with self._lock:
            if self._known is None or self._known[0] != version:
                self._known = version, make()
            return self._known[1]
