"""Outlines of Windows events: from where the values of a document's shape go to the fields of the whole event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from collectors.normalizers.windows.event_table import EVENT_DATA, Plan
from collectors.normalizers.windows.head import CLASSIC_POWERSHELL, DERIVED, plan_for
from events import Event, Origin, Outline, Proof, Value


@dataclass(frozen=True, slots=True)
class Head:
    """What a dialect tells of the documents of one shape.

    Attributes:
        origins: the fields that come from one value each, before ECS names are derived.
        others: fields that may be there besides.
        lists: names of the values that are lists.
        settled_by: names of the values that decide; those of the channel and the event id are among them.
        proof: which documents certainly become an event.
    """

    origins: Mapping[str, Origin]
    others: frozenset[str]
    lists: tuple[str, ...]
    settled_by: tuple[str, ...]
    proof: Proof


def outline_of(event: Event, head: Head) -> Outline:
    """The outline of ``event`` and all like it, for shippers that send the rendered message (``complete_rendered``)."""
    origins = dict(head.origins)
    if event.get("winlog.channel") == CLASSIC_POWERSHELL and "message" in origins:
        origins.setdefault(f"{EVENT_DATA}Data", origins["message"])
    plan = plan_for(event)
    writers = _writers(plan, origins.keys() | head.others)
    settled: dict[str, Value] = {**plan.constants, "event.code": event["winlog.event_id"], "host.os.type": "windows"}
    constants = {name: value for name, value in settled.items() if name not in writers}
    origins |= {
        output: Origin(origins[names[0]].name, partial(_written, plan, names[0], origins[names[0]], output))
        for output, names in writers.items()
        if len(names) == 1 and names[0] in origins and output not in settled
    }
    others = {*head.others, *DERIVED, *writers}.difference(constants)
    doubtful = others.difference(origins) | head.others
    sure = {name: origin for name, origin in origins.items() if name not in doubtful and name not in constants}
    return Outline(head.settled_by, _of_flat_lists(head.proof, head.lists), sure, constants, frozenset(doubtful))


def lists_of(document: Mapping[str, object]) -> tuple[str, ...]:
    """The names of the values that are lists."""
    return tuple(name for name, value in document.items() if isinstance(value, list))


def _of_flat_lists(proof: Proof, lists: tuple[str, ...]) -> Proof:
    """The same proof, for documents whose lists hold texts alone: what is nested in one might be nested too deeply."""
    if not lists:
        return proof
    count, holds = len(proof.names), proof.holds

    def holds_with_lists(*values: Any) -> bool:  # noqa: ANN401 (values of the record)
        try:
            for texts in values[count:]:
                "".join(texts)
        except TypeError:  # not all of them are
            return False
        return holds(*values[:count])

    return Proof((*proof.names, *lists), holds_with_lists)


def _writers(plan: Plan, present: set[str]) -> dict[str, list[str]]:
    """By ECS name, the fields of the data that it may be written from."""
    writers: dict[str, list[str]] = {}
    for name, outputs in plan.writers():
        if name in present:
            for output in outputs:
                writers.setdefault(output, []).append(name)
    return writers


def _written(plan: Plan, name: str, origin: Origin, output: str, value: object) -> Value:
    """What the plan makes of a value of the document under an ECS name."""
    event: Event = {name: value if origin.convert is None else origin.convert(value)}  # type: ignore[dict-item]  # a text
    plan.apply(event)
    return event.get(output)
