"""Where the SQLite backend differs from this project's matcher, and what the Sigma specification 2.1 says there.

A difference is proven, not claimed: each says how to take what is in dispute out of a rule and an event, and the
engines must then agree on what is left.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.detection.differential.generating import Detection, Event, Yaml

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*")


def _same_detection(detection: Detection) -> Detection:
    return detection


def _same_event(_: Detection, event: Event) -> Event:
    return event


@dataclass(frozen=True, slots=True)
class Difference:
    """A known difference.

    Attributes:
        section: where the specification speaks of it.
        reason: what it says, in our own words, and what the backend does instead.
        settle_event: an event without what is in dispute.
        settle_detection: a detection without it.
        example: a detection section and an event on which only this project's matcher does as specified.
        expected: what the specification asks for in the example.
    """

    name: str
    section: str
    reason: str
    example: tuple[Detection, Event]
    expected: bool
    settle_event: Callable[[Detection, Event], Event] = _same_event
    settle_detection: Callable[[Detection], Detection] = _same_detection


def settled(differences: list[Difference], detection: Detection, event: Event) -> tuple[Detection, Event]:
    """The pair without anything that these differences are about."""
    for each in differences:
        detection, event = each.settle_detection(detection), each.settle_event(detection, event)
    return detection, event


def _without_nulls(_: Detection, event: Event) -> Event:
    return {name: value for name, value in event.items() if value is not None}


def _numbers_are_numbers(_: Detection, event: Event) -> Event:
    number = event.get("n")
    broken = isinstance(number, str) and _NUMBER.fullmatch(number) is None
    return {name: value for name, value in event.items() if name != "n"} if broken else event


def _addresses_are_canonical(detection: Detection, event: Event) -> Event:
    fields = {key.split("|")[0] for key in _keys(detection) if "|cidr" in key}
    return {name: value for name, value in event.items() if name not in fields or _is_canonical(value)}


def _is_canonical(address: Yaml) -> bool:
    try:
        return str(ipaddress.ip_address(address)) == address
    except ValueError:
        return False


def _keys(part: Yaml) -> Iterator[str]:
    """The keys of a detection's items, with their modifiers."""
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _keys(each)
    if isinstance(part, dict):
        yield from part


def _in_lower_case(_: Detection, event: Event) -> Event:
    return {name: _lowered(value) for name, value in event.items()}


def _patterns_in_lower_case(detection: Detection) -> Detection:
    return {name: part if name == "condition" else _mapped(part, _lowered) for name, part in detection.items()}


def _lowered(value: Yaml) -> Yaml:
    """A text whose letters outside ASCII are small."""
    if not isinstance(value, str):
        return value
    return "".join(character if character.isascii() else character.lower() for character in value)


def _truth_is_text(_: Detection, event: Event) -> Event:
    return {
        name: 7 if value in (0, 1, "0", "1") and not isinstance(value, bool) else value for name, value in event.items()
    }


def _months_for_weeks(detection: Detection) -> Detection:
    return _mapped(detection, lambda value: value, lambda key: key.replace("|week", "|month"))


def _no_network_of_everything(detection: Detection) -> Detection:
    """A network of all IPv4 addresses is any text at all to the backend, IPv6 addresses among them."""
    return _mapped(detection, lambda value: "10.0.0.0/8" if value == "0.0.0.0/0" else value)


def _networks_of_one_prefix(detection: Detection) -> Detection:
    """Networks that end where a part of the address does."""
    wider = {"192.168.0.0/22": "192.168.0.0/16", "fe80::/10": "fe80::/16"}
    return _mapped(detection, lambda value: wider.get(value, value) if isinstance(value, str) else value)


def _mapped(part: Yaml, value: Callable[[Yaml], Yaml], key: Callable[[str], str] = str) -> Yaml:
    """A part of a detection with its values and keys changed."""
    if isinstance(part, dict):
        return {key(name): _mapped(each, value, key) for name, each in part.items()}
    return [_mapped(each, value, key) for each in part] if isinstance(part, list) else value(part)


DIFFERENCES = [
    Difference(
        name="a null field is there",
        section="appendix Modifiers, Generic Modifiers, exists",
        reason="exists asks for presence alone, also of an empty or null field; a table has no null apart from absence",
        example=({"s": {"f|exists": True}, "condition": "s"}, {"f": None}),
        expected=True,
        settle_event=_without_nulls,
    ),
    Difference(
        name="text is no number",
        section="appendix Modifiers, Numeric Modifiers",
        reason="comparisons apply to numeric values alone; SQLite sorts every text behind every number",
        example=({"s": {"n|gt": 5}, "condition": "s"}, {"n": "x7"}),
        expected=False,
        settle_event=_numbers_are_numbers,
    ),
    Difference(
        name="text is no address",
        section="appendix Modifiers, IP Modifiers, cidr",
        reason="cidr applies to addresses, however they are spelled; the backend compares the beginning of the text",
        example=({"s": {"ip|cidr": "10.0.0.0/8"}, "condition": "s"}, {"ip": "10.0.0.x"}),
        expected=False,
        settle_event=_addresses_are_canonical,
        settle_detection=_no_network_of_everything,
    ),
    Difference(
        name="a network beside others",
        section="Rules, Detection, Maps",
        reason="all items of a map, and of a condition with `and`, must hold; the backend writes a network of several"
        " prefixes as alternatives, and without parentheses, so that the later ones hold whatever stands beside them",
        example=({"s": {"f": "a", "ip|cidr": "192.168.0.0/22"}, "condition": "s"}, {"f": "b", "ip": "192.168.1.20"}),
        expected=False,
        settle_detection=_networks_of_one_prefix,
    ),
    Difference(
        name="letters outside ASCII",
        section="Rules, Detection, General",
        reason="all values compare without regard to case; SQLite folds only A to Z",
        example=({"s": {"f": "É"}, "condition": "s"}, {"f": "é"}),
        expected=True,
        settle_event=_in_lower_case,
        settle_detection=_patterns_in_lower_case,
    ),
    Difference(
        name="true is not 1",
        section="Rules, Detection, General",
        reason="all values are texts, and true is spelled so; the backend takes the number 1 for it as well",
        example=({"s": {"f": True}, "condition": "s"}, {"f": 1}),
        expected=False,
        settle_event=_truth_is_text,
    ),
    Difference(
        name="numbering of weeks",
        section="appendix Modifiers, Time Modifiers, week",
        reason="weeks are numbered from 1; SQLite begins with 0 before the first Monday, ISO 8601 never does",
        example=({"s": {"t|week": 1}, "condition": "s"}, {"t": "2025-12-29T00:00:00Z"}),
        expected=True,
        settle_detection=_months_for_weeks,
    ),
]
