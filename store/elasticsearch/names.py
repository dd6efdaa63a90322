"""The names of indexes: ``<prefix>-<class>-<YYYY.MM.DD>`` or ``<prefix>-<class>-implausible``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from store.placement import IndexKey

_IMPLAUSIBLE = "implausible"
_DAY_FORM = "%Y.%m.%d"
_PERIODS = (len("2026.01.31"), len("2026.01"), len("2026"))
_MAX_EXPRESSION = 3_000
"""A request names its indexes in its first line, of which Elasticsearch takes 4,096 bytes."""


class IndexNames:
    """The names of one installation's indexes."""

    def __init__(self, prefix: str) -> None:
        """Names begin with ``prefix``."""
        self._prefix = prefix
        self._form = re.compile(rf"{re.escape(prefix)}-([a-z0-9_]+)-(\d{{4}}\.\d\d\.\d\d|{_IMPLAUSIBLE})")

    @property
    def pattern(self) -> str:
        """What matches every name."""
        return f"{self._prefix}-*"

    def name(self, key: IndexKey) -> str:
        """The name of an index."""
        day = key.day.strftime(_DAY_FORM).rjust(10, "0") if key.day else _IMPLAUSIBLE
        return f"{self._prefix}-{key.retention_class}-{day}"

    def key(self, name: str) -> IndexKey | None:
        """The index of a name, None for a name of something else."""
        match = self._form.fullmatch(name)
        if match is None:
            return None
        retention_class, day = match.groups()
        if day == _IMPLAUSIBLE:
            return IndexKey(retention_class, None)
        try:
            return IndexKey(retention_class, datetime.strptime(day, _DAY_FORM).date())  # noqa: DTZ007 (a day, no moment)
        except ValueError:
            return None

    def keys(self, names: Iterable[str]) -> list[IndexKey]:
        """The indexes among some names, oldest day first, implausible times last."""
        keys = [key for name in names if (key := self.key(name))]
        return sorted(keys, key=lambda key: (key.day or date.max, key.day is None, key.retention_class))

    def expression(self, keys: Sequence[IndexKey]) -> list[str]:
        """What names some indexes in a request: their names, or patterns of their months or years if that is too long.

        Patterns may name more indexes than were wanted.
        """
        for digits in _PERIODS:
            parts = list(dict.fromkeys(self._part(key, digits) for key in keys))
            if len(",".join(parts)) <= _MAX_EXPRESSION:
                break
        return parts

    def _part(self, key: IndexKey, digits: int) -> str:
        name = self.name(key)
        shown = len(name) - len("2026.01.31") + digits
        return name if key.day is None or digits == len("2026.01.31") else f"{name[:shown]}.*"
