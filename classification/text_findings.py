"""What running text holds, from the hits in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import sqrt

from classification.columns import ColumnFinding, Evidence
from classification.sources import TextBlock
from classification.text import Hit, TextScanner

_SAMPLES = 3
_Z = 1.96  # 95 % of a normal distribution lie within so many standard deviations


class TextFindings:
    """Counts hits and the lines that hold them; a text of any length takes the same memory."""

    def __init__(self, scanner: TextScanner) -> None:
        """Start with nothing."""
        self._scanner = scanner
        self._lines = 0
        self._hits: Counter[str] = Counter()
        self._lines_hit: Counter[str] = Counter()
        self._confidence: dict[str, float] = defaultdict(float)
        self.samples: dict[str, list[str]] = defaultdict(list)

    def add(self, block: TextBlock) -> None:
        """Look at a block of whole lines."""
        self._lines += block.lines
        last_line: dict[str, int] = {}
        for hit in self._scanner.find(block.text):
            self._count(hit, block.text)
            begins = block.text.rfind("\n", 0, hit.start)
            if last_line.get(hit.category) != begins:
                last_line[hit.category] = begins
                self._lines_hit[hit.category] += 1

    def _count(self, hit: Hit, text: str) -> None:
        self._hits[hit.category] += 1
        self._confidence[hit.category] = max(self._confidence[hit.category], hit.confidence)
        if len(self.samples[hit.category]) < _SAMPLES:
            self.samples[hit.category].append(text[hit.start : hit.end])

    def findings(self) -> Sequence[ColumnFinding]:
        """The categories found, the surest first; prevalence is the share of lines."""
        found = [self._finding(category) for category in self._hits]
        return sorted(found, key=lambda each: (-each.confidence, -each.hits, each.category))

    def _finding(self, category: str) -> ColumnFinding:
        hits, lines, confidence = self._hits[category], self._lines_hit[category], self._confidence[category]
        detail = f"{hits} hits in {lines} of {self._lines} lines"
        return ColumnFinding(
            category=category,
            confidence=confidence,
            prevalence=lines / self._lines,
            prevalence_interval=_wilson(lines, self._lines),
            hits=hits,
            values=self._lines,
            evidence=(
                Evidence("pattern", confidence, detail, "hits_in_lines", (str(hits), str(lines), str(self._lines))),
            ),
        )


def _wilson(hits: int, values: int) -> tuple[float, float]:
    """Wilson score interval of a share at 95 %."""
    share, spread = hits / values, _Z**2 / values
    middle = share + spread / 2
    reach = _Z * sqrt((share * (1 - share) + spread / 4) / values)
    return max(0.0, (middle - reach) / (1 + spread)), min(1.0, (middle + reach) / (1 + spread))
