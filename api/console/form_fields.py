"""Reads the fields of a form, whatever came."""

from __future__ import annotations

from enum import Enum
from http import HTTPStatus
from typing import TypeVar

from starlette.datastructures import UploadFile

from api.access import Form
from api.dependencies import ApiDependencies
from api.moments import parse_moment
from api.problems import ProblemError

_LONGEST_NUMBER = 15
Choice = TypeVar("Choice", bound=Enum)


def text_of(form: Form, name: str) -> str:
    """A field's text, stripped; empty where there is none."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def number_of(form: Form, name: str) -> int:
    """A field's whole number; 0 where there is none."""
    text = text_of(form, name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER else 0


def moment_of(form: Form, name: str, dependencies: ApiDependencies) -> int | None:
    """A field's moment in ms, read in the installation's zone; None for an empty field.

    Raises:
        ProblemError: it is no time.
    """
    text = text_of(form, name)
    try:
        return parse_moment(text, dependencies.settings.time_zone) if text else None
    except ValueError as error:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_time", str(error)) from error


def choice_of(form: Form, name: str, choices: type[Choice]) -> Choice:
    """The one of some choices that a field names.

    Raises:
        ProblemError: it names none of them.
    """
    text = text_of(form, name)
    for choice in choices:
        if str(choice.value) == text:
            return choice
    raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_parameters", f"Choose one of the list for {name}")


def files_of(form: Form, name: str = "file") -> list[tuple[str, bytes]]:
    """The names and the contents of the files that came with the form."""
    files = []
    for file in form.getlist(name):
        if isinstance(file, UploadFile) and file.filename:
            with file.file as opened:
                files.append((file.filename, opened.read()))
    return files
