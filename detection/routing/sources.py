"""Which sources of the policy a rule's logsource means."""

from __future__ import annotations

from collections.abc import Sequence

from detection.routing.policy import Source
from detection.rules.rule import LogSource


def sources_of(logsource: LogSource, sources: Sequence[Source]) -> list[Source]:
    """The entry that is exactly this logsource, else all that have every part it names; none when it is unknown."""
    wanted = (logsource.product, logsource.category, logsource.service)
    exact = [source for source in sources if _parts(source) == wanted]
    if exact:
        return exact
    return [
        source
        for source in sources
        if all(part is None or part == own for part, own in zip(wanted, _parts(source), strict=True))
    ]


def _parts(source: Source) -> tuple[str | None, str | None, str | None]:
    return source.product, source.category, source.service
