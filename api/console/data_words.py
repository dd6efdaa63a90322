"""What the codes of registry and classification are called in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from api.console.translation import catalog
from api.dependencies import Language
from classification.grading import default_scheme, load_scheme, scheme_names
from classification.identifiers import load_identifiers
from registry.labels import registry_labels
from registry.policy import zone_policy


class _Bilingual(Protocol):
    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


@dataclass(frozen=True, slots=True)
class DataWords:
    """Names of codes; a code that nothing names stands for itself."""

    language: Language

    def of(self, label: _Bilingual) -> str:
        """A label in the reader's language."""
        return label.zh if self.language == "zh" else label.en

    def grade(self, grade_id: str | None) -> str:
        """A grade's name, of whichever scheme it is."""
        for name in (default_scheme().name, *scheme_names()):
            scheme = load_scheme(name)
            if grade_id in scheme.grade_ids:
                return self.of(scheme.grade(str(grade_id)).label)
        return grade_id or "—"

    def rank(self, grade_id: str | None) -> int | None:
        """How high a grade stands in the scheme that counts, 0 for the lowest; None where it is not of it."""
        return default_scheme().grade_ids.get(grade_id or "")

    def grades(self) -> list[tuple[str, str]]:
        """The grades of the scheme that counts with their names, the highest first."""
        return [(each.id, self.of(each.label)) for each in reversed(default_scheme().grades)]

    def category(self, category: str) -> str:
        """A category's name."""
        known = load_identifiers().identifiers.get(category)
        return self.of(known.label) if known else category

    def categories(self, listed: Iterable[str] | None = None) -> list[tuple[str, str]]:
        """Categories with their names; all that detectors know where none are listed."""
        return [(each, self.category(each)) for each in (load_identifiers().identifiers if listed is None else listed)]

    def evidence(self, code: str, values: Sequence[str], detail: str) -> str:
        """Why a category was found; ``detail`` as it is where what is kept does not tell which sentence it is."""
        words, key = catalog(self.language), f"evidence_said.{code}"
        if not words.has(key):
            return detail
        if code == "beside":
            between = "、" if self.language == "zh" else ", "
            values = [between.join(self.category(each) for each in values)]
        return words(key, **dict(zip("abc", values, strict=False)))

    def code(self, value: str, kind: str) -> str:
        """The name of a registry's code; ``kind`` is its table in the registry's labels, as ``grant_states``."""
        for code, label in getattr(registry_labels(), kind).items():
            if str(code) == value:
                return self.of(label)
        return value

    def zone(self, zone: str) -> str:
        """A zone's name."""
        known = zone_policy().zones.get(zone)
        return self.of(known) if known else zone

    def flow_word(self, value: str) -> str:
        """What stands in a flow for what nobody registered or nobody can tell; other values stand for themselves."""
        key = f"flow_word.{value}"
        words = catalog(self.language)
        return words(key) if words.has(key) else value

    def status(self, value: str) -> str:
        """The name of what a flow is to the grants."""
        named = self.code(value, "grant_statuses")
        return self.flow_word(value) if named == value else named
