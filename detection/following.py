"""Rules that follow their files: what changes on disk is taken over, what breaks there is not.

A file that can't be used any more leaves its last good version in force and is told of, as is a folder that is gone.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict

from detection.loading import rules_of
from detection.routing import RoutingPolicy
from detection.rules import FileReading, ReadingCache, RuleSet, UnsupportedRule, read_files, rule_files
from detection.rules.documents import DocumentError, read_bytes
from detection.rules.gathering import stamps_of
from detection.rules.placeholders import load_placeholders
from detection.rules.reading import read_file, unreadable
from detection.rules.settings import duration_ms
from policies import load_policy

_Problems: TypeAlias = Mapping[Path, frozenset[tuple[str, str]]]
_HELD_BACK = "the version loaded before stays in force"
_GONE = "it is gone; its rules stay in force until it is back, or the program is started without it"


class LoadingPolicy(BaseModel):
    """``policies/detection/loading.yml``; ``look`` in milliseconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    look: Annotated[int, BeforeValidator(duration_ms)]


@cache
def load_loading_policy() -> LoadingPolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("detection/loading.yml", LoadingPolicy)


class FollowedRules:
    """The rules of files and folders as they are in force. One thread at a time."""

    def __init__(
        self, paths: Sequence[Path], policy: RoutingPolicy | None = None, reading_cache: ReadingCache | None = None
    ) -> None:
        """Load them as they are now."""
        self._paths = paths
        self._policy = policy
        self._placeholders = load_placeholders()
        self._seen = stamps_of(paths)
        self._stamps = dict(self._seen)
        self._latest = {each.path: each for each in read_files(paths, self._placeholders, reading_cache)}
        self._good = dict(self._latest)
        self.rule_set = rules_of(self._good.values(), policy)
        """The rules in force, and what is not, with the reason."""
        self._problems = _by_path(self.rule_set.unsupported)
        self._gone = self._absent()

    def look(self) -> bool:
        """Look at the files; returns whether ``rule_set`` has changed."""
        before, self._seen = self._seen, stamps_of(self._paths)
        gone = self._absent()
        changed = [name for name in {**self._stamps, **self._seen} if self._seen.get(name) != self._stamps.get(name)]
        settled = [name for name in changed if self._seen.get(name) == before.get(name)]
        read_anew = [self._read_again(name) for name in settled if not self._is_hidden(Path(name), gone)]
        if not any(read_anew) and gone == self._gone:
            return False
        self._gone = gone
        self._put_in_force()
        return True

    def _absent(self) -> frozenset[Path]:
        return frozenset(path for path in self._paths if not path.exists())

    def _is_hidden(self, path: Path, gone: frozenset[Path]) -> bool:
        """Whether a file may still be there, in a folder that is gone or can't be looked into."""
        if str(path) in self._seen:
            return False
        return any(folder in gone or str(folder) in self._seen for folder in (path, *path.parents))

    def _read_again(self, name: str) -> bool:
        """Read a file that has changed; returns whether it says anything else than before."""
        path, stamp = Path(name), self._seen.get(name)
        before = self._latest.pop(path, None)
        if stamp is None:
            del self._stamps[name]
            return before is not None
        self._stamps[name] = stamp
        try:
            reading = read_file(path, read_bytes(path), self._placeholders)
        except DocumentError as error:
            reading = unreadable(path, error)
        same = before is not None and _content(before) == _content(reading)
        self._latest[path] = before if before is not None and same else reading
        return not same

    def _put_in_force(self) -> None:
        """Put the latest of every file in force, but the last good version of what would break something anew."""
        latest = {path: self._latest[path] for path in self._order()}
        held: dict[Path, list[UnsupportedRule]] = {}
        while True:
            chosen = {path: self._good[path] if path in held else each for path, each in latest.items()}
            rule_set = rules_of(chosen.values(), self._policy)
            broken = self._broken(rule_set, held)
            if not broken:
                break
            held |= broken
        self._good = chosen
        self._problems = _by_path(rule_set.unsupported)
        told = [_held_back(each) for problems in held.values() for each in problems]
        gone = [UnsupportedRule("", path, 1, _GONE) for path in sorted(self._gone)]
        unsupported = [*rule_set.unsupported, *told, *gone]
        self.rule_set = RuleSet(rule_set.rules, unsupported, rule_set.documents, rule_set.correlations)

    def _broken(self, rule_set: RuleSet, held: Iterable[Path]) -> dict[Path, list[UnsupportedRule]]:
        """The changed files that have problems which their last good version did not have, where there is one."""
        broken: dict[Path, list[UnsupportedRule]] = defaultdict(list)
        for problem in rule_set.unsupported:
            good = self._good.get(problem.path)
            if good is None or good.is_empty() or good is self._latest.get(problem.path) or problem.path in held:
                continue
            if (problem.id, problem.reason) not in self._problems.get(problem.path, ()):
                broken[problem.path].append(problem)
        return broken

    def _order(self) -> list[Path]:
        """The paths of the latest readings, in the order in which they are loaded."""
        found = [path for path in rule_files(self._paths) if path in self._latest]
        hidden = (path for path in self._latest if not path.is_dir() or not os.access(path, os.R_OK | os.X_OK))
        return list(dict.fromkeys([*found, *hidden]))


def _by_path(problems: Iterable[UnsupportedRule]) -> _Problems:
    found: dict[Path, set[tuple[str, str]]] = defaultdict(set)
    for each in problems:
        found[each.path].add((each.id, each.reason))
    return {path: frozenset(each) for path, each in found.items()}


def _held_back(problem: UnsupportedRule) -> UnsupportedRule:
    return UnsupportedRule(problem.id, problem.path, problem.line, f"{problem.reason}; {_HELD_BACK}")


def _content(reading: FileReading) -> tuple[object, ...]:
    """What tells whether two readings of a file differ."""
    rules = [(rule.id, rule.version, rule.line) for rule in reading.rules]
    documents = [each.content for each in (*reading.correlations, *(document for document, _ in reading.filters))]
    return rules, documents, reading.problems
