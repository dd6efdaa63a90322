"""Whose an alert is: the unit that answers for its events by the rule's accountable party, and their system."""

from __future__ import annotations

from collections.abc import Iterable

from detection.rules import AccountableParty
from events import Event, Value, values_of

_SYSTEM = "fengsui.system.id"
_UNIT = "fengsui.unit.id"
_UNIT_OF_PARTY: dict[AccountableParty | None, str] = {
    None: _UNIT,
    AccountableParty.PROVIDER: "fengsui.data.provider",
    AccountableParty.CONSUMER: "fengsui.consumer.unit",
    AccountableParty.OPERATOR: "fengsui.system.operator",
}


def accountable_unit(events: Iterable[Event], party: AccountableParty | None = None) -> str | None:
    """The unit that answers for all of these events; where the party is not known, the unit that they are of.

    None where several answer, or nobody that is registered: such an alert is for those who watch over all units.
    """
    field = _UNIT_OF_PARTY[party]
    return _only(event.get(field) or event.get(_UNIT) for event in events)


def common_system(events: Iterable[Event]) -> str | None:
    """The system in which all of these events happened; None where there are several or none."""
    return _only(event.get(_SYSTEM) for event in events)


def _only(values: Iterable[Value]) -> str | None:
    """What every event says alike; one that says nothing, or several things, agrees with none."""
    found = {each for value in values for each in (values_of(value) or [None])}
    [only] = found if len(found) == 1 else {None}
    return only if isinstance(only, str) and only else None
