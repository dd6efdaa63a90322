"""The inputs of the registry's forms: one a column, in the order and with the names of the registers' files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from api.console.data_words import DataWords
from api.console.translation import Catalog
from registry.entries.problems import ValueProblem
from registry.importing import ImportKind
from registry.importing.columns import columns_of, required_columns
from registry.labels import registry_labels
from registry.policy import zone_policy

InputKind = Literal["text", "number", "date", "select", "check", "lines", "long"]
Options = Sequence[tuple[str, str]]
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|")
CODE_TABLES = {
    ("units", "level"): "units_of_level",
    ("resources", "kind"): "resource_kinds",
    ("resources", "sharing"): "sharing",
    ("resources", "opening"): "opening",
    ("consumers", "kind"): "consumer_kinds",
    ("accounts", "state"): "account_states",
}
"""The tables of the registry's labels that name the codes of a column."""
_REFERENCES = {
    **dict.fromkeys(("parent_id", "operator_id", "owner_id", "supervisor_id", "provider_id", "unit_id"), "units"),
    "system_id": "systems",
    "consumer_id": "consumers",
}
_LEVELS = ("level", "level_s", "level_a")
_KINDS: Mapping[str, InputKind] = {
    **dict.fromkeys(("contract_end", "updated", "valid_from", "valid_to"), "date"),
    **dict.fromkeys(("records_per_day", "subjects_per_day"), "number"),
    **dict.fromkeys(("is_critical", "masked"), "check"),
    **dict.fromkeys(("dedicated", "parents", "addresses", "log_names"), "lines"),
    **dict.fromkeys(("chief_data_officer", "data_security_lead", "reviewer", "liaison"), "lines"),
    "description": "long",
}


@dataclass(frozen=True, slots=True)
class Input:
    """One input.

    Attributes:
        name: the column.
        label: what people call it.
        kind: how it is filled in.
        value: what stands in it.
        options: what a selection offers, value and name.
        required: whether it has to be filled in.
        hint: how it is filled in; empty for none.
        errors: what is wrong with it.
    """

    name: str
    label: str
    kind: InputKind
    value: str
    options: Options = ()
    required: bool = False
    hint: str = ""
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class FormWords:
    """What a form is written with: its words, and the entries that its selections offer, by register."""

    data: DataWords
    t: Catalog
    entries: Mapping[str, Options]

    def label(self, kind: ImportKind, column: str) -> str:
        """What a column is called."""
        return self.data.of(registry_labels().registers[kind.value].columns[column])

    def hint(self, kind: ImportKind, column: str) -> str:
        """How a column is filled in; empty where its name says it."""
        keys = (f"form_hint.{kind.value}.{column}", f"form_hint.any.{column}")
        return next((self.t(key) for key in keys if self.t.has(key)), "")

    def problem(self, problem: ValueProblem) -> str:
        """What is wrong, in the reader's words where there are any."""
        row = self.t("form_problem.row", n=problem.place + 1) if problem.place is not None else ""
        key = f"form_problem.{problem.code}"
        return row + (self.t(key) if self.t.has(key) else self.t("form_problem.other", message=problem.message))


def inputs_of(
    kind: ImportKind, cells: Mapping[str, str], words: FormWords, problems: Sequence[ValueProblem]
) -> list[Input]:
    """The inputs of a register's form, filled with cells and with what is wrong with them."""
    return [
        _input((kind, column), cells.get(column, ""), words, [each for each in problems if each.column == column])
        for column in columns_of(kind)
    ]


def _input(column_of: tuple[ImportKind, str], value: str, words: FormWords, problems: Sequence[ValueProblem]) -> Input:
    kind, column = column_of
    options = _options(kind, column, value, words)
    return Input(
        column,
        words.label(kind, column),
        "select" if options else _kind(column, value),
        value.replace(";", "\n") if _KINDS.get(column) == "lines" else value,
        options,
        required=column in required_columns(kind),
        hint=words.hint(kind, column),
        errors=[words.problem(each) for each in problems],
    )


def _kind(column: str, value: str) -> InputKind:
    kind = _KINDS.get(column, "text")
    return "text" if kind == "date" and not _DATE.fullmatch(value) else kind


def _options(kind: ImportKind, column: str, value: str, words: FormWords) -> Options:
    """What a column's selection offers, with what stands there now; nothing for a column that is written freely."""
    table = CODE_TABLES.get((kind.value, column))
    found: Options = ()
    if table is not None:
        found = [(str(code), words.data.of(label)) for code, label in getattr(registry_labels(), table).items()]
    elif kind is ImportKind.SYSTEMS and column in _LEVELS:
        found = [(str(level), str(level)) for level in range(1, 6)]
    elif column == "zone":
        found = [(zone, words.data.zone(zone)) for zone in zone_policy().zones]
    elif column == "grade":
        found = words.data.grades()
    elif column in _REFERENCES:
        found = words.entries.get(_REFERENCES[column], ())
    return [*found, (value, value)] if found and value and value not in dict(found) else found
