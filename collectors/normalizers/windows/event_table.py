"""What an event of the Windows event log means in ECS, from the tables in ``events.yml``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field

from collectors.normalizers.windows.conversions import CONVERSIONS, Conversion, outputs_of
from events import Event, Value

EVENT_DATA = "winlog.event_data."
_LONGEST_CONVERTED = 2048
_EMPTY = frozenset(("", "-"))
_VENDOR_PREFIX = "microsoft-windows-"
_KEPT_PLANS = 4096


class EventEntry(BaseModel):
    """One event id: what ECS calls it, and which sets of fields it carries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: str
    category: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    outcome: str | None = None
    fields: tuple[str, ...] = ()


class ChannelEntry(BaseModel):
    """One channel: its dataset's name, the field sets of all its events, and its events by id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str | None = None
    fields: tuple[str, ...] = ()
    events: dict[str, EventEntry] = Field(default_factory=dict)


class EventTable(BaseModel):
    """The tables: field sets (``Name: kind target``) and channels by their name in lower case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: dict[str, dict[str, str]]
    channels: dict[str, ChannelEntry]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done to every event of one channel and id: names to set, texts to copy, texts to convert."""

    constants: dict[str, Value]
    copies: tuple[tuple[str, str], ...]
    conversions: tuple[tuple[str, Conversion, str], ...]

    def writers(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The fields of the data that ECS names are written from, each with the names it may set."""
        yield from ((name, (target,)) for name, target in self.copies)
        yield from ((name, outputs_of(convert, target)) for name, convert, target in self.conversions)

    def apply(self, event: Event) -> None:
        """Add the ECS names to an event that holds its ``winlog.`` names."""
        event.update(self.constants)
        for name, target in self.copies:
            value = event.get(name)
            if isinstance(value, list) or (value is not None and value not in _EMPTY):
                event[target] = value
        for name, convert, target in self.conversions:
            value = event.get(name)
            # A longer text is no path, account or address, and would fill the caches of the conversions.
            if isinstance(value, str) and value not in _EMPTY and len(value) <= _LONGEST_CONVERTED:
                convert(event, value, target)


@cache
def event_table() -> EventTable:
    """The table shipped beside this module."""
    text = files(__package__).joinpath("events.yml").read_text(encoding="utf-8")
    return EventTable.model_validate(yaml.safe_load(text))


@lru_cache(_KEPT_PLANS)
def plan_of(channel: str, event_id: str) -> Plan:
    """The plan for the events of a channel with an id; one that the table does not know gets its dataset only."""
    table = event_table()
    entry = table.channels.get(channel.lower(), ChannelEntry())
    constants: dict[str, Value] = {"event.module": "windows", "event.dataset": _dataset(channel, entry)}
    known = entry.events.get(event_id)
    if known is not None:
        constants |= _constants(known)
    copies: list[tuple[str, str]] = []
    conversions: list[tuple[str, Conversion, str]] = []
    for field_set in entry.fields + (known.fields if known else ()):
        for name, rule in table.fields[field_set].items():
            kind, target = rule.split()
            if kind == "text":
                copies.append((f"{EVENT_DATA}{name}", target))
            else:
                conversions.append((f"{EVENT_DATA}{name}", CONVERSIONS[kind], target))
    return Plan(constants, tuple(copies), tuple(conversions))


def _constants(entry: EventEntry) -> dict[str, Value]:
    constants: dict[str, Value] = {"event.action": entry.action}
    if entry.category:
        constants["event.category"] = list(entry.category)
    if entry.type:
        constants["event.type"] = list(entry.type)
    if entry.outcome:
        constants["event.outcome"] = entry.outcome
    return constants


def _dataset(channel: str, entry: ChannelEntry) -> str:
    """``windows.`` and the channel's name in lower case, other characters than letters and digits as ``_``."""
    if entry.dataset:
        return entry.dataset
    name = channel.lower().removeprefix(_VENDOR_PREFIX)
    words = "".join(character if character.isalnum() else " " for character in name).split()
    return f"windows.{'_'.join(words) or 'unknown'}"
