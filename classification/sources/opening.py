"""Finds out what somebody means by a source."""

from __future__ import annotations

from pathlib import Path

from classification.sources.addresses import is_address, parse_address
from classification.sources.contract import Source
from classification.sources.database import DatabaseSource
from classification.sources.errors import SourceNotFoundError
from classification.sources.files import FileSource
from classification.sources.policy import Sampling


def open_source(text: str, sampling: Sampling | None = None) -> Source:
    """The file, folder or database (a SQLAlchemy URL) that a text names; nothing is read yet.

    Args:
        text: a path or an address.
        sampling: how the tables of a database are read; by policy where it is None.

    Raises:
        SourceNotFoundError: it is none of them; the message shows no credentials.
    """
    if is_address(text):
        return DatabaseSource(parse_address(text), sampling)
    path = Path(text)
    if not path.exists():
        raise SourceNotFoundError(f"{text}: no such file or folder; name a file, a folder or a SQLAlchemy URL")
    return FileSource(path)
