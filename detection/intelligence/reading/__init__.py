"""Reading indicators from what others publish: STIX 2.1, CSV, MISP and plain lists."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from detection.intelligence.policy import IntelligencePolicy, load_intelligence_policy
from detection.intelligence.reading.csv_table import read_csv
from detection.intelligence.reading.gathering import Gathering, NewIndicator, Problem, Reading
from detection.intelligence.reading.misp import read_misp
from detection.intelligence.reading.plain_list import read_list
from detection.intelligence.reading.stix import read_stix


class IndicatorFormat(StrEnum):
    """In what form indicators come; ``list`` is one value a line."""

    STIX = "stix"
    CSV = "csv"
    MISP = "misp"
    LIST = "list"


_READERS: dict[IndicatorFormat, Callable[[bytes, Gathering], None]] = {
    IndicatorFormat.STIX: read_stix,
    IndicatorFormat.CSV: read_csv,
    IndicatorFormat.MISP: read_misp,
    IndicatorFormat.LIST: read_list,
}


def read_indicators(
    content: bytes, form: IndicatorFormat, source: str, policy: IntelligencePolicy | None = None
) -> Reading:
    """The indicators of a document, and what in it is none, by id or line and reason.

    Args:
        content: the document as received.
        form: what it is.
        source: whose the indicators are where the document does not say.
        policy: limits and defaults; the product's own by default.

    Raises:
        IntelligenceError: the document as a whole can't be read, or is beyond a limit.
    """
    gathering = Gathering(policy or load_intelligence_policy(), source)
    gathering.check_size(content)
    _READERS[form](content, gathering)
    return gathering.reading()


__all__ = ["IndicatorFormat", "NewIndicator", "Problem", "Reading", "read_indicators"]
