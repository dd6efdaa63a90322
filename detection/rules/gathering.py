"""Rules from folders: the files meant, what each holds, and all of it put together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from typing import TypeAlias

from detection.rules.documents import Document, DocumentError, line_of, read_bytes
from detection.rules.errors import RuleError
from detection.rules.filters import RuleFilter, apply_filters
from detection.rules.modifiers import Placeholders
from detection.rules.reading import FileReading, read_file, unreadable
from detection.rules.reading_cache import ReadingCache
from detection.rules.rule import Rule, UnsupportedRule
from detection.rules.rule_set import RuleSet

SUFFIXES = (".yml", ".yaml")
_NAME = attrgetter("name")

Stamp: TypeAlias = tuple[int, int, int]
"""Time of a file's last change (ns), its size, its inode."""


def rule_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files meant: a file is itself, a folder is its YAML files at any depth, in order of name."""
    for path in paths:
        if path.is_dir():
            yield from map(Path, _files_below(str(path)))
        else:
            yield path


def read_files(
    paths: Iterable[Path], placeholders: Placeholders, cache: ReadingCache | None = None
) -> list[FileReading]:
    """What each of the files and folders' files holds; those that the cache knows by their content are not parsed."""
    given = list(paths)
    kept = cache.open(given, placeholders) if cache else None
    readings = []
    for path in rule_files(given):
        try:
            content = read_bytes(path)
        except DocumentError as error:
            readings.append(unreadable(path, error))
            continue
        reading = kept.get(path, content) if kept else None
        if reading is None:
            reading = read_file(path, content, placeholders)
            if kept:
                kept.add(content, reading)
        readings.append(reading)
    if kept:
        kept.save()
    return readings


def put_together(readings: Iterable[FileReading]) -> RuleSet:
    """All rules with the filters that mean them; the first rule of an id counts, another is a problem."""
    gathered = _Gathered()
    for reading in readings:
        gathered.unsupported += reading.problems
        gathered.documents += reading.correlations
        gathered.filters += reading.filters
        for rule in reading.rules:
            gathered.take(rule)
    for document, each in gathered.filters:
        gathered.apply(document, each)
    return RuleSet(list(gathered.rules.values()), gathered.unsupported, gathered.documents)


def stamps_of(paths: Iterable[Path]) -> dict[str, Stamp]:
    """When each of the files meant last changed, by its path, as cheaply as it can be had."""
    stamps: dict[str, Stamp] = {}
    for path in paths:
        for name in _files_below(str(path)) if path.is_dir() else [str(path)]:
            with suppress(OSError):
                status = os.stat(name)  # noqa: PTH116 (of thousands of files, every few seconds)
                stamps[name] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return stamps


def _files_below(folder: str) -> Iterator[str]:
    """The files below a folder, in order of name; one that can't be looked into stands for itself, to be told of."""
    try:
        entries = sorted(os.scandir(folder), key=_NAME)
    except OSError:
        yield folder
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files_below(entry.path)
        elif entry.name.endswith(SUFFIXES) and entry.is_file():
            yield entry.path


class _Gathered:
    """The rules gathered so far, by id."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}
        self.unsupported: list[UnsupportedRule] = []
        self.documents: list[Document] = []
        self.filters: list[tuple[Document, RuleFilter]] = []

    def take(self, rule: Rule) -> None:
        first = self.rules.setdefault(rule.id, rule)
        if first is not rule:
            reason = f"id {rule.id} is already that of {first.path}; give the rule an id of its own"
            self.unsupported.append(UnsupportedRule(rule.id, rule.path, _line_of_id(rule), reason))

    def apply(self, document: Document, rule_filter: RuleFilter) -> None:
        try:
            apply_filters(self.rules, rule_filter)
        except RuleError as error:
            line = line_of(document.path, document.index, error.where)
            rule_id = str(document.content.get("id") or "")
            self.unsupported.append(UnsupportedRule(rule_id, document.path, line, str(error)))


def _line_of_id(rule: Rule) -> int:
    try:
        lines = rule.path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError):
        return rule.line
    below = enumerate(lines[rule.line - 1 :], rule.line)
    return next((number for number, line in below if line.startswith("id:")), rule.line)
