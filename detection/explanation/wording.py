"""A test in the words of Sigma: its modifier and its pattern."""

from __future__ import annotations

import re

from detection.rules.expression import (
    CidrTest,
    CompareTest,
    ExistsTest,
    ReferenceTest,
    RegexTest,
    Test,
    TextTest,
    TimeTest,
)
from detection.rules.pattern import Pattern, Wildcard

_SPECIAL = re.compile(r"([\\*?])")


def wording(test: Test) -> tuple[str, str]:
    """The modifier (``equals`` where Sigma writes none) and the pattern of a test."""
    said = "null", ""
    match test:
        case TextTest():
            modifier, pattern = _of_text(test.pattern)
            said = f"{modifier}|cased" if test.cased else modifier, pattern
        case RegexTest():
            said = "|".join(("re", *test.flags)), test.expression
        case CidrTest():
            said = "cidr", test.network
        case CompareTest():
            said = test.comparison, f"{test.number:g}"
        case TimeTest():
            said = test.unit, str(test.number)
        case ReferenceTest():
            modifiers = ["fieldref"] if test.placement == "equals" else ["fieldref", test.placement]
            said = "|".join([*modifiers, "cased"] if test.cased else modifiers), test.field
        case ExistsTest():
            said = "exists", "true"
    return said


def _of_text(pattern: Pattern) -> tuple[str, str]:
    """Wildcards at the ends are said by the modifier, those within stay in the pattern."""
    parts = list(pattern.parts)
    leads = len(parts) > 1 and parts[0] is Wildcard.MANY
    trails = len(parts) > 1 and parts[-1] is Wildcard.MANY
    modifier = {(True, True): "contains", (True, False): "endswith", (False, True): "startswith"}.get((leads, trails))
    kept = parts[1 if leads else 0 : len(parts) - 1 if trails else None]
    text = "".join(_SPECIAL.sub(r"\\\1", part) if isinstance(part, str) else part.value for part in kept)
    return modifier or "equals", text
