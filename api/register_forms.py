"""Entries of the registry as forms write them: one text a column, as in a row of a register's file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.caller import Caller
from api.dependencies import ApiDependencies
from api.registry_work import change_entry, create_entry
from registry import ContradictionError, EntryExistsError
from registry.entries.problems import ValueProblem, problems_of
from registry.importing import ImportKind
from registry.importing.columns import ENTRY_OF, columns_of, entry_values
from registry.registers import ACCOUNTS, CONSUMERS, RESOURCES, SYSTEMS, UNITS, Register

Cells = Mapping[str, object]
_FIELDS = "fields"
"""What a resource has beside its columns."""
M = TypeVar("M", bound=BaseModel)
REGISTERS: Mapping[ImportKind, Register[Any, Any]] = {
    ImportKind.UNITS: UNITS,
    ImportKind.SYSTEMS: SYSTEMS,
    ImportKind.RESOURCES: RESOURCES,
    ImportKind.CONSUMERS: CONSUMERS,
    ImportKind.ACCOUNTS: ACCOUNTS,
}
"""The registers that are written entry by entry."""


class RefusedEntryError(Exception):
    """What a form says is no entry, or contradicts another; ``problems`` tells what is wrong, value by value."""

    def __init__(self, problems: list[ValueProblem]) -> None:
        """Keep what is wrong."""
        super().__init__(f"{len(problems)} values are refused")
        self.problems = problems


def save_entry(
    dependencies: ApiDependencies, kind: ImportKind, cells: Cells, caller: Caller, entry_id: str | None
) -> Any:  # noqa: ANN401 (an entry of the kind)
    """Register an entry, or change the one of an id.

    Raises:
        RefusedEntryError: a value is wrong, or contradicts another entry.
        EntryNotFoundError: there is no such entry of the caller's.
    """
    entry = entry_of(ENTRY_OF[kind], entry_values(kind, cells), (*columns_of(kind), _FIELDS))
    register = REGISTERS[kind]
    try:
        if entry_id is None:
            return create_entry(dependencies, register, entry, caller)
        return change_entry(dependencies, register, entry_id, entry, caller)
    except (ContradictionError, EntryExistsError) as error:
        raise RefusedEntryError([contradiction(error)]) from error


def entry_of(model: type[M], values: Mapping[str, object], columns: tuple[str, ...]) -> M:
    """The entry of some values.

    Raises:
        RefusedEntryError: a value is wrong.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise RefusedEntryError(problems_of(error, columns)) from error


def contradiction(error: ContradictionError | EntryExistsError) -> ValueProblem:
    """What contradicts another entry, as a problem of its value."""
    if isinstance(error, ContradictionError):
        return ValueProblem(error.column, error.code, error.message)
    return ValueProblem("id", "exists", str(error))
