"""Rules from folders: every document becomes a rule, a filter, or an entry of what is unsupported and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import cast

from detection.rules.detection import parse_detection
from detection.rules.documents import Document, DocumentError, line_of, read_documents
from detection.rules.errors import RuleError
from detection.rules.filters import RuleFilter, apply_filters, parse_filter
from detection.rules.metadata import level_of, logsource_of, strings_of, text_of
from detection.rules.modifiers import Placeholders
from detection.rules.rule import Rule, RuleSet, UnsupportedRule
from detection.rules.settings import parse_settings

SUFFIXES = (".yml", ".yaml")


def read_rules(paths: Iterable[Path], placeholders: Placeholders | None = None) -> RuleSet:
    """Load every rule of the files and folders (searched through, in order of name).

    Args:
        paths: files, or folders with ``.yml`` and ``.yaml`` files.
        placeholders: values for ``%name%`` in items with the modifier ``expand``.

    Nothing is raised for a broken rule: it is listed in ``RuleSet.unsupported`` with file, line and reason.
    """
    loading = _Loading(placeholders or {})
    for path in rule_files(paths):
        loading.load(path)
    loading.finish()
    return RuleSet(list(loading.rules.values()), loading.unsupported, loading.correlations)


def rule_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files meant: a file is itself, a folder is its YAML files at any depth."""
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.suffix in SUFFIXES and each.is_file())
        else:
            yield path


class _Loading:
    """The rules gathered so far, by id."""

    def __init__(self, placeholders: Placeholders) -> None:
        self.rules: dict[str, Rule] = {}
        self.unsupported: list[UnsupportedRule] = []
        self.correlations: list[Document] = []
        self._filters: list[tuple[Document, RuleFilter]] = []
        self._placeholders = placeholders

    def load(self, path: Path) -> None:
        try:
            documents = read_documents(path)
        except DocumentError as error:
            self.unsupported.append(UnsupportedRule("", path, error.line, str(error)))
            return
        for document in documents:
            try:
                self._take(document)
            except RuleError as error:
                self._report(document, error)

    def finish(self) -> None:
        """Apply the filters once all rules are known."""
        for document, each in self._filters:
            try:
                apply_filters(self.rules, each)
            except RuleError as error:
                self._report(document, error)

    def _take(self, document: Document) -> None:
        content = document.content
        if "correlation" in content:
            self.correlations.append(document)
            return
        if "filter" in content:
            self._filters.append((document, parse_filter(content, self._placeholders)))
            return
        rule = _rule(document, self._placeholders)
        first = self.rules.setdefault(rule.id, rule)
        if first is not rule:
            raise RuleError(f"id {rule.id} is already that of {first.path}; give the rule an id of its own", ("id",))

    def _report(self, document: Document, error: RuleError) -> None:
        line = line_of(document.path, document.index, error.where)
        rule_id = str(document.content.get("id") or "")
        self.unsupported.append(UnsupportedRule(rule_id, document.path, line, str(error)))


def _rule(document: Document, placeholders: Placeholders) -> Rule:
    content = document.content
    if "detection" not in content:
        raise RuleError("no 'detection' section; this is no Sigma rule")
    title = text_of(content, "title")
    if not title:
        raise RuleError("a rule needs a title")
    logsource = logsource_of(content)
    return Rule(
        id=text_of(content, "id") or _derived_id(title, str(logsource)),
        title=title,
        level=level_of(content),
        logsource=logsource,
        expression=parse_detection(content["detection"], placeholders),
        path=document.path,
        line=line_of(document.path, document.index) if document.index else 1,
        name=text_of(content, "name") or None,
        status=text_of(content, "status") or None,
        description=text_of(content, "description"),
        author=text_of(content, "author"),
        date=text_of(content, "date") or None,
        tags=strings_of(content, "tags"),
        references=strings_of(content, "references"),
        falsepositives=strings_of(content, "falsepositives"),
        settings=parse_settings(content),
        fengsui=cast("Mapping[str, object]", content.get("fengsui", {})),
    )


def _derived_id(title: str, logsource: str) -> str:
    """A stable id for a rule that has none of its own (the specification makes it optional)."""
    return hashlib.blake2b(f"{title}\n{logsource}".encode(), digest_size=16).hexdigest()
