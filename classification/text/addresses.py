"""Addresses in running Chinese text: a place that is known, then divisions, roads, buildings and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from classification.identifiers.names import load_names
from classification.identifiers.places import AddressPolicy, load_addresses, place_names
from classification.text.hit import Hit

_NUMERALS = "0-9０-９一二三四五六七八九十百零〇甲乙丙丁A-Za-z"
_LONGEST_BEFORE_ROAD = 8
_CATEGORY = "address"

ROADS = ("大道", "大街", "胡同", "路", "街", "巷")
"""What a road's name ends with where no known place stands before it."""

PLACES = tuple(place_names())
"""Where an address may begin; the scanner looks for them in its one pass."""


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


class AddressFinder:
    """Addresses, from a known place or from a road with a boundary before it. Threads may share it."""

    def __init__(self) -> None:
        policy = load_addresses()
        self._confidence = policy.confidence
        self._place = re.compile(_any(PLACES))
        self._tail = re.compile(self._parts(policy))
        self._number = re.compile(f"[{_NUMERALS}-]{{1,8}}(?:{_any(policy.numbered)})")
        self._other = re.compile(_any(policy.after_place))
        self._road = re.compile(self._named_road(policy))
        self._words = load_names().words
        self._no_road = re.compile(f"(?:{_any(policy.no_road)})$")

    def find(self, text: str, places: Iterable[int], roads: Iterable[int]) -> Iterator[Hit]:
        """Addresses in a text.

        Args:
            text: the text.
            places: offsets at which the name of a known place begins.
            roads: offsets right behind the last character of what may be a road.
        """
        end = 0
        for start in places:
            if start >= end and (hit := self._from_place(text, start)):
                end = hit.end
                yield hit
        for road in roads:
            if hit := self._from_road(text, road):
                yield hit

    def _from_place(self, text: str, start: int) -> Hit | None:
        place = self._place.match(text, start)
        if place is None:
            return None
        tail = self._tail.match(text, place.end())
        end = tail.end() if tail else place.end()
        if end == place.end():
            if self._other.match(text, end) or text[end - 1 : end + 1] in self._words:
                return None
            return Hit(start, end, _CATEGORY, self._confidence["place"])
        return self._hit(text, start, end, "divided")

    def _from_road(self, text: str, road_end: int) -> Hit | None:
        window = max(0, road_end - _LONGEST_BEFORE_ROAD)
        for match in self._road.finditer(text, window, road_end + 1):
            if match.end(1) == road_end and not self._no_road.search(match[1]):
                tail = self._tail.match(text, road_end)
                return self._hit(text, match.start(1), tail.end() if tail else road_end, "road")
        return None

    def _hit(self, text: str, start: int, end: int, kind: str) -> Hit:
        numbered = self._number.search(text, start, end) is not None
        return Hit(start, end, _CATEGORY, self._confidence["numbered" if numbered else kind])

    @staticmethod
    def _parts(policy: AddressPolicy) -> str:
        """What may follow a place: its own division, further places, named parts, numbers."""
        but_not = f"(?!{_any(policy.but_not)})"
        letter = f"[^{re.escape(policy.stops)}\\W_]"
        division = f"(?:{_any(policy.divisions)}){but_not}"
        no_city = f"(?<![{policy.not_city}](?=市))"
        named = f"{letter}{{1,5}}?{no_city}(?:{_any([*policy.divisions, *policy.roads])}){but_not}"
        building = f"{letter}{{1,6}}?(?:{_any(policy.buildings)})"
        number = f"第?[{_NUMERALS}-]{{1,8}}(?:{_any(policy.numbered)})(?!{_any(['码', '线', '召', '称', '市', '盘'])})"
        door = "[0-9]{2,5}(?![0-9])"
        numbers = f"(?:{number})+(?:{door})?"
        places = f"(?:{division})?(?:(?:{_any(PLACES)})(?:{division})?)*(?:{named}|{building})*"
        return f"{places}(?:{numbers})?(?:{building}(?:{numbers})?)?"

    @staticmethod
    def _named_road(policy: AddressPolicy) -> str:
        """A road's name of two or three characters, with a boundary or a word of arriving before it."""
        name = f"[^{re.escape(policy.stops)}\\W_a-zA-Z]{{2,3}}?"
        boundary = "|".join(["^", r"(?<=\W)", *(f"(?<={word})" for word in policy.arriving)])
        return f"(?:{boundary})({name}(?:{_any(ROADS)})(?!{_any(policy.but_not)}))"
