"""What reports say in one language, and how they write moments, levels and lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import RootModel

from policies.compliance import Importance
from policies.compliance.language import Language, Words
from policies.compliance.words import compliance_words
from policies.loader import load_policy

_CHINA = timezone(timedelta(hours=8))
_TEXTS = Path(__file__).with_name("texts.yml")
JUDGMENTS = ("fulfilled", "partly", "failed", "not_applicable", "unknown")


class _Texts(RootModel[dict[str, Words]]):
    """The file ``texts.yml``."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a report in one language."""

    language: Language

    def text(self, key: str, **values: object) -> str:
        """A text with what it names filled in."""
        return _texts()[key].of(self.language).format(**values)

    def heads(self, *keys: str) -> tuple[str, ...]:
        """Texts that name nothing, for instance the heads of a table."""
        return tuple(self.text(key) for key in keys)

    def judgment(self, code: str) -> str:
        """符合, 部分符合, …."""
        return compliance_words().judgments[code].of(self.language)

    def importance(self, code: str | None) -> str:
        """How much an item weighs."""
        return compliance_words().importance[Importance(code or Importance.ORDINARY)].of(self.language)

    def party(self, code: str) -> str:
        """Who answers for something."""
        return compliance_words().parties[code].of(self.language)

    def listed(self, parts: Iterable[str], separator: str = "comma") -> str:
        """Several things one after the other."""
        return self.text(separator).join(parts)

    def aside(self, text: str, more: str) -> str:
        """A text with something in brackets."""
        return self.text("aside", text=text, more=more)

    def level(self, assessment: Mapping[str, Any]) -> str:
        """A level with its pair, as people write it."""
        s, a = assessment["level_s"], assessment["level_a"]
        return self.text("level", chinese="〇一二三四五"[max(s, a)], number=max(s, a), s=s, a=a)

    def days(self, number: int) -> str:
        """So many days."""
        return self.text("day" if number == 1 else "days", n=number)

    def period(self, period: Sequence[int]) -> str:
        """From when until when, or one moment."""
        start, end = period
        return moment(end) if start == end else self.text("from_to", start=moment(start), end=moment(end))


def capitalized(text: str) -> str:
    """A name as it stands at the head of a column or a row."""
    return text[:1].upper() + text[1:]


def moment(ms: int) -> str:
    """A moment in China's time, as in 2026-11-22 09:30."""
    return datetime.fromtimestamp(ms / 1000, _CHINA).strftime("%Y-%m-%d %H:%M")


@cache
def _texts() -> dict[str, Words]:
    return load_policy(_TEXTS, _Texts).root
