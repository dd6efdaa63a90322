"""Grants in memory: found by who takes what, changed one by one without touching the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from registry.index.entries import Consumer, Grant
from registry.vocabulary import ConsumerKind

_Key = tuple[str, str]


class GrantTable:
    """The grants by consumer and resource; never changed, ``with_changes`` makes the next."""

    def __init__(self, by_id: Mapping[str, Grant], consumers: Iterable[Consumer]) -> None:
        """Index them."""
        self._by_id = dict(by_id)
        self._by_pair: dict[_Key, tuple[Grant, ...]] = {}
        for grant in self._by_id.values():
            key = (grant.consumer_id, grant.resource_id)
            self._by_pair[key] = (*self._by_pair.get(key, ()), grant)
        for key, found in self._by_pair.items():
            if len(found) > 1:
                self._by_pair[key] = _by_id(found)
        self._unit_consumers = _unit_consumers(consumers)

    def __len__(self) -> int:
        """How many grants there are."""
        return len(self._by_id)

    def __iter__(self) -> Iterator[Grant]:
        """All of them."""
        return iter(self._by_id.values())

    def get(self, grant_id: str) -> Grant | None:
        """The grant of an id."""
        return self._by_id.get(grant_id)

    def of(self, consumer_id: str, resource_id: str) -> Sequence[Grant]:
        """The grants of a consumer for a resource, by id."""
        return self._by_pair.get((consumer_id, resource_id), ())

    def unit_consumers(self, unit_id: str) -> Sequence[str]:
        """The ids of the consumers that are the unit itself."""
        return self._unit_consumers.get(unit_id, ())

    def with_changes(self, changed: Iterable[Grant], consumers: Iterable[Consumer]) -> GrantTable:
        """The same grants, with these in the place of what they were; costs a copy of two tables."""
        following = GrantTable({}, consumers)
        following._by_id, following._by_pair = self._by_id.copy(), self._by_pair.copy()
        for grant in changed:
            before = following._by_id.get(grant.id)
            for stale in (before, grant):
                if stale is not None:
                    key = (stale.consumer_id, stale.resource_id)
                    kept = tuple(each for each in following._by_pair.get(key, ()) if each.id != grant.id)
                    following._by_pair[key] = kept
            key = (grant.consumer_id, grant.resource_id)
            following._by_id[grant.id] = grant
            following._by_pair[key] = _by_id((*following._by_pair[key], grant))
        return following


def _by_id(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    return tuple(sorted(grants, key=lambda grant: grant.id))


def _unit_consumers(consumers: Iterable[Consumer]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in consumers:
        if each.kind is ConsumerKind.UNIT:
            found[each.unit_id] = (*found.get(each.unit_id, ()), each.id)
    return found
