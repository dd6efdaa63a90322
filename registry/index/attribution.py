"""In which system something happened that logs tell of, and whose it therefore is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from events import Event, Value
from policies import load_policy
from registry.index.entries import System
from registry.index.snapshot import RegistryIndex

SYSTEM, UNIT, OPERATOR = "fengsui.system.id", "fengsui.unit.id", "fengsui.system.operator"
CONSUMER = "fengsui.consumer.id"
_REMEMBERED = 100_000


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Places(_Strict):
    """The fields that tell the place of an event: addresses first, then names."""

    addresses: tuple[str, ...]
    names: tuple[str, ...]


class PlacesOfKind(Places):
    """The same for some datasets."""

    datasets: tuple[str, ...] = Field(min_length=1)


class AttributionPolicy(_Strict):
    """The whole of ``policies/registry/attribution.yml``."""

    kinds: tuple[PlacesOfKind, ...]
    default: Places

    def places(self, dataset: str) -> Places:
        """The fields that tell the place of a dataset's events."""
        for kind in self.kinds:
            if any(fnmatchcase(dataset, pattern) for pattern in kind.datasets):
                return kind
        return self.default


@cache
def attribution_policy() -> AttributionPolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("registry/attribution.yml", AttributionPolicy)


class Attribution:
    """Looks systems up in one state of the registry; remembers what it found."""

    def __init__(self, index: RegistryIndex, policy: AttributionPolicy | None = None) -> None:
        """Take the index."""
        self.index = index
        self._policy = policy or attribution_policy()
        self._places: dict[str, tuple[tuple[str, Callable[[str], System | None]], ...]] = {}
        self._found: dict[tuple[str, str], System | None] = {}

    def attribute(self, events: Iterable[Event]) -> None:
        """Put system, its operator and unit into events; what a flow's resource tells of system and unit stays."""
        systems = self.index.organization.systems
        for event in events:
            known = event.get(SYSTEM)
            if isinstance(known, list):
                continue  # a flow out of several systems
            system = systems.get(known) if isinstance(known, str) else self.system_of(event)
            if system is not None:
                event[SYSTEM] = system.id
                event[OPERATOR] = system.operator_id
                if UNIT not in event:
                    event[UNIT] = system.operator_id

    def system_of(self, event: Mapping[str, Value]) -> System | None:
        """The system in which an event happened; None where nothing in it is registered."""
        dataset = event.get("event.dataset")
        places = self._places.get(dataset) if isinstance(dataset, str) else None
        for field, find in places or self._places_of(str(dataset or "")):
            value = event.get(field)
            if value is not None:
                found = self._look_up(field, value, find)
                if found is not None:
                    return found
        return None

    def parties(self, named: Mapping[str, Value]) -> tuple[str | None, str | None]:
        """(unit, system) of what some fields name: the consumer's unit first, else who runs the system."""
        consumer = self.index.consumers.consumers.get(str(named.get(CONSUMER)))
        system = self.system_of(named)
        unit_id = consumer.unit_id if consumer else system.operator_id if system else None
        return unit_id, system.id if system else None

    def _look_up(self, field: str, value: Value, find: Callable[[str], System | None]) -> System | None:
        if isinstance(value, list):
            return next((found for each in value if (found := find(str(each))) is not None), None)
        key = (field, str(value))
        if key in self._found:
            return self._found[key]
        if len(self._found) >= _REMEMBERED:
            self._found.clear()
        found = self._found[key] = find(key[1])
        return found

    def _places_of(self, dataset: str) -> tuple[tuple[str, Callable[[str], System | None]], ...]:
        places = self._policy.places(dataset)
        by_address = [(field, self.index.system_of) for field in places.addresses]
        by_name = [(field, self.index.system_called) for field in places.names]
        if len(self._places) >= _REMEMBERED:
            self._places.clear()
        found = self._places[dataset] = (*by_address, *by_name)
        return found
