"""A loaded rule, what could not be loaded, and the two together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from detection.rules.documents import Document
from detection.rules.expression import Expression
from detection.rules.expression_coding import coded, decoded
from detection.rules.settings import RuleSettings

if TYPE_CHECKING:
    from detection.correlation.rule import CorrelationRule

_TECHNIQUE = re.compile(r"attack\.(t\d{4}(?:\.\d{3})?)", re.IGNORECASE)
_TACTIC = re.compile(r"attack\.([a-z][a-z-]*[a-z])", re.IGNORECASE)


def techniques_among(tags: Iterable[str]) -> list[str]:
    """ATT&CK techniques among tags, as ``T1059.001``."""
    return [found.group(1).upper() for tag in tags if (found := _TECHNIQUE.fullmatch(tag))]


def tactics_among(tags: Iterable[str]) -> list[str]:
    """ATT&CK tactics among tags by their short names, as ``defense-evasion``."""
    return [found.group(1).lower() for tag in tags if (found := _TACTIC.fullmatch(tag))]


class Level(StrEnum):
    """How bad a match is (Sigma rules specification 2.1, "Level")."""

    INFORMATIONAL = "informational"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def severity(self) -> int:
        """0 (informational) to 4 (critical)."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class LogSource:
    """Where a rule's events come from; None leaves a part open."""

    product: str | None = None
    category: str | None = None
    service: str | None = None

    def __str__(self) -> str:
        """The parts that are set, as rules write them."""
        parts = (("product", self.product), ("category", self.category), ("service", self.service))
        return " ".join(f"{name}={value}" for name, value in parts if value) or "(empty)"


class Detection:
    """What a rule asks of an event. One that was kept as text is decoded when somebody first wants to know it."""

    __slots__ = ("_content",)

    def __init__(self, content: Expression | str) -> None:
        """Take the expression, or the text that ``as_text`` gave."""
        self._content = content

    @property
    def expression(self) -> Expression:
        """Its predicates, joined by and, or, not."""
        if isinstance(self._content, str):
            self._content = decoded(orjson.loads(self._content))
        return self._content

    def as_text(self) -> str:
        """The expression as JSON.

        Raises:
            TypeError: there is half a character (a lone surrogate) in it, which JSON does not have.
        """
        content = self._content
        return content if isinstance(content, str) else orjson.dumps(coded(content)).decode()


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A Sigma rule ready to be compiled.

    Attributes:
        id: the rule's own id; a rule without one is named after its title and logsource.
        line: where the rule's document starts in ``path``, from 1.
        version: SHA-256 of what the rule's document says.
        settings: how the rule's matches are grouped, where it says so itself.
        fengsui: everything under the rule's key of that name.
    """

    id: str
    title: str
    level: Level
    logsource: LogSource
    detection: Detection
    path: Path
    line: int = 1
    name: str | None = None
    status: str | None = None
    description: str = ""
    author: str = ""
    date: str | None = None
    tags: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    falsepositives: tuple[str, ...] = ()
    settings: RuleSettings = field(default_factory=RuleSettings)
    fengsui: Mapping[str, object] = field(default_factory=dict)
    version: str = ""

    @property
    def expression(self) -> Expression:
        """What the rule asks of an event."""
        return self.detection.expression

    @property
    def technique_ids(self) -> list[str]:
        """ATT&CK techniques among the tags, as ``T1059.001``."""
        return techniques_among(self.tags)

    @property
    def tactics(self) -> list[str]:
        """ATT&CK tactics among the tags by their short names, as ``defense-evasion``."""
        return tactics_among(self.tags)


@dataclass(frozen=True, slots=True)
class UnsupportedRule:
    """A rule or file that is not evaluated, with the place and the reason; ``id`` is empty where there is none."""

    id: str
    path: Path
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules that can be evaluated, and all that were found but can't be.

    Attributes:
        documents: correlation documents as read; ``detection.loading`` makes the correlations of them.
        correlations: the correlations whose rules are all among ``rules`` or ``correlations``.
    """

    rules: list[Rule]
    unsupported: list[UnsupportedRule]
    documents: Sequence[Document] = ()
    correlations: Sequence[CorrelationRule] = ()
