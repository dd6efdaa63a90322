"""What a source gives, gathered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

from classification.sources import Batch, Problem, Resource, Source, TextBlock, UnreadableError, open_source


@dataclass
class Content:
    """Everything that one resource gave; ``columns`` are values by name, in the order of the columns."""

    columns: dict[str, list[object]] = field(default_factory=lambda: defaultdict(list))
    types: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    text: str = ""
    rows: int = 0
    problems: list[str] = field(default_factory=list)
    broken: str | None = None


def content_of(resource: Resource) -> Content:
    content = Content()
    try:
        for piece in resource.read():
            if isinstance(piece, Problem):
                content.problems.append(piece.detail)
            elif isinstance(piece, TextBlock):
                content.text += piece.text
                content.rows += piece.lines
            else:
                _add(content, piece)
    except UnreadableError as error:
        content.broken = str(error)
    return content


def _add(content: Content, batch: Batch) -> None:
    content.rows += batch.rows
    for column, values in zip(batch.columns, batch.values, strict=True):
        content.columns[column.name].extend(values)
        content.types[column.name] = column.type
        content.comments[column.name] = column.comment


def pieces_of(source: Source, ending: str) -> Generator[Batch, None, None]:
    """The rows, as they are read, of the table whose name ends so."""
    [table] = [each for each in source.resources() if not isinstance(each, Problem) and each.name.endswith(ending)]
    for piece in table.read():
        assert isinstance(piece, Batch)
        yield piece


def read_source(source: Source) -> tuple[dict[str, Content], list[str]]:
    """The content of each resource by its name, and the problems of those that can't be one."""
    found, problems = {}, []
    for each in source.resources():
        if isinstance(each, Problem):
            problems.append(each.detail)
        else:
            found[each.name] = content_of(each)
    return found, problems


def read_file(path: Path) -> Content:
    """The content of a file that holds one resource."""
    found, problems = read_source(open_source(str(path)))
    assert not problems, problems
    [content] = found.values()
    return content
