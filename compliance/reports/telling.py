"""A snapshot with the words to tell it in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeAlias

from compliance.reports.blocks import Block, Paragraph, Table
from compliance.reports.wording import JUDGMENTS, Wording

Snapshot: TypeAlias = Mapping[str, Any]
Item: TypeAlias = Mapping[str, Any]
PROBLEMS = ("failed", "partly")
NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Told:
    """What every part of a report is written from."""

    snapshot: Snapshot
    words: Wording

    @property
    def items(self) -> Sequence[Item]:
        """Every item, in the standard's order."""
        found: Sequence[Item] = self.snapshot["items"]
        return found

    def layers(self) -> Iterator[tuple[str, list[Item]]]:
        """The layers with their items."""
        return ((layer, list(inside)) for layer, inside in groupby(self.items, key=lambda each: str(each["layer"])))

    def counted(self, items: Sequence[Item]) -> str:
        """How many of them were judged so, in words; what none was is left out."""
        counts = {code: count for code, count in zip(JUDGMENTS, counts_of(items), strict=True) if count}
        said = [self.words.text("counted", name=self.words.judgment(code), n=n) for code, n in counts.items()]
        return self.words.listed(said)

    def judged(self, item: Item) -> str:
        """The judgment of an item, with a word where its failure is of high risk."""
        judgment = self.words.judgment(item["judgment"])
        return self.words.aside(judgment, self.words.text("high_risk")) if item["high_risk"] else judgment

    def table(self, heads: Sequence[str], widths: Sequence[int], rows: Sequence[tuple[str, ...]]) -> Block:
        """A table under these heads, without the columns that say nothing of any row; without rows a word for that."""
        if not rows:
            return Paragraph(self.words.text("none"))
        told = [column for column in range(len(heads)) if any(row[column] != NOTHING for row in rows)]

        def kept(row: Sequence[str]) -> tuple[str, ...]:
            return tuple(row[column] for column in told)

        return Table(kept(heads), tuple(widths[column] for column in told), [kept(row) for row in rows])

    def facts(self, *rows: tuple[str, str]) -> Table:
        """A table of names and what is said of each."""
        named = [(self.words.text(name), value) for name, value in rows]
        return Table(self.words.heads("what", "content"), (3, 9), named)


def counts_of(items: Sequence[Item]) -> list[int]:
    """How many items were judged so, for each judgment."""
    return [sum(each["judgment"] == judgment for each in items) for judgment in JUDGMENTS]


def weight(item: Item) -> tuple[bool, bool]:
    """Orders items: those of high risk first, then those of key weight."""
    return not item["high_risk"], item["importance"] != "key"
