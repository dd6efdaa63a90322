"""Shapes: the patterns of all identifiers, each expression once, with the tests its candidates face."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from classification.identifiers import Pattern, load_identifiers
from classification.identifiers.checks import CHECKS, Check

_LONGEST_AFTER_ANCHOR = 256
# Look-arounds name ASCII, since to \b a Chinese character is part of a word.
_BOUNDARIES = {
    "alnum": (r"(?<![0-9A-Za-z])(?<![0-9][.-])", r"(?![0-9A-Za-z])(?![.-][0-9])"),
    "address": (r"(?<![0-9A-Za-z])(?<![0-9][.])(?<![A-Za-z][/-])", r"(?![0-9A-Za-z])(?!\.[0-9])"),
    "octets": (r"(?<![0-9A-Za-z])(?<![:-][0-9A-Fa-f]{2}[:-])", r"(?![0-9A-Za-z])(?![:-][0-9A-Fa-f]{2}(?![0-9A-Za-z]))"),
    "groups": (
        r"(?<![0-9A-Za-z])" + "".join(rf"(?<!:[0-9A-Fa-f]{{{length}}}:)" for length in range(1, 5)),
        r"(?![0-9A-Za-z])(?!\.[0-9])(?!:[0-9A-Fa-f])",
    ),
    "none": ("", ""),
}


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """What a candidate of a shape has to pass to be one identifier; each is there once."""

    category: str
    pattern: Pattern
    check: Check


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One expression and the tests that its candidates face; each is there once.

    Attributes:
        expression: what Hyperscan looks for.
        regex: what a candidate is, exactly; over UTF-8 bytes.
        anchored: the expression is only part of a candidate, so the regex is searched around it.
        reach: at most so many bytes of a candidate stand before what the expression matches.
        tests: in the order of precedence.
        alone: some candidate of it counts without a context word.
        bounded: what the expression matches is the candidate and one character before and behind it.
    """

    expression: str
    regex: re.Pattern[bytes]
    anchored: bool
    reach: int
    tests: tuple[Test, ...]
    alone: bool
    bounded: bool

    def extents(self, data: bytes, start: int, end: int, after: int = 0) -> tuple[int, int] | None:
        """Where the candidate lies that Hyperscan saw between two offsets; None where look-arounds refuse it.

        Args:
            data: the text.
            start: where the expression begins to match.
            end: where its match ends.
            after: where the candidate before it ends, if the expression is only an anchor.
        """
        if self.anchored:
            found = self._around(data, max(after, start - self.reach), start, end)
        else:
            found = self.regex.match(data, start) or self.regex.match(data, start + 1)
        if found is None:
            return None
        return found.span("value") if "value" in self.regex.groupindex else found.span()

    def _around(self, data: bytes, first: int, start: int, end: int) -> re.Match[bytes] | None:
        """The leftmost match that holds the anchor; where it begins is sought in a few bytes only, whatever follows."""
        while first < start:
            found = self.regex.search(data, first, end + _LONGEST_AFTER_ANCHOR)
            if found is None or found.start() >= end:
                return None
            if found.end() > start:
                return self.regex.match(data, found.start())
            first = found.end()
        return self.regex.match(data, start)


@cache
def load_shapes() -> tuple[Shape, ...]:
    """Every shape of the identifiers shipped with the product."""
    tests: defaultdict[tuple[str, str, str], list[Test]] = defaultdict(list)
    for category, identifier in load_identifiers().identifiers.items():
        for pattern in identifier.patterns:
            key = (pattern.shape, pattern.anchor, pattern.boundary)
            tests[key].append(Test(category, pattern, CHECKS[pattern.check]))
    return tuple(_shape(*key, found) for key, found in tests.items())


def _shape(shape: str, anchor: str, boundary: str, tests: list[Test]) -> Shape:
    before, after = _BOUNDARIES[boundary]
    expression = anchor or _bounded(shape, boundary)
    return Shape(
        expression=expression.replace("(?P<value>", "(?:"),
        regex=re.compile((before + f"(?:{shape})" + after).encode()),
        anchored=bool(anchor),
        reach=tests[0].pattern.reach,
        tests=tuple(tests),
        alone=any(test.pattern.alone for test in tests),
        bounded=not anchor and boundary != "none" and "(?P<value>" not in shape,
    )


def _bounded(shape: str, boundary: str) -> str:
    """The shape with the characters around it, so that Hyperscan reports a run of digits once, not at every length."""
    if boundary == "none":
        return shape
    return f"(?:^|[^0-9A-Za-z])(?:{shape})(?:[^0-9A-Za-z]|$)"
