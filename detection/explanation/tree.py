"""The shape of an explanation: the routes to a rule, and under each its condition with a verdict at every node."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from events import Scalar


class Reason(StrEnum):
    """Why a comparison came out as it did."""

    HELD = "held"
    MISSING_FIELD = "missing_field"
    OTHER_VALUE = "other_value"


class Joint(StrEnum):
    """What joins the parts of a group."""

    ALL = "all"
    ANY = "any"
    NOT = "not"
    SELECTION = "selection"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of a field.

    Attributes:
        field: the field as the rule names it; None for a keyword.
        modifier: how it is compared, in Sigma's words (``contains``, ``re|i``, ``null``).
        pattern: with what.
        event_fields: where the event was looked at; none when it has no such field.
        values: what stands there, long texts cut.
    """

    field: str | None
    modifier: str
    pattern: str
    event_fields: tuple[str, ...]
    values: tuple[Scalar, ...]
    held: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class Group:
    """Parts joined; ``name`` is that of a selection. Under ``not`` the group holds when its part does not."""

    joint: Joint
    name: str
    held: bool
    parts: tuple[Node, ...]


Node: TypeAlias = Comparison | Group


@dataclass(frozen=True, slots=True)
class RouteCondition:
    """A field by whose value events are routed: what is accepted (``*`` at the end: anything), what the event has."""

    field: str
    accepted: tuple[str, ...]
    values: tuple[Scalar, ...]
    held: bool


@dataclass(frozen=True, slots=True)
class RouteCheck:
    """One way to the rule: whether the event takes it, and the rule's condition with the field names of that way.

    ``condition`` is None for the ways not taken, but for the nearest of them when none is taken.
    """

    logsource: str
    conditions: tuple[RouteCondition, ...]
    taken: bool
    condition: Node | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a rule matches an event, or not: it does when a route is taken under which the condition holds."""

    rule_id: str
    title: str
    matched: bool
    routes: tuple[RouteCheck, ...]
