"""A second evaluator, written straight from the text of the Sigma specification, without any thought of speed."""

from __future__ import annotations

import ipaddress
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any, TypeAlias

Event = dict[str, Any]
Yaml: TypeAlias = Any  # whatever YAML gives


def matches(detection: dict[str, Any], event: Event, keywords_in: tuple[str, ...] = ("message",)) -> bool:
    """Whether an event satisfies a detection section."""
    selections = {name: value for name, value in detection.items() if name != "condition"}
    truth = {name: _selection(value, event, keywords_in) for name, value in selections.items()}
    conditions = detection["condition"] if isinstance(detection["condition"], list) else [detection["condition"]]
    return any(_condition(text, truth) for text in conditions)


def _condition(text: str, truth: dict[str, bool]) -> bool:
    def quantified(found: re.Match[str]) -> str:
        wanted = ".*" if found[2] == "them" else re.escape(found[2]).replace(r"\*", ".*")
        chosen = [
            held
            for name, held in truth.items()
            if re.fullmatch(wanted, name) and (found[2].startswith("_") or not name.startswith("_"))
        ]
        return str(all(chosen) if found[1] == "all" else any(chosen))

    text = re.sub(r"\b(1|any|all) of (\S+?)(?=[\s)]|$)", quantified, text)
    words = re.findall(r"[()]|[^\s()]+", text)
    spelled = [w if w in ("(", ")", "and", "or", "not", "True", "False") else str(truth[w]) for w in words]
    return bool(eval(" ".join(spelled)))  # noqa: S307 (only True, False and operators are left)


def _selection(value: Yaml, event: Event, keywords_in: tuple[str, ...]) -> bool:
    if isinstance(value, dict):
        return all(_item(key, item, event, keywords_in) for key, item in value.items())
    if isinstance(value, list):
        return any(_selection(each, event, keywords_in) for each in value)
    return _item("", value, event, keywords_in)


def _item(key: str, value: Yaml, event: Event, keywords_in: tuple[str, ...]) -> bool:
    field, *modifiers = key.split("|")
    values = value if isinstance(value, list) else [value]
    chain = [name for name in modifiers if name not in ("all", "neq")]
    join: Callable[[Any], bool] = all if "all" in modifiers else any
    if field:
        held = join(_field_holds(field, each, chain, event) for each in values)
    else:
        held = join(_keyword_holds(each, chain, event, keywords_in) for each in values)
    return not held if "neq" in modifiers else held


def _keyword_holds(value: Yaml, chain: list[str], event: Event, keywords_in: tuple[str, ...]) -> bool:
    chain = chain if "re" in chain else [*chain, "contains"]
    return any(_field_holds(name, value, chain, event) for name in keywords_in if name in event)


def _field_holds(field: str, value: Yaml, chain: list[str], event: Event) -> bool:
    if "exists" in chain:
        return (field in event) is value
    present = event.get(field)
    if value is None and not chain:
        return present is None or (isinstance(present, list) and None in present)
    found = present if isinstance(present, list) else [present]
    if "fieldref" in chain:
        other = event.get(value)
        others = other if isinstance(other, list) else [other]
        return any(_refers(_text(a), _text(b), chain) for a in found for b in others if a is not None and b is not None)
    return any(_value_holds(_text(each), value, chain) for each in found if each is not None)


def _refers(left: str, right: str, chain: list[str]) -> bool:
    if "cased" not in chain:
        left, right = left.casefold(), right.casefold()
    if "contains" in chain:
        return right in left
    if "startswith" in chain:
        return left.startswith(right)
    return left.endswith(right) if "endswith" in chain else left == right


def _text(value: Yaml) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _value_holds(text: str, value: Yaml, chain: list[str]) -> bool:
    if "re" in chain:
        flags = re.NOFLAG
        for name, flag in (("i", re.IGNORECASE), ("m", re.MULTILINE), ("s", re.DOTALL)):
            flags |= flag if name in chain else 0
        return re.search(str(value), text, flags) is not None
    if "cidr" in chain:
        try:
            return ipaddress.ip_address(text) in ipaddress.ip_network(value, strict=False)
        except ValueError:
            return False
    for name in ("minute", "hour", "day", "week", "month", "year"):
        if name in chain:
            return _part_of_time(text, name) == value
    for name, compare in (
        ("lt", lambda a, b: a < b),
        ("lte", lambda a, b: a <= b),
        ("gt", lambda a, b: a > b),
        ("gte", lambda a, b: a >= b),
    ):
        if name in chain:
            return re.fullmatch(r"[-+]?\d+(\.\d+)?", text) is not None and compare(float(text), value)
    return _string_holds(text, value, chain)


def _part_of_time(text: str, unit: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None
    part: int = moment.isocalendar().week if unit == "week" else getattr(moment, unit)
    return part


def _string_holds(text: str, value: Yaml, chain: list[str]) -> bool:
    tokens = _tokens(value) if isinstance(value, str) else list(_text(value))
    alternatives = [tokens]
    for name in chain:
        if name == "windash":
            alternatives = [each for one in alternatives for each in _windash(one)]
        elif name in ("base64", "base64offset"):
            encoding = next((ENCODINGS[each] for each in chain if each in ENCODINGS), "utf-8")
            alternatives = [list(each) for one in alternatives for each in _base64("".join(one), name, encoding)]
        elif name in ("startswith", "contains"):
            alternatives = [[*one, MANY] for one in alternatives]
        if name in ("endswith", "contains"):
            alternatives = [[MANY, *one] for one in alternatives]
    fold = (lambda each: each) if "cased" in chain else str.casefold
    return any(
        re.fullmatch("".join(_as_regex(t, fold) for t in one), fold(text), re.DOTALL) is not None
        for one in alternatives
    )


MANY, ONE = object(), object()
ENCODINGS = {"wide": "utf-16-le", "utf16le": "utf-16-le", "utf16be": "utf-16-be", "utf16": "bom"}


def _as_regex(token: Yaml, fold: Callable[[str], str]) -> str:
    return ".*" if token is MANY else "." if token is ONE else re.escape(fold(token))


def _tokens(text: str) -> list[Any]:
    tokens: list[Any] = []
    position = 0
    while position < len(text):
        character = text[position]
        if character == "\\" and text[position + 1 : position + 2] in ("\\", "*", "?"):
            tokens.append(text[position + 1])
            position += 2
            continue
        tokens.append({"*": MANY, "?": ONE}.get(character, character))
        position += 1
    return tokens


def _windash(tokens: list[Any]) -> list[list[Any]]:
    def word(at: int) -> bool:
        return 0 <= at < len(tokens) and isinstance(tokens[at], str) and (tokens[at].isalnum() or tokens[at] == "_")

    options = [
        list("-/–—―") if token in tuple("-/–—―") and not word(i - 1) and word(i + 1) else [token]
        for i, token in enumerate(tokens)
    ]
    return [list(choice) for choice in product(*options)]


def _base64(text: str, modifier: str, encoding: str) -> list[str]:
    data = (b"\xff\xfe" if encoding == "bom" else b"") + text.encode("utf-16-le" if encoding == "bom" else encoding)
    if modifier == "base64":
        return [b64encode(data).decode()]
    spelled = []
    for shift in range(3):
        whole = b64encode(b"\0" * shift + data).decode().rstrip("=")
        first = (8 * shift + 5) // 6
        last = (8 * (shift + len(data))) // 6
        spelled.append(whole[first:last])
    return spelled
