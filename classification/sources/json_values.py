"""Documents flattened to field paths, with bounds on how many paths are told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from classification.sources.contract import Batch, Column
from classification.sources.policy import ReadingLimits
from classification.sources.values import CellCutter

_DATA_KEY = re.compile(r"\d{6}|\S@\S+\.\S")
"""A key that is data: documents are often filed under a number or an address."""
ANY_KEY = "*"


class PathValues:
    """Collects the values of field paths: ``a.b`` for nested objects, ``a[]`` for the elements of an array.

    An object's key that is data itself stands in the path as ``*``, and the keys are the values of that path; paths
    beyond the limit are one path ``*``. So no path shows a value.
    """

    def __init__(self, limits: ReadingLimits, cutter: CellCutter) -> None:
        """Start with nothing."""
        self._limits = limits
        self._cutter = cutter
        self._known: set[str] = set()
        self._values: dict[str, list[object]] = {}
        self.documents = 0
        self.count = 0

    def add_document(self, document: object) -> None:
        """All values of a document."""
        self.documents += 1
        for path, value in self._flatten("", document):
            self.add(path, value)

    def add(self, path: str, value: object) -> None:
        """One value; null tells only that the path exists."""
        if path not in self._known:
            if len(self._known) >= self._limits.columns:
                path = ANY_KEY
            self._known.add(path)
        values = self._values.setdefault(path, [])
        if value is not None:
            values.append(value)
            self.count += 1

    def inner_path(self, path: str, key: str) -> str:
        """The path of a key inside an object; a key that is data becomes a value."""
        if _DATA_KEY.search(key):
            self.add(f"{path}.{ANY_KEY}" if path else ANY_KEY, key)
            key = ANY_KEY
        return f"{path}.{key}" if path else key

    def take(self) -> Batch:
        """What was added since the last time."""
        columns = tuple(Column(path) for path in self._values)
        values = [self._cutter.shorten(values) for values in self._values.values()]
        batch = Batch(columns, values, self.documents)
        self._values, self.documents, self.count = {}, 0, 0
        return batch

    def _flatten(self, path: str, value: object) -> Iterator[tuple[str, object]]:
        waiting = [(path, value, 0)]
        while waiting:
            path, value, depth = waiting.pop()
            if depth >= self._limits.nesting and isinstance(value, (dict, list)):
                path, depth = ANY_KEY, 0
            if isinstance(value, dict):
                waiting.extend((self.inner_path(path, key), inner, depth + 1) for key, inner in value.items())
            elif isinstance(value, list):
                waiting.extend((f"{path}[]", inner, depth + 1) for inner in value)
            else:
                yield path, value
