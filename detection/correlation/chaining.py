"""Correlations over correlations: what one needs of another, and occurrences as items of the one above.

An occurrence has the fields its correlation groups by. Any other field is taken from the events in its window, as the
specification asks where it lets a correlation group by a field of its own (2.1, "Ordered Temporal Proximity", note):
the occurrence then counts for every value that the field has there.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from detection.correlation.extraction import combinations_of, joined, number_of
from detection.correlation.item import Details, Item, Measured, Occurrence, Origin, folded, key_of, texts_of
from detection.rules.correlation_rule import NUMERIC, CorrelationRule


@dataclass(frozen=True, slots=True)
class Link:
    """A correlation's reference to another: the places of both in the family, and the slot."""

    child: int
    parent: int
    slot: int


def families_of(correlations: Iterable[CorrelationRule]) -> list[list[CorrelationRule]]:
    """Correlations that are chained to each other, each family with those referred to before those that refer."""
    placed: dict[CorrelationRule, list[CorrelationRule]] = {}
    for correlation in correlations:
        _place(correlation, placed)
    return list({id(family): family for family in placed.values()}.values())


def _place(correlation: CorrelationRule, placed: dict[CorrelationRule, list[CorrelationRule]]) -> None:
    if correlation in placed:
        return
    family: list[CorrelationRule] = []
    for reference in correlation.references:
        if isinstance(reference, CorrelationRule):
            _place(reference, placed)
            family = _joined_families(placed[reference], family, placed)
    family.append(correlation)
    placed[correlation] = family


def _joined_families(
    first: list[CorrelationRule], second: list[CorrelationRule], placed: dict[CorrelationRule, list[CorrelationRule]]
) -> list[CorrelationRule]:
    if first is second:
        return first
    for correlation in second:
        placed[correlation] = first
    first += second
    return first


def links_of(family: Sequence[CorrelationRule]) -> list[Link]:
    """The references within a family."""
    places = {correlation: place for place, correlation in enumerate(family)}
    return [
        Link(places[reference], parent, slot)
        for parent, correlation in enumerate(family)
        for slot, reference in enumerate(correlation.references)
        if isinstance(reference, CorrelationRule)
    ]


def carried_fields(family: Sequence[CorrelationRule], links: Iterable[Link]) -> list[tuple[str, ...]]:
    """For each correlation the fields, beyond those it groups by, that the ones over it ask for."""
    carried: dict[int, dict[str, None]] = defaultdict(dict)
    by_parent: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        by_parent[link.parent].append(link)
    for parent in range(len(family) - 1, -1, -1):
        rule = family[parent]
        for link in by_parent[parent]:
            wanted = [rule.field_of(link.slot, name) for name in (*rule.group_by, *rule.condition.fields)]
            asked = (name for name in (*wanted, *carried[parent]) if name not in family[link.child].group_by)
            carried[link.child].update(dict.fromkeys(asked))
    return [tuple(carried[place]) for place in range(len(family))]


def occurrence_id(rule: CorrelationRule, time: int, key: Sequence[str]) -> str:
    """The same for the same correlation, end of the window and group."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (rule.id, str(time), *key):
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(4, "big") + data)
    return digest.hexdigest()


class Lift:
    """Makes the occurrences of a correlation items of one that refers to it."""

    def __init__(self, family: Sequence[CorrelationRule], link: Link, carried: Sequence[tuple[str, ...]]) -> None:
        """Prepare; ``carried`` is what ``carried_fields`` gave."""
        self.link = link
        self._child = family[link.child]
        self._carried = carried[link.child]
        parent = family[link.parent]
        self._names = [
            [parent.field_of(link.slot, name) for name in parent.group_by],
            [parent.field_of(link.slot, name) for name in parent.condition.fields],
            carried[link.parent],
        ]
        self._numeric = parent.type in NUMERIC

    def items(self, occurrence: Occurrence) -> Iterator[Item]:
        """The items that an occurrence is: one for each group of the correlation above that it belongs to."""
        base = Item(
            occurrence.time,
            occurrence_id(self._child, occurrence.time, texts_of(occurrence.key)),
            (),
            (),
            Origin(self.link.parent, self.link.slot, occurrence.last.origin.dataset),
            Details(events=tuple(events_of(occurrence.fresh))),
        )
        own = dict(zip(self._child.group_by, texts_of(occurrence.last.shown), strict=True))
        contexts = {item.details.carried: None for item in occurrence.window} if self._carried else {(): None}
        known: set[tuple[object, ...]] = set()
        for context in contexts:
            fields: dict[str, Sequence[str]] = {name: (text,) for name, text in own.items()}
            fields |= {name: texts for name, texts in zip(self._carried, context, strict=True) if texts}
            item = self._item(base, fields)
            if item is not None and (place := (item.key, item.values, item.details.carried)) not in known:
                known.add(place)
                yield item

    def _item(self, base: Item, fields: Mapping[str, Sequence[str]]) -> Item | None:
        group_by, measured, carried = self._names
        shown = [joined(fields.get(name, ())) for name in group_by]
        if None in shown:
            return None
        texts = tuple(text for text in shown if text is not None)
        return base._replace(
            key=key_of([folded(text) for text in texts]),
            values=self._values([fields.get(name, ()) for name in measured]) if measured else (),
            details=base.details._replace(
                shown=key_of(texts),
                carried=tuple(tuple(fields[name]) if name in fields else None for name in carried),
            ),
        )

    def _values(self, given: Sequence[Sequence[str]]) -> tuple[Measured, ...]:
        if self._numeric:
            return tuple(number for text in given[0] if (number := number_of(text)) is not None)
        return combinations_of([[folded(text) for text in texts] for texts in given])


def events_of(items: Iterable[Item]) -> dict[tuple[str, int], None]:
    """The events behind items, each once, in order."""
    events: dict[tuple[str, int], None] = {}
    for item in items:
        if item.details.events:
            events.update(dict.fromkeys(item.details.events))
        else:
            events[item.id, item.time] = None
    return events
