"""Names of companies and other organizations in running Chinese text, read backward from how they end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from classification.identifiers.places import load_addresses
from classification.text.addresses import PLACES
from classification.text.hit import Hit

_CATEGORY = "company_name"
_LONGEST = 22
_SHORTEST_PROPER = 2
# 某某公司 is how a name is withheld.
_SOME = "某"
_BRACKETS = re.compile(r"[（(][^（()）]{1,8}[）)]")

ENDINGS = (*load_addresses().organizations.sure, *load_addresses().organizations.placed)
"""How such names end; the scanner looks for them in its one pass."""


_GOING_ON = frozenset("业系股")
KNOWN = tuple(load_addresses().organizations.known)
"""Everyday names of organizations."""


class OrganizationFinder:
    """Organizations' names. Threads may share it."""

    def __init__(self) -> None:
        policy = load_addresses()
        self._confidence = policy.confidence
        self._sure = tuple(policy.organizations.sure)
        self._generic = frozenset(policy.generic)
        breaks = "|".join(map(re.escape, sorted(policy.breaks, key=len, reverse=True)))
        self._break = re.compile(f"[{re.escape(policy.stops.replace(_SOME, ''))}]|[^\\w]|_|[0-9]{{2,}}|{breaks}")
        self._place = re.compile("|".join(map(re.escape, [*KNOWN, *PLACES, *policy.organizations.prefixes])))

    def find(self, text: str, endings: Iterable[tuple[int, int]], known: Iterable[tuple[int, int]]) -> Iterator[Hit]:
        """Names in a text.

        Args:
            text: the text.
            endings: between which offsets each ending stands.
            known: between which offsets each organization that is known stands.
        """
        for start, end in known:
            if text[end : end + 1] in _GOING_ON:
                continue
            yield Hit(start, end, _CATEGORY, self._confidence["organization"])
        for start, end in endings:
            first = self._first(text, start)
            if start - first < _SHORTEST_PROPER or text[first:end] in self._generic:
                continue
            placed = self._place.match(text, first)
            if placed and placed.end() <= start:
                yield Hit(first, end, _CATEGORY, self._confidence["organization_placed"])
            elif text[start:end] in self._sure:
                yield Hit(first, end, _CATEGORY, self._confidence["organization"])

    def _first(self, text: str, start: int) -> int:
        """Where the name begins: behind the last word that can't be part of it."""
        window = max(0, start - _LONGEST)
        left = _BRACKETS.sub(lambda match: "字" * len(match[0]), text[window:start])
        last = 0
        for match in self._break.finditer(left):
            last = match.end()
        return window + last
