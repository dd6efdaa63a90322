"""The shape of a grading scheme (``policies/classification/grading/*.yml``) and what can be read off it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from classification.grading.errors import UnknownGradeError

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_]*$", max_length=64)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(_Strict):
    """Words for people, in both languages."""

    zh: str
    en: str


class Grade(_Strict):
    """One grade; resources of a ``registered`` one stand in the register of important data."""

    id: Id
    label: Label
    meaning: Label
    registered: bool = False


class Impact(_Strict):
    """What the leak of a category harms and how much, or the grade itself where a scheme names it."""

    object: Id | None = None
    degree: Id | None = None
    grade: Id | None = None
    unverified: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.grade is None) == (self.object is None) or (self.object is None) != (self.degree is None):
            raise ValueError("give either a grade, or an object with a degree")
        return self


class Combination(_Strict):
    """Categories that weigh more together: one of every group of ``all_of`` in a table asks for ``grade``."""

    id: Id
    why: Label
    all_of: tuple[frozenset[Id], ...] = Field(min_length=2)
    grade: Id
    unverified: bool = False


class Volume(_Strict):
    """Data of so many subjects, from a grade on, asks for ``grade``."""

    id: Id
    why: Label
    from_grade: Id
    subjects: int = Field(gt=0)
    grade: Id
    unverified: bool = False


class Scheme(_Strict):
    """A scheme; grades stand from the lowest to the highest. The name is the file's."""

    name: str = ""
    title: Label
    confidence_minimum: float = Field(ge=0, le=1)
    grades: tuple[Grade, ...] = Field(min_length=1)
    degrees: dict[Id, Label] = Field(default_factory=dict)
    objects: dict[Id, Label] = Field(default_factory=dict)
    matrix: dict[Id, dict[Id, Id]] = Field(default_factory=dict)
    categories: dict[Id, Impact]
    combinations: tuple[Combination, ...] = ()
    volumes: tuple[Volume, ...] = ()

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        if len(self.grade_ids) != len(self.grades):
            raise ValueError("two grades have the same id; rename one")
        for name, row in self.matrix.items():
            if name not in self.objects or row.keys() != self.degrees.keys():
                raise ValueError(f"matrix.{name}: name an object, and every degree once")
        for name, impact in self.categories.items():
            if impact.object is not None and impact.degree not in self.matrix.get(impact.object, {}):
                raise ValueError(f"categories.{name}: the matrix has no {impact.object} with {impact.degree}")
        if unknown := self._named_grades() - self.grade_ids.keys():
            raise ValueError(f"unknown grades {sorted(unknown)}; add them under grades")
        return self

    @cached_property
    def grade_ids(self) -> dict[str, int]:
        """The grades' ids with their ranks, 0 for the lowest."""
        return {grade.id: rank for rank, grade in enumerate(self.grades)}

    def grade_of(self, category: str) -> str | None:
        """The grade that a category asks for; None where the scheme doesn't name it."""
        impact = self.categories.get(category)
        if impact is None or impact.object is None or impact.degree is None:
            return impact.grade if impact else None
        return self.matrix[impact.object][impact.degree]

    def grade(self, grade_id: str) -> Grade:
        """The grade of an id.

        Raises:
            UnknownGradeError: there is none in this scheme.
        """
        return self.grades[self.rank(grade_id)]

    def rank(self, grade_id: str) -> int:
        """How high a grade stands, 0 for the lowest.

        Raises:
            UnknownGradeError: there is none of this id in this scheme.
        """
        try:
            return self.grade_ids[grade_id]
        except KeyError:
            known = ", ".join(self.grade_ids)
            raise UnknownGradeError(f"{self.name or 'the scheme'} has no grade {grade_id!r}; it has {known}") from None

    def highest(self, grade_ids: Iterable[str | None]) -> str | None:
        """The highest of some grades; None stands below all.

        Raises:
            UnknownGradeError: one is not of this scheme.
        """
        return max((each for each in grade_ids if each is not None), key=self.rank, default=None)

    def _named_grades(self) -> set[str]:
        named = {grade for row in self.matrix.values() for grade in row.values()}
        named |= {impact.grade for impact in self.categories.values() if impact.grade is not None}
        named |= {rule.grade for rule in self.combinations}
        return named.union(*({rule.from_grade, rule.grade} for rule in self.volumes))
