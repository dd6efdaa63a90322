"""What may be scanned in the background, and where its password comes from.

Whoever registers a source over the API is not the operator of this machine: they reach neither files outside the
folders that the settings name, nor variables and files that were not put there for sources.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from sqlalchemy.engine import URL

from classification.scans.errors import InvalidDataSourceError
from classification.source_limits import SourceLimits
from classification.sources import (
    DatabaseSource,
    FileSource,
    Sampling,
    Source,
    SourceNotFoundError,
    is_address,
    parse_address,
    public_name,
    scan_policy,
)

_VARIABLE = re.compile(r"FENGSUI_SOURCE_[A-Z0-9_]+")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def location_of(address: str, limits: SourceLimits) -> str:
    """What people see of an address.

    Raises:
        InvalidDataSourceError: it may not be scanned.
    """
    if not is_address(address):
        return str(_allowed_path(address, limits))
    url = _allowed_url(address, limits)
    return public_name(url)


def check_password_from(reference: str) -> None:
    """Check the form of a reference to a password.

    Raises:
        InvalidDataSourceError: it is neither ``env:FENGSUI_SOURCE_…`` nor ``file:NAME``.
    """
    kind, _, name = reference.partition(":")
    if not {"env": _VARIABLE, "file": _FILE}.get(kind, re.compile(r"(?!)")).fullmatch(name):
        raise InvalidDataSourceError(
            "password_from: write env:FENGSUI_SOURCE_… for a variable of the environment, "
            "or file:NAME for a file in the folder of source secrets",
            "password_reference",
        )


def open_location(address: str, password_from: str | None, sampling: Sampling, limits: SourceLimits) -> Source:
    """The source at an address, with its password from where it is kept.

    Raises:
        InvalidDataSourceError: it may not be scanned, or its password is not there.
    """
    if not is_address(address):
        return FileSource(_allowed_path(address, limits))
    url = _allowed_url(address, limits)
    return DatabaseSource(url.set(password=_password(password_from, limits)) if password_from else url, sampling)


def _allowed_path(text: str, limits: SourceLimits) -> Path:
    path = Path(text).resolve()
    if not any(path.is_relative_to(folder.resolve()) for folder in limits.folders):
        raise InvalidDataSourceError(
            "This path is in none of the folders that may be scanned; name one, or add its folder to "
            "classification.folders in the settings",
            "path_not_allowed",
        )
    return path


def _allowed_url(address: str, limits: SourceLimits) -> URL:
    policy = scan_policy().registered
    try:
        url = parse_address(address)
    except SourceNotFoundError as error:
        raise InvalidDataSourceError(str(error), "address_form") from None
    if url.get_backend_name() == "sqlite":
        return url.set(database=str(_allowed_path(url.database or "", limits)), query={})
    if url.get_backend_name() not in policy.dialects:
        message = f"{url.get_backend_name()}: not among the databases that policy allows"
        raise InvalidDataSourceError(message, "database_kind")
    if refused := url.query.keys() - policy.options:
        message = f"options {', '.join(sorted(refused))}: not among those that policy allows"
        raise InvalidDataSourceError(message, "database_options")
    return url


def _password(reference: str, limits: SourceLimits) -> str:
    check_password_from(reference)
    kind, _, name = reference.partition(":")
    if kind == "env":
        password = os.environ.get(name)
    else:
        path = (limits.secrets or Path()) / name
        password = path.read_text(encoding="utf-8").strip() if limits.secrets and path.is_file() else None
    if not password:
        message = f"{reference}: there is no password there; set it where the scans run"
        raise InvalidDataSourceError(message, "password_missing")
    return password
