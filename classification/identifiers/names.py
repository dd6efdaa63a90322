"""How Chinese personal names read: log-odds of characters, and the words around names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property

from pydantic import BaseModel, ConfigDict

from policies import load_policy

_LONGEST = 4
_TWO = 2


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Surnames(_Strict):
    """Characters by how surely they are a surname, and surnames of two characters."""

    clear: str
    usual: str
    shared: str
    seldom: str
    compound: list[str]


class GivenNames(_Strict):
    """Characters by how strongly they speak for a given name."""

    strong: str
    likely: str
    weak: str
    never: str


class NamePolicy(_Strict):
    """Groups of characters and words, and the log-odds of each group."""

    scores: dict[str, float]
    threshold: float
    alone: float
    surnames: Surnames
    given: GivenNames
    before: frozenset[str]
    labels: frozenset[str]
    after: frozenset[str]
    places: list[str]
    honorifics: list[str]
    words: frozenset[str]
    endings: frozenset[str]
    transliteration: str
    not_foreign: list[str]

    @cached_property
    def surname_scores(self) -> Mapping[str, float]:
        """Log-odds of every character that is a surname."""
        groups = self.surnames.model_dump(exclude={"compound"})
        return {character: self.scores[group] for group, members in groups.items() for character in members}

    @cached_property
    def given_scores(self) -> Mapping[str, float]:
        """Log-odds of the characters that aren't like any other in a given name."""
        groups = self.given.model_dump()
        return {character: self.scores[group] for group, members in groups.items() for character in members}

    def given_score(self, character: str) -> float:
        """Log-odds of one character in a given name."""
        return self.given_scores.get(character, self.scores["other"])

    def surname_of(self, text: str) -> str:
        """The surname that a text begins with; "" where it begins with none."""
        if text[:_TWO] in self.surnames.compound:
            return text[:_TWO]
        return text[:1] if text[:1] in self.surname_scores else ""

    def score(self, name: str) -> float:
        """Log-odds that a whole string of Chinese characters is a name; very low for what can't be one."""
        surname = self.surname_of(name)
        given = name[len(surname) :]
        if not surname or not 1 <= len(given) <= _TWO + (len(name) == _LONGEST and surname in self.surname_scores):
            return self.scores["never"]
        base = self.scores["compound"] if len(surname) == _TWO else self.surname_scores[surname]
        total = base + sum(self.given_score(character) for character in given)
        total += self.scores["two_characters"] * (len(given) == 1)
        return total + self.scores["word"] * (name[:_TWO] in self.words)


@cache
def load_names() -> NamePolicy:
    """The names shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("classification/names.yml", NamePolicy)
