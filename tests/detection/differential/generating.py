"""Random Sigma detections and random events that have something to do with each other.

Both take their values from one small pool, changed a little each time, so that about a third of the pairs match.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, TypeAlias

Detection: TypeAlias = dict[str, Any]
Event: TypeAlias = dict[str, Any]
Yaml: TypeAlias = Any
"""Whatever may stand as a value in a detection or an event."""

FIELDS = ("f", "g", "h")
KEYWORDS = "text of the record"
"""The field in which keywords are looked for; no rule asks for it by name."""
_LETTERS = "abABcé中É -/–%_\\*?.'[]\"1"
_REGEX = ("a.", "^[ab]+$", "[0-9]", "b|中", "(a|b)c?", "a?", r"\\", "[^a]", "^a", "b$", "a{1,2}", "é")
_PLACES = ("contains", "startswith", "endswith")
_TIMES = ("2026-03-01T08:15:30Z", "2026-03-01T16:15:30+08:00", "2025-12-29T00:00:00Z", "2024-02-29T23:59:59.500Z")
_ADDRESSES = ("10.0.0.7", "10.255.3.1", "192.168.1.20", "11.0.0.1", "fe80::1", "::1", "2001:db8::5")
_NETWORKS = ("10.0.0.0/8", "192.168.0.0/22", "10.0.0.7/32", "fe80::/10", "0.0.0.0/0", "::1/128")
_CONDITIONS = (
    "one",
    "not one",
    "one and two",
    "one or two",
    "one and not two",
    "not (one or two) or t_three",
    "1 of them",
    "all of them",
    "any of them",
    "1 of t* and not one",
    "not 1 of t*",
    "all of t* or one",
    "one or two and t_three",
    "(one or two) and t_three",
    "not not one and (two or not t_three)",
    "not (not (one and two) or not t_three)",
    ["one", "two and not t_three"],
    "_hidden or (one and 1 of *o*)",
    "all of _* and not all of t*",
)


class Pool:
    """The values that the rules and events of one round share."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._texts = [self._text() for _ in range(24)]

    def _text(self) -> str:
        return "".join(self._chance.choices(_LETTERS, k=self._chance.randint(0, 5)))

    def event(self) -> Event:
        """An event of a few fields; some are missing, null, numbers, in another case or longer than the pool's."""
        event: Event = {name: self._field() for name in FIELDS if self._chance.random() < 0.8}
        if self._chance.random() < 0.8:
            event["n"] = self._chance.choice((self._chance.randint(-3, 12), 1.5, -0.25, "7", "10", "x7", None))
        if self._chance.random() < 0.8:
            event["t"] = self._chance.choice((*_TIMES, "yesterday", "", None))
        if self._chance.random() < 0.7:
            event["ip"] = self._chance.choice((*_ADDRESSES, "10.0.0.x", None))
        if self._chance.random() < 0.8:
            event[KEYWORDS] = " ".join(self._chance.choices(self._texts, k=3))
        return event

    def _field(self) -> Yaml:
        drawn = self._chance.random()
        if drawn < 0.08:
            return None
        if drawn < 0.2:
            return self._chance.choice((0, 1, 7, -2, 1.5, True, False))
        text = self._chance.choice(self._texts)
        return self._chance.choice((text, text, text.swapcase(), f"a{text}", f"{text}1", f"x {text} y", text[1:]))

    def detection(self) -> Detection:
        """A detection section with four selections and a condition over some of them."""
        names = ("one", "two", "t_three", "_hidden")
        return {name: self._selection() for name in names} | {"condition": self._chance.choice(_CONDITIONS)}

    def _selection(self) -> Yaml:
        drawn = self._chance.random()
        if drawn < 0.12:
            return self._several(self._keyword)
        if drawn < 0.17:
            return {"|all": [self._keyword(), self._keyword()]}
        if drawn < 0.3:
            return [self._map(), self._map()]
        return self._map()

    def _keyword(self) -> str:
        return self._pattern() or "a"

    def _map(self) -> dict[str, Any]:
        return dict(self._item() for _ in range(self._chance.choice((1, 1, 2))))

    def _item(self) -> tuple[str, Any]:
        makers = (
            (9, self._plain_item),
            (9, self._placed_item),
            (2, self._cased_item),
            (3, self._regex_item),
            (2, self._windash_item),
            (2, self._encoded_item),
            (2, self._network_item),
            (4, self._compared_item),
            (2, self._time_item),
            (2, self._reference_item),
            (2, self._presence_item),
        )
        return self._chance.choices([make for _, make in makers], [weight for weight, _ in makers])[0]()

    def _field_name(self) -> str:
        return self._chance.choice(FIELDS)

    def _several(self, make: Callable[[], Yaml]) -> Yaml:
        count = self._chance.choice((0, 0, 1, 2, 3))
        return [make() for _ in range(count)] if count else make()

    def _ended(self, key: str, value: Yaml) -> tuple[str, Any]:
        """The item, sometimes with a modifier of the whole list."""
        drawn = self._chance.random()
        if drawn < 0.1:
            return f"{key}|neq", value
        return (f"{key}|all", value) if drawn < 0.25 and isinstance(value, list) and len(value) > 1 else (key, value)

    def _plain_item(self) -> tuple[str, Any]:
        special = lambda: self._chance.choice((None, 0, 1, 7, 1.5, True, False, ""))  # noqa: E731 (a maker like the others)
        make = special if self._chance.random() < 0.35 else self._pattern
        return self._ended(self._field_name(), self._several(make))

    def _placed_item(self) -> tuple[str, Any]:
        return self._ended(f"{self._field_name()}|{self._chance.choice(_PLACES)}", self._several(self._pattern))

    def _cased_item(self) -> tuple[str, Any]:
        place = self._chance.choice(("", *(f"|{each}" for each in _PLACES)))
        return self._ended(f"{self._field_name()}{place}|cased", self._several(self._pattern))

    def _regex_item(self) -> tuple[str, Any]:
        flags = self._chance.choice(("", "", "|i", "|s", "|m", "|i|s"))
        return self._ended(f"{self._field_name()}|re{flags}", self._several(lambda: self._chance.choice(_REGEX)))

    def _windash_item(self) -> tuple[str, Any]:
        place = self._chance.choice(("windash", "windash|contains", "contains|windash"))
        return f"{self._field_name()}|{place}", self._several(
            lambda: self._chance.choice(("-a", "/b -a", "a-b", " -1"))
        )

    def _encoded_item(self) -> tuple[str, Any]:
        chain = self._chance.choice(("base64", "base64offset|contains", "wide|base64offset|contains", "utf16|base64"))
        return f"{self._field_name()}|{chain}", self._several(lambda: self._chance.choice(("a", "ab", "a b", "cmd")))

    def _network_item(self) -> tuple[str, Any]:
        return self._ended("ip|cidr", self._several(lambda: self._chance.choice(_NETWORKS)))

    def _compared_item(self) -> tuple[str, Any]:
        number = lambda: self._chance.choice((-2, 0, 1, 1.5, 7, 10))  # noqa: E731 (a maker like the others)
        if self._chance.random() < 0.3:
            return self._ended("n", self._several(number))
        return f"n|{self._chance.choice(('lt', 'lte', 'gt', 'gte'))}", number()

    def _time_item(self) -> tuple[str, Any]:
        unit, numbers = self._chance.choice(
            (
                ("minute", (15, 59)),
                ("hour", (8, 16, 0)),
                ("day", (1, 29)),
                ("week", (9, 1)),
                ("month", (2, 3, 12)),
                ("year", (2025, 2026)),
            )
        )
        return self._ended(f"t|{unit}", self._several(lambda: self._chance.choice(numbers)))

    def _reference_item(self) -> tuple[str, Any]:
        place = self._chance.choice(("", *(f"|{each}" for each in _PLACES)))
        return self._ended(f"{self._field_name()}|fieldref{place}", self._field_name())

    def _presence_item(self) -> tuple[str, Any]:
        return f"{self._field_name()}|exists", self._chance.random() < 0.5

    def _pattern(self) -> str:
        """A Sigma string: raw text of the pool, or one of its texts escaped, with wildcards put in."""
        text = self._chance.choice(self._texts)
        if self._chance.random() < 0.25:
            return text
        parts = [f"\\{character}" if character in "\\*?" else character for character in text]
        if parts and self._chance.random() < 0.5:
            parts[self._chance.randrange(len(parts))] = self._chance.choice(("*", "?"))
        return "".join(parts)
