"""Holds what people write against the limits of policy."""

from __future__ import annotations

from incidents.errors import InvalidIncidentError
from incidents.flow import flow_policy


def checked_title(text: str) -> str:
    """A title, stripped.

    Raises:
        InvalidIncidentError: it is empty or too long.
    """
    return _checked("The title", text, flow_policy().limits.title)


def checked_text(text: str) -> str:
    """A text that must not be empty, stripped.

    Raises:
        InvalidIncidentError: it is empty or too long.
    """
    return _checked("The text", text, flow_policy().limits.text)


def checked_reason(text: str | None) -> str:
    """A reason that must be given, stripped.

    Raises:
        InvalidIncidentError: it is missing or too long.
    """
    return _checked("The reason", text or "", flow_policy().limits.reason)


def bounded_text(text: str) -> str:
    """A text that may be empty, stripped.

    Raises:
        InvalidIncidentError: it is too long.
    """
    return checked_text(text) if text.strip() else ""


def _checked(what: str, text: str, maximum: int) -> str:
    stripped = text.strip()
    if not stripped:
        raise InvalidIncidentError(f"{what} needs words")
    if "\0" in stripped:
        raise InvalidIncidentError(f"{what} holds a character that no text has (NUL); remove it")
    if len(stripped) > maximum:
        raise InvalidIncidentError(f"{what} has at most {maximum} characters; shorten it")
    return stripped
