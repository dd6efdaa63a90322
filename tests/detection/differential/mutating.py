"""Events made from a rule's own detection items, so that its conditions are met, or missed by very little."""

from __future__ import annotations

import ipaddress
import random
import re
from base64 import b64encode

from tests.detection.differential.generating import KEYWORDS, Detection, Event, Yaml

_SPECIAL = re.compile(r"\\[\\*?]|[*?]")
_META = re.compile(r"\\.|[()\[\]{}^$|*+?]")


def near_misses(detection: Detection, chance: random.Random, count: int) -> list[Event]:
    """Events that hold what most selections ask for; most are then changed in one place."""
    return [_changed(_event(detection, chance), chance) for _ in range(count)]


def _event(detection: Detection, chance: random.Random) -> Event:
    event: Event = {}
    for name, selection in detection.items():
        wanted = 0.25 if name.startswith(("filter", "exclusion")) else 0.9
        if name not in ("condition", "timeframe") and chance.random() < wanted:
            _satisfy(selection, event, chance)
    return event


def _satisfy(selection: Yaml, event: Event, chance: random.Random) -> None:
    if isinstance(selection, dict):
        for key, value in selection.items():
            field, *modifiers = key.split("|")
            _put(event, field, modifiers, value, chance)
    elif isinstance(selection, list) and selection:
        _satisfy(chance.choice(selection), event, chance)
    else:
        _put(event, "", [], selection, chance)


def _put(event: Event, field: str, modifiers: list[str], value: Yaml, chance: random.Random) -> None:
    values = value if isinstance(value, list) else [value]
    chosen = values if "all" in modifiers else [chance.choice(values)]
    if "fieldref" in modifiers:
        event[field] = event.setdefault(chosen[0], "same")
    elif chosen == [None]:
        event.pop(field, None)
    else:
        texts = [_text(each, modifiers, chance) for each in chosen]
        name = field or KEYWORDS
        kept = [event[name]] if name in event and chance.random() < 0.5 else []
        event[name] = " ".join(map(str, kept + texts)) if kept or len(texts) > 1 else texts[0]


def _text(value: Yaml, modifiers: list[str], chance: random.Random) -> Yaml:
    """Something that one value with its modifiers matches, for most kinds."""
    if "exists" in modifiers:
        return "there"
    if "cidr" in modifiers:
        return str(ipaddress.ip_network(value, strict=False)[-1])
    if "re" in modifiers:
        return _META.sub("", str(value))
    text = _SPECIAL.sub(lambda found: _filled(found.group(), chance), value) if isinstance(value, str) else str(value)
    if "base64" in modifiers or "base64offset" in modifiers:
        data = chance.choice(("", "x", "yz")).encode() + text.encode("utf-16-le" if "wide" in modifiers else "utf-8")
        text = b64encode(data).decode()
    if "windash" in modifiers:
        text = re.sub(r"\B[-/]\b", chance.choice("-/–—―"), text)
    before = chance.choice(("", "a ", "x\\")) if {"contains", "endswith"} & set(modifiers) else ""
    after = chance.choice(("", " b", "\\y")) if {"contains", "startswith"} & set(modifiers) else ""
    return f"{before}{text}{after}"


def _filled(special: str, chance: random.Random) -> str:
    if len(special) > 1:
        return special[1]
    return chance.choice(("", "k", "k w")) if special == "*" else chance.choice("q?*")


def _changed(event: Event, chance: random.Random) -> Event:
    """The event with one of its fields changed, more often than not."""
    if not event or chance.random() < 0.35:
        return event
    name = chance.choice(sorted(event))
    text = str(event[name])
    at = chance.randrange(len(text)) if text else 0
    ways = (text.swapcase(), text[:at] + text[at + 1 :], f"{text}z", f"z{text}", text[:at] + "%" + text[at:], "")
    if chance.random() < 0.2:
        return {other: value for other, value in event.items() if other != name}
    return event | {name: chance.choice(ways)}
