"""What can be wrong with an entry of the registry."""

from __future__ import annotations

from collections.abc import Collection


class RegistryError(Exception):
    """Root of this part's errors; says which entry, what and what to do next."""


class EntryNotFoundError(RegistryError):
    """There is no such entry, or none that the caller may see."""


class EntryExistsError(RegistryError):
    """An entry of this id exists already."""


class ContradictionError(RegistryError):
    """An entry contradicts another: an unknown unit, a cycle, an address or a path that belongs to another.

    Attributes:
        column: the value that is wrong.
        message: what is wrong with it and what to do.
        code: which contradiction it is, stable.
    """

    def __init__(self, column: str, message: str, code: str = "contradiction") -> None:
        """Keep which value is wrong."""
        super().__init__(f"{column}: {message}")
        self.column = column
        self.message = message
        self.code = code


class GrantTransitionError(RegistryError):
    """The state of a grant, or who asks, does not allow the step."""


class ImportFileError(RegistryError):
    """A file can't be read as a register at all; nothing was taken from it.

    Attributes:
        code: why, stable.
        columns: those that the message names.
        values: what else it names, by what it is.
    """

    def __init__(self, code: str, message: str, columns: Collection[str] = (), **values: object) -> None:
        """Keep why the file can't be read."""
        super().__init__(message)
        self.code = code
        self.columns = columns
        self.values = values


class TrialNotFoundError(RegistryError):
    """A file that was tried is not kept any more, or is somebody else's."""
