"""The arithmetic of evidence: chance, intervals, and reasons that add up."""

from __future__ import annotations

import math
from collections.abc import Iterable

_Z_95 = 1.959963984540054
_EXACT_TERMS = 60


def binomial_tail(trials: int, passes: int, chance: float) -> float:
    """Probability that at least ``passes`` of ``trials`` pass when each passes by chance.

    Below the expected number it is near 1 and isn't summed exactly: nothing is proved there.
    """
    if passes <= 0:
        return 1.0
    if passes <= trials * chance:
        return 1.0
    log_term = _log_binomial(trials, passes, chance)
    total, ratio = 1.0, 1.0
    for step in range(passes + 1, min(trials, passes + _EXACT_TERMS) + 1):
        ratio *= (trials - step + 1) / step * chance / (1 - chance)
        total += ratio
        if ratio < 1e-9:  # noqa: PLR2004 (no further digit changes)
            break
    return min(1.0, math.exp(log_term + math.log(total)))


def _log_binomial(trials: int, passes: int, chance: float) -> float:
    choose = math.lgamma(trials + 1) - math.lgamma(passes + 1) - math.lgamma(trials - passes + 1)
    return choose + passes * math.log(chance) + (trials - passes) * math.log1p(-chance)


def wilson_interval(hits: int, values: int) -> tuple[float, float]:
    """The 95 % interval of a share (E. B. Wilson, 1927)."""
    if not values:
        return 0.0, 1.0
    share, square = hits / values, _Z_95 * _Z_95
    middle = share + square / (2 * values)
    spread = _Z_95 * math.sqrt(share * (1 - share) / values + square / (4 * values * values))
    scale = 1 + square / values
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def noisy_or(weights: Iterable[float]) -> float:
    """What independent reasons amount to: 1 - (1-a)(1-b)… over their weights."""
    return 1 - math.prod(1 - weight for weight in weights)
