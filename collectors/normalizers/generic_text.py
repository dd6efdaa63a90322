"""Lines that no other normalizer knows, as long as they say when they happened."""

from __future__ import annotations

import re

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.text_time import find_time_ms
from collectors.record import Reason, Record
from events import Event, format_timestamp

_LEVEL_SEARCHED = 256
_LEVEL = re.compile(
    r"(?<![A-Za-z])(?P<level>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE)(?![A-Za-z])",
    re.IGNORECASE,
)


class GenericTextNormalizer:
    """Any line with a time near its start."""

    name = "generic.text"

    def recognizes(self, record: Record) -> bool:
        """Whether the record is a line at all; one without a time is refused for that reason."""
        return record.text is not None

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event: time, message, and a level where the line names one."""
        text = record.text or ""
        moment = find_time_ms(text, context.zone)
        if moment is None:
            raise NormalizeError(Reason.NO_TIME, "no time near the line's start; name the source's format or add one")
        event: Event = {
            "@timestamp": format_timestamp(moment),
            "event.module": "generic",
            "event.dataset": "generic.text",
            "message": text,
        }
        level = _LEVEL.search(text[:_LEVEL_SEARCHED])
        if level is not None:
            event["log.level"] = level["level"].lower()
        return event
