"""YAML files of rules: read with limits, cut into documents, and searched for the line of a key."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
import yaml

from detection.errors import DetectionError
from detection.rules.errors import KeyPath

MAX_FILE_BYTES = 4 << 20
_MAX_NODES = 200_000
_MAX_DEPTH = 40
_MANY_BRACKETS = 500
_DEEP_BLOCKS = re.compile(r"(?:[-?] +){50}|^ {200}", re.MULTILINE)


class DocumentError(DetectionError):
    """A file can't be read as YAML rules; ``line`` is where, counted from 1."""

    def __init__(self, message: str, line: int = 1) -> None:
        """Keep the line beside the message."""
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its file, its place among the file's documents, and its content."""

    path: Path
    index: int
    content: Mapping[str, object]

    @property
    def version(self) -> str:
        """SHA-256 of what the document says, the same however it is laid out."""
        try:
            spelled = orjson.dumps(self.content, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
        except TypeError:  # what JSON does not have: half a character, a number of more than 64 bits
            spelled = repr(self.content).encode("utf-8", "surrogatepass")
        return hashlib.sha256(spelled).hexdigest()


def documents_in(text: str, path: Path) -> list[Document]:
    """The documents of a file, empty ones left out; ``action: global|reset|repeat`` collections are unfolded.

    Raises:
        DocumentError: the text is no YAML, or goes beyond the limits.
    """
    try:
        _check_nesting(text)
        contents = list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line + 1) if error.problem_mark else 1
        raise DocumentError(f"not valid YAML: {error.problem or error.context}; correct it", line) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DocumentError(f"not valid YAML: {type(error).__name__}; correct it") from error
    documents = []
    for index, content in enumerate(contents):
        if content is None:
            continue
        if not isinstance(content, dict):
            raise DocumentError(
                "a rule must be a map of keys such as title, logsource and detection", _start(text, index)
            )
        _check_size(content, text, index)
        documents.append(Document(path, index, content))
    return list(_unfold(documents))


def read_bytes(path: Path) -> bytes:
    """What a file holds.

    Raises:
        DocumentError: it can't be read, or is larger than a file of rules may be.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            content = os.read(handle, min(os.fstat(handle).st_size, MAX_FILE_BYTES) + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror}; check the file and its permissions") from error
    if len(content) > MAX_FILE_BYTES:
        raise DocumentError(f"larger than {MAX_FILE_BYTES} bytes; split it")
    return content


def text_of_file(content: bytes) -> str:
    """The text of a file, with every line's end a line feed.

    Raises:
        DocumentError: it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise DocumentError("not UTF-8; save the file as UTF-8") from error


def _check_nesting(text: str) -> None:
    """Refuse nesting that would overflow the C stack of the YAML reader, before it is read.

    Walking the reader's events costs as much as reading, so only a text that may be nested deeply is walked.
    """
    if text.count("[") + text.count("{") < _MANY_BRACKETS and _DEEP_BLOCKS.search(text) is None:
        return
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise DocumentError(f"nested more than {_MAX_DEPTH} levels deep; simplify it", line)


def _check_size(content: object, text: str, index: int) -> None:
    """Refuse documents that aliases or nesting blow up beyond what any rule needs."""
    remaining = _MAX_NODES
    pending: list[tuple[object, int]] = [(content, 0)]
    while pending:
        node, depth = pending.pop()
        remaining -= 1
        if depth > _MAX_DEPTH or remaining < 0:
            raise DocumentError("nested or repeated beyond what a rule needs; simplify it", _start(text, index))
        if isinstance(node, dict):
            pending += [(child, depth + 1) for child in node.values()]
        elif isinstance(node, list):
            pending += [(child, depth + 1) for child in node]


def _unfold(documents: list[Document]) -> Iterator[Document]:
    """Apply the collection actions of Sigma: global keys join each later rule, repeat builds on the rule before."""
    shared: dict[str, object] = {}
    previous: dict[str, object] = {}
    for document in documents:
        content = dict(document.content)
        action = content.pop("action", None)
        if action == "global":
            shared = _merged(shared, content)
        elif action == "reset":
            shared = {}
        else:
            previous = _merged(previous if action == "repeat" else shared, content)
            yield Document(document.path, document.index, previous)


def _merged(base: Mapping[str, object], change: Mapping[str, object]) -> dict[str, object]:
    merged = dict(base)
    for key, value in change.items():
        present = merged.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            merged[key] = _merged(present, value)
        else:
            merged[key] = value
    return merged


def _start(text: str, index: int) -> int:
    return line_in(text, index)


def line_of(path: Path, index: int, where: KeyPath = ()) -> int:
    """The line, from 1, of a key within a file's document; of the nearest key above it when it is not there.

    The file may have changed since it was read: where the document is not found any more, it is the first line.
    """
    try:
        return line_in(path.read_text(encoding="utf-8-sig"), index, where)
    except (OSError, ValueError, yaml.YAMLError):
        return 1


def starts_of(text: str) -> list[int]:
    """The line, from 1, on which each document of a file begins."""
    nodes = yaml.compose_all(text, Loader=yaml.CSafeLoader)
    return [node.start_mark.line + 1 if node is not None else 1 for node in nodes]


def line_in(text: str, index: int, where: KeyPath = ()) -> int:
    """``line_of`` in the text of a file."""
    for number, node in enumerate(yaml.compose_all(text, Loader=yaml.CSafeLoader)):
        if number == index and node is not None:
            return _line_below(node, where)
    return 1


def _line_below(node: yaml.Node, where: KeyPath) -> int:
    line = node.start_mark.line + 1
    for step in where:
        found = None
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = (node.value[step], node.value[step])
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line
