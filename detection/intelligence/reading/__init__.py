"""Reading indicators from what others publish: STIX 2.1, CSV, MISP and plain lists."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import BinaryIO

from detection.intelligence.policy import IntelligencePolicy, load_intelligence_policy
from detection.intelligence.reading.csv_table import check_csv, read_csv
from detection.intelligence.reading.gathering import Gathering, NewIndicator, Problem, Reading
from detection.intelligence.reading.misp import read_misp
from detection.intelligence.reading.plain_list import check_list, read_list
from detection.intelligence.reading.stix import read_stix


class IndicatorFormat(StrEnum):
    """In what form indicators come; ``list`` is one value a line."""

    STIX = "stix"
    CSV = "csv"
    MISP = "misp"
    LIST = "list"


_READERS: dict[IndicatorFormat, Callable[[BinaryIO, Gathering], Iterator[None]]] = {
    IndicatorFormat.STIX: read_stix,
    IndicatorFormat.CSV: read_csv,
    IndicatorFormat.MISP: read_misp,
    IndicatorFormat.LIST: read_list,
}
_CHECKS: dict[IndicatorFormat, Callable[[BinaryIO], None]] = {
    IndicatorFormat.CSV: check_csv,
    IndicatorFormat.LIST: check_list,
}
"""Of the forms that are read line by line: whether the whole can be read. The others are read as a whole first."""


def stream_indicators(
    file: BinaryIO, form: IndicatorFormat, source: str, policy: IntelligencePolicy | None = None
) -> Iterator[Reading]:
    """The indicators of a document, and what in it is none, by id or line and reason, part by part.

    A part is as large as what is imported at once; of a table or a list no more than that is in memory. The same value
    counts once in each part. The limit on time is about reading alone, whatever is done with a part meanwhile.

    Args:
        file: the document as received; it is read twice.
        form: what it is.
        source: whose the indicators are where the document does not say.
        policy: limits and defaults; the product's own by default.

    Raises:
        IntelligenceError: the document as a whole can't be read, or is beyond a limit.
    """
    gathering = Gathering(policy or load_intelligence_policy(), source)
    gathering.check_size(file.seek(0, io.SEEK_END))
    file.seek(0)
    if form in _CHECKS:
        _CHECKS[form](file)
        file.seek(0)
    for _ in _READERS[form](file, gathering):
        if gathering.held >= gathering.policy.import_batch:
            with gathering.paused():
                yield gathering.taken()
    yield gathering.taken()


__all__ = ["IndicatorFormat", "NewIndicator", "Problem", "Reading", "stream_indicators"]
