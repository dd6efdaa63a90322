"""Templated API paths: which template a called path belongs to."""

from __future__ import annotations

import re
from typing import Generic, TypeVar
from urllib.parse import unquote

ANY_METHOD = ""
_PARAMETER = re.compile(r"\{[^{}/]+\}")
Value = TypeVar("Value")


def path_segments(path: str) -> tuple[str, ...]:
    """The segments of a called path: without query, percent-decoded, with dots resolved (RFC 3986 §5.2.4)."""
    kept: list[str] = []
    for part in path.partition("?")[0].partition("#")[0].split("/"):
        segment = unquote(part) if "%" in part else part
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    return tuple(kept)


def template_shape(template: str) -> tuple[str | None, ...]:
    """The segments of a template, None for a parameter: templates of one shape fit the same paths.

    Raises:
        ValueError: braces that are not one whole segment, or no leading slash.
    """
    if not template.startswith("/") or "?" in template or "#" in template:
        raise ValueError("a path begins with / and has no query, as in /v1/persons/{id}")
    shape: list[str | None] = []
    for segment in path_segments(template):
        if _PARAMETER.fullmatch(segment):
            shape.append(None)
        elif "{" in segment or "}" in segment:
            raise ValueError("a parameter is a whole segment of the path, as in /v1/persons/{id}")
        else:
            shape.append(segment)
    return tuple(shape)


class _Node(Generic[Value]):
    """A place in the tree of segments; ``values`` is by method."""

    __slots__ = ("literals", "parameter", "values")

    def __init__(self) -> None:
        """An empty place."""
        self.literals: dict[str, _Node[Value]] = {}
        self.parameter: _Node[Value] | None = None
        self.values: dict[str, Value] = {}


class PathTable(Generic[Value]):
    """Templates with their methods and values.

    Where several fit, the leftmost segment in which they differ decides, a literal before a parameter; a template for
    the very method comes before one for any method.
    """

    def __init__(self) -> None:
        """A table without templates."""
        self._root: _Node[Value] = _Node()

    def add(self, method: str, template: str, value: Value) -> None:
        """Add a template; an empty method stands for any. Of two of one shape and method the first counts.

        Raises:
            ValueError: it is no template.
        """
        node = self._root
        for segment in template_shape(template):
            if segment is None:
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Node())
        node.values.setdefault(method.upper(), value)

    def find(self, method: str, path: str) -> Value | None:
        """The value of the template that a called path belongs to."""
        segments = path_segments(path)
        for wanted in (method.upper(), ANY_METHOD):
            found = _find(self._root, segments, wanted, 0)
            if found is not None:
                return found
        return None


def _find(node: _Node[Value], segments: tuple[str, ...], method: str, depth: int) -> Value | None:
    if depth == len(segments):
        return node.values.get(method)
    literal = node.literals.get(segments[depth])
    if literal is not None and (found := _find(literal, segments, method, depth + 1)) is not None:
        return found
    return _find(node.parameter, segments, method, depth + 1) if node.parameter is not None else None
