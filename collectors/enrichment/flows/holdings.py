"""What a flow's resource is, and how sensitive the fields are that were taken."""

from __future__ import annotations

from collections.abc import Iterable

from classification.grading import Scheme
from collectors.enrichment.flows.policy import FlowPolicy
from collectors.enrichment.flows.vocabulary import UNREGISTERED
from events import Event, Scalar
from registry.index import Field, RegistryIndex, Resource

_ALL = "*"


class Holdings:
    """Looks resources up in one state of the registry; remembers what it found."""

    def __init__(self, index: RegistryIndex, scheme: Scheme, policy: FlowPolicy) -> None:
        """Take the index and the scheme that grades follow."""
        self._index = index
        self._scheme = scheme
        self._ranks = scheme.grade_ids
        self._high = scheme.rank(policy.high_grades[scheme.name]) if scheme.name in policy.high_grades else None
        self._remembered: dict[tuple[str, tuple[str, ...] | None, tuple[str, ...]], Event] = {}
        self._most = policy.remembered

    def fields_of(self, resource: Resource | None, taken: tuple[str, ...] | None, seen: tuple[str, ...]) -> Event:
        """The event fields of a resource; not to be changed.

        Args:
            resource: what was taken, None for what is not registered.
            taken: names of the fields taken, None where that is not known.
            seen: categories that a body was seen to hold.
        """
        key = (resource.id if resource else "", taken, seen)
        found = self._remembered.get(key)
        if found is None:
            if len(self._remembered) >= self._most:
                self._remembered.clear()
            found = self._remembered[key] = self._found(resource, taken, seen)
        return found

    def is_high(self, grade: str | None) -> bool:
        """Whether a grade is high by policy."""
        return grade in self._ranks and self._high is not None and self._ranks[grade] >= self._high

    def highest(self, grades: Iterable[str | None]) -> str | None:
        """The highest of grades; those of another scheme than the one in force do not count."""
        return max((each for each in grades if each in self._ranks), key=self._ranks.__getitem__, default=None)

    def grade_of(self, resource: Resource) -> str | None:
        """The resource's grade: as confirmed, else as its fields and categories ask for."""
        if resource.grade is not None:
            return resource.grade
        return self.highest(
            [*map(self._field_grade, resource.fields.values()), *map(self._scheme.grade_of, resource.categories)]
        )

    def _found(self, resource: Resource | None, taken: tuple[str, ...] | None, seen: tuple[str, ...]) -> Event:
        event: Event = {}
        grade = self.highest(map(self._scheme.grade_of, seen))
        categories = set(seen)
        if resource is None:
            event["fengsui.data.resource"] = UNREGISTERED
        else:
            own_grade, own = self._of_fields(resource, taken)
            grade = self.highest([grade, own_grade])
            categories |= own
            event |= self._identity(resource)
        if grade is not None:
            event["fengsui.data.grade"] = grade
            event["fengsui.data.high_grade"] = self.is_high(grade)
        if categories:
            event |= {"fengsui.data.categories": list[Scalar](sorted(categories))}
        return event

    def _identity(self, resource: Resource) -> Event:
        event: Event = {
            "fengsui.data.resource": resource.id,
            "fengsui.data.resource_name": resource.name,
            "fengsui.data.provider": resource.provider_id,
            "fengsui.unit.id": resource.provider_id,
        }
        if resource.system_id:
            event["fengsui.system.id"] = resource.system_id
        parents = [found for each in resource.parents if (found := self._index.resource(each)) is not None]
        if parents:
            own, highest = self.grade_of(resource), self.highest(map(self.grade_of, parents))
            event["fengsui.data.parents"] = [*(each.id for each in parents)]
            event["fengsui.data.under_graded"] = (
                resource.grade is not None and highest is not None and self.highest([own, highest]) != own
            )
        return event

    def _of_fields(self, resource: Resource, taken: tuple[str, ...] | None) -> tuple[str | None, set[str]]:
        """Grade and categories of the fields taken; of all where they are not known, or one of them is not."""
        by_name = {name.casefold(): each for name, each in resource.fields.items()}
        if taken is None or _ALL in taken or not by_name:
            return self.grade_of(resource), {
                *resource.categories,
                *(category for each in resource.fields.values() for category in each.categories),
            }
        fields = [by_name[name.casefold()] for name in taken if name.casefold() in by_name]
        grade = self.highest(map(self._field_grade, fields))
        if len(fields) < len(taken):
            grade = self.highest([grade, self.grade_of(resource)])
        return grade, {category for each in fields for category in each.categories}

    def _field_grade(self, field: Field) -> str | None:
        return field.grade or self.highest(map(self._scheme.grade_of, field.categories))
