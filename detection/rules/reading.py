"""One file of rules: every document becomes a rule, a filter, a correlation, or a problem with line and reason."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from detection.rules.detection import parse_detection
from detection.rules.documents import Document, DocumentError, documents_in, line_in, starts_of, text_of_file
from detection.rules.errors import RuleError
from detection.rules.filters import RuleFilter, parse_filter
from detection.rules.metadata import description_in, logsource_of, text_of
from detection.rules.modifiers import Placeholders
from detection.rules.rule import Detection, Rule, UnsupportedRule


@dataclass(frozen=True, slots=True)
class FileReading:
    """What a file holds; nothing in it has been compared with other files yet.

    Attributes:
        filters: each with the document that it stands in.
        correlations: their documents; what they refer to may stand in other files.
        problems: what can't be used.
    """

    path: Path
    rules: list[Rule] = field(default_factory=list)
    filters: list[tuple[Document, RuleFilter]] = field(default_factory=list)
    correlations: list[Document] = field(default_factory=list)
    problems: list[UnsupportedRule] = field(default_factory=list)

    def is_empty(self) -> bool:
        """Whether nothing in the file can be used."""
        return not (self.rules or self.filters or self.correlations)


def read_file(path: Path, content: bytes, placeholders: Placeholders) -> FileReading:
    """Read the content of a file. Nothing is raised for what is broken: it is among the problems."""
    reading = FileReading(path)
    try:
        text = text_of_file(content)
        documents = documents_in(text, path)
    except DocumentError as error:
        return unreadable(path, error)
    lines = starts_of(text) if any(document.index for document in documents) else []
    for document in documents:
        try:
            _take(reading, document, lines[document.index] if document.index else 1, placeholders)
        except RuleError as error:
            line = line_in(text, document.index, error.where)
            rule_id = str(document.content.get("id") or "")
            reading.problems.append(UnsupportedRule(rule_id, path, line, str(error)))
    return reading


def unreadable(path: Path, error: DocumentError) -> FileReading:
    """The reading of a file that as a whole can't be used."""
    return FileReading(path, problems=[UnsupportedRule("", path, error.line, str(error))])


def _take(reading: FileReading, document: Document, line: int, placeholders: Placeholders) -> None:
    content = document.content
    if "correlation" in content:
        reading.correlations.append(document)
    elif "filter" in content:
        reading.filters.append((document, parse_filter(content, placeholders)))
    else:
        reading.rules.append(_rule(document, line, placeholders))


def _rule(document: Document, line: int, placeholders: Placeholders) -> Rule:
    content = document.content
    if "detection" not in content:
        raise RuleError("no 'detection' section; this is no Sigma rule")
    title = text_of(content, "title")
    if not title:
        raise RuleError("a rule needs a title")
    logsource = logsource_of(content)
    return Rule(
        id=text_of(content, "id") or _derived_id(title, str(logsource)),
        **description_in(document, line),
        logsource=logsource,
        detection=Detection(parse_detection(content["detection"], placeholders)),
        fengsui=cast("Mapping[str, object]", content.get("fengsui", {})),
    )


def _derived_id(title: str, logsource: str) -> str:
    """A stable id for a rule that has none of its own (the specification makes it optional)."""
    return hashlib.blake2b(f"{title}\n{logsource}".encode(), digest_size=16).hexdigest()
