"""What files of the registers and what came of them are called in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from api.console.data_words import DataWords
from api.console.form_inputs import CODE_TABLES
from api.console.translation import Catalog
from registry import ImportFileError
from registry.importing import ImportKind, RowProblem
from registry.labels import registry_labels

_BOOLEANS = frozenset({"is_critical", "masked"})
_TABLES = {**CODE_TABLES, ("grants", "state"): "grant_states"}


@dataclass(frozen=True, slots=True)
class ImportWords:
    """The words for files of one register."""

    data: DataWords
    t: Catalog
    kind: ImportKind

    @property
    def name(self) -> str:
        """What the register is called."""
        return self.data.of(registry_labels().registers[self.kind.value].label)

    @property
    def _between(self) -> str:
        return "、" if self.data.language == "zh" else ", "

    def column(self, column: str) -> str:
        """What a column is called; a column that the register lacks stands for itself."""
        label = registry_labels().registers[self.kind.value].columns.get(column)
        return self.data.of(label) if label else column

    def value(self, column: str, text: str) -> str:
        """A value of a column, its codes named."""
        if table := _TABLES.get((self.kind.value, column)):
            return self.data.code(text, table)
        if column in _BOOLEANS:
            return self.data.code(text, "words")
        if column == "grade" and text:
            return self.data.grade(text)
        named = {"categories": self.data.category, "zones": self.data.zone, "zone": self.data.zone}.get(column)
        return self._between.join(map(named, text.split(";"))) if named and text else text

    def problem(self, problem: RowProblem) -> str:
        """What is wrong with a row, in the reader's words where there are any."""
        if problem.other_row is not None:
            return self.t("registry_import.other_row", n=problem.other_row)
        key = f"form_problem.{problem.code}"
        return self.t(key) if self.t.has(key) else self.t("form_problem.other", message=problem.message)

    def refusal(self, error: ImportFileError) -> str:
        """Why a file can't be read at all."""
        listed = registry_labels().registers[self.kind.value].columns
        columns = [self.column(each) for each in listed if each in error.columns]
        return self.t(f"import_refusal.{error.code}", columns=self._between.join(columns), **error.values)
