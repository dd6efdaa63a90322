"""A loaded rule, and one that could not be loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from detection.rules.described import DescribedRule
from detection.rules.expression import Expression
from detection.rules.expression_coding import coded, decoded


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


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rule(DescribedRule):
    """A Sigma rule ready to be compiled.

    Attributes:
        fengsui: everything under the rule's key of that name.
    """

    logsource: LogSource
    detection: Detection
    fengsui: Mapping[str, object] = field(default_factory=dict)

    @property
    def expression(self) -> Expression:
        """What the rule asks of an event."""
        return self.detection.expression


@dataclass(frozen=True, slots=True)
class UnsupportedRule:
    """A rule or file that is not evaluated, with the place and the reason; ``id`` is empty where there is none."""

    id: str
    path: Path
    line: int
    reason: str
