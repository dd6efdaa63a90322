"""What a rule says of itself, whatever it evaluates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from detection.rules.settings import RuleSettings

_TECHNIQUE = re.compile(r"attack\.(t\d{4}(?:\.\d{3})?)", re.IGNORECASE)
_TACTIC = re.compile(r"attack\.([a-z][a-z-]*[a-z])", re.IGNORECASE)


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


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DescribedRule:
    """What rules over single events and correlations over several have in common.

    Attributes:
        id: the rule's own id; a rule without one is named after what it says of itself.
        line: where the rule's document starts in ``path``, from 1.
        sources: what the rule was derived from (its document's ``references``).
        settings: how the rule's matches are grouped, where it says so itself.
        version: SHA-256 of what the rule's document says.
    """

    id: str
    title: str
    level: Level
    path: Path
    line: int = 1
    name: str | None = None
    status: str | None = None
    description: str = ""
    author: str = ""
    date: str | None = None
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    falsepositives: tuple[str, ...] = ()
    settings: RuleSettings = field(default_factory=RuleSettings)
    version: str = ""

    @property
    def technique_ids(self) -> list[str]:
        """ATT&CK techniques among the tags, as ``T1059.001``."""
        return _among(self.tags, _TECHNIQUE, str.upper)

    @property
    def tactics(self) -> list[str]:
        """ATT&CK tactics among the tags by their short names, as ``defense-evasion``."""
        return _among(self.tags, _TACTIC, str.lower)

    def described(self) -> dict[str, Any]:
        """All this by its names, for another rule that says the same of itself."""
        return {each.name: getattr(self, each.name) for each in fields(DescribedRule)}


def _among(tags: Iterable[str], kind: re.Pattern[str], spelled: Callable[[str], str]) -> list[str]:
    return [spelled(found.group(1)) for tag in tags if (found := kind.fullmatch(tag))]
