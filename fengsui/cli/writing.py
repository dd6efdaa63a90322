"""Documents that a command gives: into a file, or to standard output."""

from __future__ import annotations

from pathlib import Path

from fengsui.errors import FengsuiError
from fengsui.output import write_bytes


def write_document(path: Path | None, content: bytes) -> None:
    """Write a document into a file, to standard output where none is named.

    Raises:
        FengsuiError: the file can't be written.
    """
    if path is None:
        write_bytes(content)
        return
    try:
        path.write_bytes(content)
    except OSError as error:
        raise FengsuiError(f"{path}: {error.strerror}; choose another place") from error
