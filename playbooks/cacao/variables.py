"""Variables of a workflow: reading them, and putting their values into texts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

from playbooks.errors import VariableError

_USE = re.compile(r"(__[a-zA-Z_][a-zA-Z0-9_-]{0,199}?__):value")

Variables = Mapping[str, str | None]


def names_in(text: str) -> set[str]:
    """The variables that a text uses (``__name__:value``)."""
    return set(_USE.findall(text))


def value_of(variables: Variables, name: str) -> str:
    """A variable's value.

    Raises:
        VariableError: it is unknown or has no value.
    """
    if name not in variables:
        raise VariableError(f"{name}: no such variable; declare it in playbook_variables or step_variables")
    value = variables[name]
    if value is None:
        raise VariableError(f"{name}: has no value yet; give it when the run is started, or set it in an earlier step")
    return value


def fill(text: str, variables: Variables, encode: Callable[[str], str] = str) -> str:
    """The text with every variable replaced by its value, once: a value that looks like a variable stays a value.

    Raises:
        VariableError: a variable is unknown or has no value.
    """
    return _USE.sub(lambda use: encode(value_of(variables, use.group(1))), text)


def fill_target(text: str, variables: Variables) -> str:
    """A request target; values are percent-encoded (RFC 3986 §2.1), so that none reaches beyond its place."""
    return fill(text, variables, lambda value: quote(value, safe=""))


def fill_content(text: str, variables: Variables) -> str:
    """A request's content; in JSON values stay within the texts they stand in."""
    try:
        document = json.loads(text)
    except ValueError:
        return fill(text, variables)
    return json.dumps(fill_all(document, variables), ensure_ascii=False, separators=(",", ":"))


def fill_all(value: object, variables: Variables) -> object:
    """A JSON value with the variables in all of its texts replaced."""
    if isinstance(value, str):
        return fill(value, variables)
    if isinstance(value, Mapping):
        return {str(name): fill_all(item, variables) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [fill_all(item, variables) for item in value]
    return value
